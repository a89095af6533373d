"""The figures' look and canvas, from :mod:`drawing`."""

from drawing.canvas import curve, generations_below, legend_below, panels, plain_ticks
from drawing.style import CYCLES, LOOK, SERIES, Look, generation_look

__all__ = [
    "CYCLES",
    "LOOK",
    "SERIES",
    "Look",
    "curve",
    "generation_look",
    "generations_below",
    "legend_below",
    "panels",
    "plain_ticks",
]
