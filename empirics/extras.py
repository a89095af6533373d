"""Libraries that only some models need: what is missing, and one line that says so."""

from __future__ import annotations

from importlib.util import find_spec

from empirics.errors import InputError

__all__ = ["MissingLibraryError", "missing", "require"]


class MissingLibraryError(InputError):
    """A library is not installed that only this part needs."""


def missing(part: object) -> str:
    """Why a model cannot be run here: the library that it names in ``libraries`` and is not there.

    Empty where nothing is missing. Nothing is imported.
    """
    absent = [name for name in getattr(part, "libraries", ()) if find_spec(name) is None]
    if not absent:
        return ""
    return f"{type(part).__name__} needs {absent[0]}: pip install '.[{absent[0]}]'"


def require(part: object) -> None:
    """Refuse a part whose libraries are not there.

    Raises:
        MissingLibraryError: one is not.
    """
    if reason := missing(part):
        raise MissingLibraryError(reason)
