"""All figures by name, in the order in which they are made; titles are read, and no file is run.

Figures R show claims of the paper, figures X go beyond it. The paper's own figures were not at
hand: its claims are reproduced here, not its pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bounds.discovery import modules_of, texts_of
from bounds.errors import no_such
from empirics.errors import InputError

if TYPE_CHECKING:
    from paper_figures.spec import FigureSpec

__all__ = ["catalogue", "check_names", "select", "titles"]

_HOME = "paper_figures.figures"


@cache
def titles() -> MappingProxyType[str, str]:
    """The titles of all figures by their names, in the order in which they are made."""
    return MappingProxyType(dict(texts_of(_HOME, "FIGURE", "name", "title")))  # type: ignore[arg-type]


@cache
def catalogue() -> MappingProxyType[str, FigureSpec]:
    """All figures by their names; their files are run, which takes seconds."""
    return MappingProxyType({module.FIGURE.name: module.FIGURE for module in modules_of(_HOME)})


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are no figure's, in any case.

    Raises:
        InputError: a name is not a figure's; the message offers close ones.
    """
    known = {name.lower() for name in titles()}
    for name in names:
        if name.lower() not in known:
            raise InputError(no_such("figure", name, titles(), "python -m paper_figures list"))


def select(names: Sequence[str]) -> list[FigureSpec]:
    """The figures of these names in any case, or all of them.

    Raises:
        InputError: a name is not a figure's.
    """
    check_names(names)
    known = {name.lower(): figure for name, figure in catalogue().items()}
    chosen = dict.fromkeys(name.lower() for name in names)
    return [known[name] for name in chosen] or list(known.values())
