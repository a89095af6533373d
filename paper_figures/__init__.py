"""Every figure of the project: one module each, data first, then drawing."""

# First, so that an interrupt is answered from here on.
import bounds.interrupts  # noqa: F401

# isort: split

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bounds.version import __version__

if TYPE_CHECKING:
    from paper_figures.making import Made, make

__all__ = ["Made", "__version__", "make"]

_HOMES = dict.fromkeys(("Made", "make"), "paper_figures.making")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'paper_figures' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
