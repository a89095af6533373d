"""Total-variation bounds for self-consuming loops, as symbolic objects.

Nothing here imports NumPy or SymPy before it is needed: commands answer an interrupt from their
start, and the loops, which need only :mod:`bounds.cycles`, start fast.
"""

# First, so that an interrupt is answered from here on.
import bounds.interrupts  # noqa: F401

# isort: split

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bounds import errors
from bounds.catalogue import catalogue, get, names
from bounds.version import __version__

if TYPE_CHECKING:
    from bounds import cycles, facts, notation
    from bounds.bound import (
        Bound,
        Constants,
        Evidence,
        Hypothesis,
        Quantity,
        Side,
        Source,
        Statistic,
        Tightness,
    )
    from bounds.enclosure import Enclosure, EnclosureError
    from bounds.own.custom import Catalogue, define, register
    from bounds.plotting import plot
    from bounds.proof import Proof, Step
    from bounds.propagation import depths, influence, propagate, unroll
    from bounds.questions.comparing import best, compare
    from bounds.questions.proving import cite, proof_tree

__all__ = [
    "Bound",
    "Catalogue",
    "Constants",
    "Enclosure",
    "EnclosureError",
    "Evidence",
    "Hypothesis",
    "Proof",
    "Quantity",
    "Side",
    "Source",
    "Statistic",
    "Step",
    "Tightness",
    "__version__",
    "best",
    "catalogue",
    "cite",
    "compare",
    "cycles",
    "define",
    "depths",
    "errors",
    "facts",
    "get",
    "influence",
    "names",
    "notation",
    "plot",
    "proof_tree",
    "propagate",
    "register",
    "unroll",
]

_HOMES = {
    **dict.fromkeys(("depths", "influence", "propagate", "unroll"), "propagation"),
    **dict.fromkeys(("Catalogue", "define", "register"), "own.custom"),
    **dict.fromkeys(("Enclosure", "EnclosureError"), "enclosure"),
    **dict.fromkeys(("best", "compare"), "questions.comparing"),
    **dict.fromkeys(("Proof", "Step"), "proof"),
    "cite": "questions.proving",
    "plot": "plotting",
    "proof_tree": "questions.proving",
    **dict.fromkeys(
        (
            "Bound",
            "Constants",
            "Evidence",
            "Hypothesis",
            "Quantity",
            "Side",
            "Source",
            "Statistic",
            "Tightness",
        ),
        "bound",
    ),
}


def __getattr__(name: str) -> Any:
    if name in ("cycles", "facts", "notation"):
        return import_module(f"bounds.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'bounds' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"bounds.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return __all__
