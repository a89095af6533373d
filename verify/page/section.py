"""A part of the page: markup, and the style and script that belong to it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Section"]


@dataclass(frozen=True)
class Section:
    """Finished markup; whoever makes one has escaped every text in it.

    Args:
        html: markup, readable without its script.
        style: CSS, in the custom properties of the page.
        script: JavaScript, run once the page has been painted.
    """

    html: str
    style: str = ""
    script: str = ""
