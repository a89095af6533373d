"""Sweeps that survive: studies in files, cells in a store, on all cores or on a cluster.

A result is a function of the cell's description alone. It is equal to the last bit for any number
of workers, any order, interrupted or not, here or on a cluster, as long as the kind of processor
and the versions of numpy and scipy are the same. Across their versions numbers agree to rounding,
unless numpy changes how it draws (NEP 19 allows it to), when only their law is the same; a run that
meets finished cells of other versions says so. A change of the code that computes gives cells new
names, so results of two versions of the code are never mixed, while the random streams stay.

>>> from empirics import sweeps
>>> study = sweeps.parse('''
... generations = 2
... replicates = 4
... target.kind = "normal"
... model.kind = "kde"
... cycle = {kind = "fresh-real", n = [100, 200], share = 0.1}
... ''', name="example")
>>> [cell.label for cell in study.cells]
['cycle.n=100', 'cycle.n=200']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from empirics.sweeps.cell import Cell, Streams, cell_of
    from empirics.sweeps.reading import Study, load, parse
    from empirics.sweeps.store import Damage, Store, StoreError
    from empirics.sweeps.studies import SpecError
    from empirics.sweeps.sweeping import (
        Failure,
        IncompleteError,
        Report,
        Sweep,
        read_result,
        results,
    )

_HOMES = {
    **dict.fromkeys(("Cell", "Streams", "cell_of"), "cell"),
    "SpecError": "studies",
    **dict.fromkeys(("Study", "load", "parse"), "reading"),
    **dict.fromkeys(("Damage", "Store", "StoreError"), "store"),
    **dict.fromkeys(("Failure", "IncompleteError", "Report", "Sweep"), "sweeping"),
    **dict.fromkeys(("read_result", "results"), "sweeping"),
}

__all__ = [
    "Cell",
    "Damage",
    "Failure",
    "IncompleteError",
    "Report",
    "SpecError",
    "Store",
    "StoreError",
    "Streams",
    "Study",
    "Sweep",
    "cell_of",
    "load",
    "parse",
    "read_result",
    "results",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'empirics.sweeps' has no attribute {name!r}")
    return getattr(import_module(f"empirics.sweeps.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
