"""What a figure is: experiments to run, a tidy table made of them, and a drawing of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure

from drawing.table import tidy
from empirics import Experiment, Result
from verify.scale import Scale

__all__ = ["FigureSpec", "Scale", "no_experiments", "tidy"]


@dataclass(frozen=True)
class FigureSpec:
    """One figure.

    Args:
        name: its letter in the list of figures, such as ``R7``.
        title: a few words.
        caption: what is seen, with which parameters, and what it says.
        alt: the picture in one or two sentences, for readers who cannot see it.
        paper: whether it shows a claim of the paper, or goes beyond it.
        claims: names of the claims in :mod:`verify.claims` that it shows.
        experiments: the loops to run at a scale, by name.
        tabulate: the plotted numbers, in the columns of :func:`tidy`, from the results.
        draw: the picture, from these numbers alone.
    """

    name: str
    title: str
    caption: str
    alt: str
    paper: bool
    claims: tuple[str, ...]
    experiments: Callable[[Scale], Mapping[str, Experiment]]
    tabulate: Callable[[Mapping[str, Result]], pl.DataFrame]
    draw: Callable[[pl.DataFrame], Figure]


def no_experiments(scale: Scale) -> Mapping[str, Experiment]:
    """For figures of theory alone."""
    del scale
    return {}
