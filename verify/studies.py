"""Bounds held against a whole study, drawn from its store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bounds import Bound
from empirics import InputError
from empirics.sweeps import Store, Study, read_result
from verify.checking import check
from verify.verdict import Verdicts

__all__ = ["check_study"]


def check_study(
    bound: Bound, study: Study, store: Store | Path | str, **how: Any
) -> dict[str, Verdicts]:
    """Verdicts on every cell of a study, by the cell's label; nothing is computed again.

    Args:
        bound: from the catalogue, or the user's own.
        study: whose cells ``python -m empirics run`` has finished.
        store: where they are, or its folder.
        **how: further arguments of :func:`verify.check`. Limits hold together within a cell;
            divide ``1 - confidence_level`` by the number of cells for all together.

    Raises:
        InputError: an argument is something else, a cell is not finished, or its file is damaged.
    """
    for name, value, kind in (("bound", bound, Bound), ("study", study, Study)):
        if not isinstance(value, kind):
            made = "bounds.get(name)" if kind is Bound else "empirics.sweeps.load(path)"
            raise InputError(f"{name} = {value!r}: must be a {kind.__name__}, such as {made}")
    if isinstance(store, str | Path):
        store = Store(store)
    if not isinstance(store, Store):
        raise InputError(f"store = {store!r}: must be a Store, or the path of its folder")
    return {cell.label: check(bound, read_result(store, cell), **how) for cell in study.cells}
