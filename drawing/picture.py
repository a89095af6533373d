"""A Matplotlib figure that a notebook shows without pyplot."""

from __future__ import annotations

from io import BytesIO

import matplotlib as mpl
from matplotlib.figure import Figure

from drawing.style import LOOK

__all__ = ["Picture"]

_DPI = 160


class Picture(Figure):
    """A figure of its own, not pyplot's: nothing global, nothing to close.

    ``caption`` and ``alt`` say what is seen, where the picture is one of the project's figures.
    """

    caption = ""
    alt = ""

    def _repr_png_(self) -> bytes:
        out = BytesIO()
        with mpl.rc_context(LOOK):
            self.savefig(out, format="png", dpi=_DPI)
        return out.getvalue()
