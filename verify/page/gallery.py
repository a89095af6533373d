"""Figures as a section of the report, and as a page of their own beside their files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from empirics.sweeps.files import write_whole
from verify.page.pictures import Picture, pictures
from verify.page.rendering import Section, document, rendered

__all__ = ["gallery_section", "write_gallery"]

_PAGE = "index.html"
_TITLE = "Self-consuming loops: the figures"
_LEAD = (
    "Proved bounds on the total variation between generations of models and real data, beside"
    " what was measured. Every picture and its data are in this file."
)


def gallery_section(
    shown: Sequence[Picture], drawn: Collection[str] = (), linked: Collection[str] = ()
) -> Section:
    """All figures with captions and data.

    Args:
        shown: the figures.
        drawn: names of those whose picture stands elsewhere on the page already.
        linked: names of the claims that have a card on the page.
    """
    return Section(rendered("gallery.html", pictures=shown, drawn=drawn, linked=linked))


def write_gallery(folder: Path) -> Path:
    """Write ``index.html`` into a folder of figures: one file that can be mailed.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / _PAGE
    write_whole(path, document(_TITLE, _LEAD, [gallery_section(pictures(folder))]).encode())
    return path
