"""A data cycle from words, as on the command line: ``cycle=fresh_real n=1000 share=1/4``."""

from __future__ import annotations

from dataclasses import fields
from types import MappingProxyType
from typing import Any

from bounds.cycles import Custom, DataCycle
from bounds.discovery import kinds_of
from bounds.errors import ParameterError, UnknownNameError, did_you_mean

__all__ = ["CYCLES", "cycle_of"]

CYCLES: MappingProxyType[str, Any] = MappingProxyType(
    {
        word.replace("-", "_"): kind
        for word, kind in kinds_of("bounds.cycles").items()
        if kind is not Custom
    }
)
"""All but the one whose parameters are no words of a command line."""


def cycle_of(cycle: DataCycle | str, **words: Any) -> DataCycle:
    """Return ``cycle`` itself, or the one of that name with the parameters in ``words``.

    Args:
        cycle: a data cycle, or a name in :data:`CYCLES`.
        **words: ``n``, ``share``, ``lam``; ``None`` where not given.

    Raises:
        UnknownNameError: no cycle has this name.
        ParameterError: a parameter the cycle needs is missing, or one it does not have is given.
    """
    given = {word: value for word, value in words.items() if value is not None}
    if isinstance(cycle, DataCycle):
        _refuse(given, f"{cycle!r} has its own parameters")
        return cycle
    kind = _kind(cycle)
    accepted = {field.name for field in fields(kind)}
    _refuse({word: given[word] for word in given if word not in accepted}, f"not in {cycle!r}")
    missing = [word for word in words if word in accepted and word not in given]
    if missing:
        raise ParameterError(f"{', '.join(missing)}: missing, needed by cycle = {cycle!r}")
    return kind(**given)


def _kind(name: str) -> type[DataCycle]:
    word = str(name).replace("-", "_").replace(" ", "_")
    if word not in CYCLES:
        raise UnknownNameError(
            f"cycle = {name!r}: must be one of {', '.join(CYCLES)}{did_you_mean(word, CYCLES)}"
        )
    return CYCLES[word]


def _refuse(given: dict[str, Any], reason: str) -> None:
    if given:
        raise ParameterError(f"{', '.join(given)}: {reason}")
