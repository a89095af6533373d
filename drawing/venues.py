"""Sizes and fonts of venues, and which of them is drawn for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tueplots import figsizes, fontsizes

from bounds.errors import UserError
from bounds.suggest import did_you_mean
from drawing.style import LOOK

__all__ = ["DEFAULT", "VENUES", "figure_size", "settings", "styled"]

DEFAULT = "icml2024"
_SMALLEST = 0.75
"""Scale of the smallest fonts."""


def _sizes(venue: str) -> Any:
    return getattr(figsizes, f"{venue}_full", None) or getattr(figsizes, venue, None)


VENUES = tuple(name for name in dir(fontsizes) if not name.startswith("_") and _sizes(name))
_venue: ContextVar[str] = ContextVar("venue", default=DEFAULT)


def settings() -> Any:
    """Matplotlib's settings for the venue that is drawn for.

    On a narrower page fonts are no larger, relative to its width, than figures were made for.
    """
    width, wide = (_sizes(venue)()["figure.figsize"][0] for venue in (_venue.get(), DEFAULT))
    fonts, known = (getattr(fontsizes, venue)() for venue in (_venue.get(), DEFAULT))
    most = {word: size * max(width / wide, _SMALLEST) for word, size in known.items()}
    return {**LOOK, **{word: min(size, most.get(word, size)) for word, size in fonts.items()}}


def figure_size(rows: int, columns: int, ratio: float) -> tuple[float, float]:
    """Inches of a page-wide figure with a grid of axes, as high on any page: legends must fit."""
    shape = {"nrows": rows, "ncols": columns, "height_to_width_ratio": ratio}
    width = _sizes(_venue.get())()["figure.figsize"][0]
    return width, _sizes(DEFAULT)(**shape)["figure.figsize"][1]


@contextmanager
def styled(venue: str | None) -> Iterator[None]:
    """Draw for a venue of :mod:`tueplots`, such as ``neurips2024``.

    Raises:
        UserError: no such venue.
    """
    if venue is not None and venue not in VENUES:
        raise UserError(
            f"style = {venue!r}: must be one of {', '.join(VENUES)}{did_you_mean(venue, VENUES)}"
        )
    token = _venue.set(venue or DEFAULT)
    try:
        yield
    finally:
        _venue.reset(token)
