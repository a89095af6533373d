"""Names and titles of the figures, read from their files, none of which is run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import MappingProxyType

from bounds.discovery import texts_of
from bounds.errors import no_such
from empirics.errors import InputError

__all__ = ["check_names", "titles"]


@cache
def titles() -> MappingProxyType[str, str]:
    """The titles of all figures by their names, in the order in which they are made."""
    return MappingProxyType(dict(texts_of("paper_figures.figures", "FIGURE", "name", "title")))  # type: ignore[arg-type]


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are no figure's, in any case.

    Raises:
        InputError: a name is not a figure's; the message offers close ones.
    """
    known = {name.lower() for name in titles()}
    for name in names:
        if name.lower() not in known:
            raise InputError(no_such("figure", name, titles(), "python -m paper_figures list"))
