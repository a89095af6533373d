"""Parameters as a command line gives them: ``key=value``, each key once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bounds.errors import ParameterError

__all__ = ["pairs_of"]


def pairs_of(texts: Sequence[str]) -> dict[str, Any]:
    """Values by their keys, from texts such as ``n=1000`` and ``size=1,2,5``.

    Raises:
        ParameterError: another form, or a key given twice.
    """
    pairs = [_pair(text) for text in texts]
    keys = [key for key, _ in pairs]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise ParameterError(f"{twice[0]}: given {keys.count(twice[0])} times, must be given once")
    return dict(pairs)


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ParameterError(f"{text!r}: must be key=value, such as n=1000 or gamma=1/4")
    return key, value.split(",") if "," in value else value
