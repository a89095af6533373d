"""Bounds held against a whole study, drawn from its store."""

from __future__ import annotations

from typing import Any

from bounds import Bound
from bounds.errors import ParameterError
from empirics.sweeps import Store, Study, read_result
from verify.checking import check
from verify.verdict import Verdicts

__all__ = ["check_study"]


def check_study(bound: Bound, study: Study, store: Store, **how: Any) -> dict[str, Verdicts]:
    """Verdicts on every cell of a study, by the cell's label; nothing is computed again.

    Args:
        bound: from the catalogue, or the user's own.
        study: whose cells ``python -m empirics run`` has finished.
        store: where they are.
        **how: further arguments of :func:`verify.check`. Limits hold together within a cell;
            divide ``1 - confidence_level`` by the number of cells for all together.

    Raises:
        InputError: a cell is not finished, or its file is damaged.
        ParameterError: the study or the store is something else; see also :func:`verify.check`.
    """
    for name, given, kind in (("study", study, Study), ("store", store, Store)):
        if not isinstance(given, kind):
            raise ParameterError(
                f"{name} = {given!r}: must be a {kind.__name__} (see empirics.sweeps)"
            )
    return {cell.label: check(bound, read_result(store, cell), **how) for cell in study.cells}
