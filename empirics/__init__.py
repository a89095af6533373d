"""Self-consuming loops, run and measured.

What a name needs is imported when it is first used, so that commands which only read a store start
fast.
"""

# First, so that an interrupt is answered from here on.
import bounds.interrupts  # noqa: F401

# isort: split

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bounds.version import __version__
from empirics.errors import InputError

if TYPE_CHECKING:
    from empirics import distances, models, sweeps, targets
    from empirics.experiment import Experiment, Numerics, Sampling
    from empirics.result import Result
    from empirics.running import run

__all__ = [
    "Experiment",
    "InputError",
    "Numerics",
    "Result",
    "Sampling",
    "__version__",
    "distances",
    "models",
    "run",
    "sweeps",
    "targets",
]

_HOMES = {
    **dict.fromkeys(("Experiment", "Numerics", "Sampling"), "experiment"),
    "Result": "result",
    "run": "running",
}
_PACKAGES = ("distances", "models", "sweeps", "targets")


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"empirics.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'empirics' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"empirics.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return __all__
