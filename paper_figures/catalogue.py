"""All figures, in the order in which they are made.

Figures R show claims of the paper, figures X go beyond it. The paper's own figures were not at
hand: its claims are reproduced here, not its pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from bounds.discovery import modules_of
from paper_figures.names import check_names
from paper_figures.spec import FigureSpec

__all__ = ["FIGURES", "select"]

FIGURES: dict[str, FigureSpec] = {
    module.FIGURE.name: module.FIGURE for module in modules_of("paper_figures.figures")
}


def select(names: Sequence[str]) -> list[FigureSpec]:
    """The figures of these names in any case, or all of them.

    Raises:
        InputError: a name is not a figure's.
    """
    check_names(names)
    known = {name.lower(): figure for name, figure in FIGURES.items()}
    chosen = dict.fromkeys(name.lower() for name in names)
    return [known[name] for name in chosen] or list(FIGURES.values())
