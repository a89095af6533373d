"""Results drawn from a store: computed if they are missing, read if they are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.result import Result
from empirics.sweeps.cell import Cell, cell_of
from empirics.sweeps.encoding import DamagedError
from empirics.sweeps.store import Store
from empirics.sweeps.sweeping import Report, Sweep

__all__ = ["IncompleteError", "read_result", "results"]


class IncompleteError(InputError):
    """Some cells could not be computed; the rest are in the store."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = "; ".join(map(str, report.failures))
        super().__init__(f"{len(report.failures)} of {report.total} cells failed twice: {lines}")


def read_result(store: Store, cell: Cell) -> Result:
    """The result of a finished cell.

    Raises:
        InputError: the cell is not finished, or its file is damaged.
    """
    if not store.path(cell.key).exists():
        raise InputError(f"store {store.folder}: cell {cell.label} ({cell.key[:8]}) is not there")
    try:
        frame, manifest = store.read(cell.key)
    except DamagedError as damage:
        raise InputError(f"store {store.folder}: {cell.key[:8]} {damage}") from None
    return Result(cell.experiment, frame, manifest["seconds"])


def results(experiments: Mapping[str, Experiment], store: Store, **how: Any) -> dict[str, Result]:
    """Results of experiments by name, the same numbers as :func:`empirics.run` gives.

    Args:
        experiments: what to run.
        store: where results are kept.
        **how: ``workers``, ``cluster`` and ``limit`` of :class:`Sweep`.

    Raises:
        IncompleteError: an experiment failed.
        InputError: an experiment has no canonical description.
    """
    cells = {name: cell_of(e, {"name": name}) for name, e in experiments.items()}
    sweep = Sweep(cells.values(), store, **how)
    for _ in sweep:
        pass
    if sweep.report.failures:
        raise IncompleteError(sweep.report)
    return {name: read_result(store, cell) for name, cell in cells.items()}
