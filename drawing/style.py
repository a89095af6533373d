"""One look for all figures: colours, and the sizes and fonts of the venue that is drawn for.

The same thing has the same colour everywhere, on a colour-blind-safe palette.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import numpy as np
from tueplots import figsizes, fontsizes

from bounds.errors import UserError, did_you_mean

__all__ = [
    "CYCLES",
    "DEFAULT",
    "LOOK",
    "SERIES",
    "VENUES",
    "Look",
    "colours",
    "figure_size",
    "generation_look",
    "looks_of",
    "settings",
    "shade",
    "styled",
]

DEFAULT = "icml2024"
_SMALLEST = 0.75
"""Scale of the smallest fonts."""


@dataclass(frozen=True)
class Look:
    """The look of a series and its name in the legend."""

    label: str
    colour: str
    line: Any = "-"
    marker: str = ""


SERIES = {
    "measured": Look("measured mean TV, 95 % interval", "#000000", "", "o"),
    "limit": Look("certified lower limit on TV", "#000000", "", "^"),
    "kde-sandwich": Look("sandwich, upper side", "#0072B2"),
    "kde-sandwich-lower": Look("sandwich, lower side", "#56B4E9"),
    "kde-clt": Look("CLT prediction", "#000000", ":"),
    "kde-recursion": Look("recursion, explicit one-step errors", "#D55E00", "--"),
    "kde-high-probability-single": Look("one generation, 95 % of runs", "#CC79A7", "-."),
    "kde-high-probability": Look("all generations, 95 % of runs", "#CC79A7", (0, (1, 1))),
    "paper-form": Look("paper-form rate, $n^{-1/4}$", "#7F7F7F", (0, (5, 1, 1, 1, 1, 1))),
    "reference": Look("", "#7F7F7F", "--"),
}


CYCLES = {
    "full synthetic": Look("full synthetic", "#B2182B", "-", "o"),
    "fresh real 10 %": Look("fresh real share 10 %", "#E69F00", "-", "s"),
    "fresh real 30 %": Look("fresh real share 30 %", "#E69F00", "--", "s"),
    "fresh real 50 %": Look("fresh real share 50 %", "#E69F00", ":", "s"),
    "balanced": Look("balanced", "#009E73", "-", "^"),
    "accumulating": Look("accumulating", "#542788", "-", "D"),
}


_BOUNDS = {
    **{name: SERIES[name] for name in SERIES if name.startswith("kde-")},
    "full-synthetic": CYCLES["full synthetic"],
    "fresh-real": CYCLES["fresh real 10 %"],
    "balanced": CYCLES["balanced"],
    "accumulating": CYCLES["accumulating"],
    "error-propagation": SERIES["kde-recursion"],
    "diffusion-girsanov": Look("", "#0072B2"),
    "diffusion-direct": Look("", "#009E73"),
    "diffusion-early-stopping": Look("", "#CC79A7", "-."),
}
"""Bounds whose colour is the same in every figure."""


_OTHERS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")


_LINES = ("-", "--", "-.", ":")


LOOK = {
    **fontsizes.icml2024(),
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.4,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "paper_figures",
}
"""Settings under which every figure is drawn and saved."""


_SHADES = {1: 0.8, 2: 0.64, 3: 0.48, 5: 0.32, 10: 0.16, 20: 0.0}
"""Places of generations in viridis."""


def generation_look(generation: int) -> Look:
    """Darker for later generations, up to the twentieth."""
    place = np.interp(np.log(generation), np.log(list(_SHADES)), list(_SHADES.values()))
    return Look(f"generation {generation}", shade(float(place)), "-", "o")


def shade(place: float) -> str:
    """A colour of viridis, from dark (0) to light (1)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return str(to_hex(colormaps["viridis"](place)))


def colours(count: int) -> list[str]:
    """Colours of series of one kind: of different hues, or, where they are many, of one scale."""
    if count <= len(_OTHERS):
        return list(_OTHERS[:count])
    return [shade(0.9 * i / (count - 1)) for i in range(count)]


def looks_of(titles: Mapping[str, str]) -> dict[str, Look]:
    """The looks of bounds in one picture, by name: their own colours, or those not yet taken.

    Args:
        titles: what the legend calls each bound, by its name.
    """
    known: dict[str, Look] = {}
    for name in titles:
        look = _BOUNDS.get(name)
        if look is not None and not any(_same(look, other) for other in known.values()):
            known[name] = look
    free = _free(look for look in known.values())
    looks = {name: known.get(name) or next(free) for name in titles}
    return {name: replace(looks[name], label=title, marker="") for name, title in titles.items()}


def _same(one: Look, other: Look) -> bool:
    return (one.colour, one.line) == (other.colour, other.line)


def _free(taken: Iterable[Look]) -> Iterator[Look]:
    """Colours in turn with one line style after the other, but for those that are taken."""
    used = {(look.colour, str(look.line)) for look in taken}
    colours = {colour for colour, _ in used}
    order = sorted(_OTHERS, key=lambda colour: colour in colours)
    every = (Look("", colour, line) for line in _LINES for colour in order)
    yield from cycle([look for look in every if (look.colour, look.line) not in used])


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
