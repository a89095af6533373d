"""Lines of this project that numba compiles, where it is installed (``pip install '.[fast]'``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, ClassVar

__all__ = ["Work", "compiled", "is_installed", "is_loaded"]


@lru_cache
def is_installed() -> bool:
    """Whether there is a numba."""
    return find_spec("numba") is not None


@lru_cache
def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """The function in machine code, kept on disk where there is a folder for it.

    Args:
        function: takes arrays and numbers, calls nothing of ours and writes into arrays; division
            by zero gives infinity, as in NumPy. Constants are its own file's, whose change alone
            makes numba compile it anew.
    """
    from numba import njit  # an extra, and a second to load

    how: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        made: Any = njit(cache=True, **how)(function)
    except RuntimeError:  # numba finds no folder that it may write to
        made = njit(**how)(function)
    return made


def is_loaded() -> bool:
    """Whether any lines were compiled in this process: others then take milliseconds."""
    return is_installed() and compiled.cache_info().currsize > 0


class Work:
    """The work of a process of all kinds, counted until loading compiled lines for it pays.

    It does once any are loaded. When that is depends on all that a process has done, so the numbers
    must not depend on it.

    Args:
        enough: work of this kind of which compiled lines save a second, which is what the first
            ones take.
    """

    done: ClassVar[float] = 0.0
    """Seconds that compiled lines would have saved."""

    def __init__(self, enough: float) -> None:
        self.enough = enough

    def pays(self, amount: int) -> bool:
        """Count more work in; whether compiled lines should do it."""
        Work.done += amount / self.enough
        return is_loaded() or (Work.done >= 1 and is_installed())
