"""Figures of a folder, as a section of the report and as a page of their own beside their files.

A picture is put on the page as an image, never as markup: a browser runs nothing in an image and
loads nothing for it. Tables are links that save a file, with nothing loaded.
"""

from __future__ import annotations

import csv
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from gzip import compress
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from empirics.sweeps.files import files_in, read_json, write_whole
from verify.page.rendering import Section, document, rendered

__all__ = [
    "HEADLINE",
    "Download",
    "Drawing",
    "Picture",
    "download",
    "gallery_section",
    "pictures",
    "table_of",
    "write_gallery",
]

_PAGE = "index.html"
_TITLE = "Self-consuming loops: the figures"
_LEAD = (
    "Proved bounds on the total variation between generations of models and real data, beside"
    " what was measured. Every picture and its data are in this file."
)
HEADLINE = "ladder"
"""The figure that is shown first."""
_NAME = re.compile(r"(?!tmp\w{8}$)[A-Za-z][\w-]*")
"""Names of figures, not of what a killed writer has left."""
_SIZE = r"0*[1-9]\d{0,4}(?:\.\d+)?"
_HEAD = re.compile(rf"""<svg\b[^>]*\sviewBox=["']0 0 ({_SIZE}) ({_SIZE})["']""")
_HEAD_BYTES = 4000
_PLAIN_BYTES = 20_000
"""A larger table is packed, so that the page stays light."""
_SAFE = " ,.:;=()/+-_"


@dataclass(frozen=True)
class Download:
    """A file as a link.

    Args:
        name: under which it is saved.
        address: a ``data:`` URI.
        size: bytes of the table.
    """

    name: str
    address: str
    size: int


def download(name: str, data: bytes) -> Download:
    """A CSV table as a link; a large one is packed without loss as ``.csv.gz``."""
    if len(data) <= _PLAIN_BYTES:
        return Download(name, f"data:text/csv;charset=utf-8,{quote(data, _SAFE)}", len(data))
    packed = b64encode(compress(data, mtime=0)).decode()
    return Download(f"{name}.gz", f"data:application/gzip;base64,{packed}", len(data))


def table_of(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV of rows; what is not a number is left empty."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow(["" if isinstance(v, float) and isnan(v) else v for v in row])
    return out.getvalue().encode()


@dataclass(frozen=True)
class Drawing:
    """A picture as an image.

    Args:
        name: under which it can be shown in several places.
        width, height: of its view box.
        address: a ``data:`` URI.
    """

    name: str
    width: float
    height: float
    address: str = field(repr=False)


class Manifest(Struct, frozen=True):
    """The parts of a figure's JSON file that the page shows."""

    figure: str
    title: str = ""
    caption: str = ""
    alt: str = ""
    paper: bool | None = None
    claims: tuple[str, ...] = ()
    scale: str = ""
    commit: str | None = None
    version: str | None = None
    seconds: float | None = None
    versions: dict[str, Any] = {}


@dataclass(frozen=True)
class Picture:
    """A figure of the folder.

    Args:
        name: of its files.
        told: its manifest.
        drawing: its picture, ``None`` if there is a problem.
        problems: what is missing or damaged, in sentences.
        table: its data.
    """

    name: str
    told: Manifest
    drawing: Drawing | None = None
    problems: tuple[str, ...] = ()
    table: Download | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The title in the manifest, or the name."""
        return self.told.title or self.name

    @property
    def alt(self) -> str:
        """The picture in words; the caption where there are none."""
        return self.told.alt or self.told.caption or self.title


def pictures(folder: Path) -> list[Picture]:
    """All figures of a folder, the headline first; an absent folder has none.

    Raises:
        OSError: the folder is there and cannot be read.
    """
    stems = (path.stem for path in files_in(folder, ".json", ".svg"))
    names = {stem for stem in stems if _NAME.fullmatch(stem)}
    return [_picture(folder / name) for name in sorted(names, key=_place)]


def _place(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """R2 before R10, and the headline before both."""
    words = re.findall(r"\d+|\D+", name)
    return name != HEADLINE, [(int(w) if w.isdecimal() else -1, w) for w in words]


def _picture(stem: Path) -> Picture:
    told, wrong = _manifest(stem.with_suffix(".json"))
    problems = [wrong] if wrong else []
    shown, wrong = _drawing(stem.with_suffix(".svg"))
    problems += [wrong] if wrong else []
    try:
        table = download(f"{stem.name}.csv", stem.with_suffix(".csv").read_bytes())
    except OSError:
        table = None
        problems.append(f"Its data, {stem.name}.csv, is not there.")
    return Picture(stem.name, told, shown, tuple(problems), table)


def _manifest(path: Path) -> tuple[Manifest, str]:
    try:
        return msgspec.convert(read_json(path.read_bytes()), Manifest), ""
    except FileNotFoundError:
        wrong = "is not there, so the figure has no caption."
    except (OSError, ValueError):
        wrong = "is damaged, so the figure has no caption."
    return Manifest(path.stem), f"Its manifest, {path.name}, {wrong}"


def _drawing(path: Path) -> tuple[Drawing | None, str]:
    again = "python -m paper_figures makes it."
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None, f"Its picture, {path.name}, is not there; {again}"
    except OSError:
        return None, f"Its picture, {path.name}, cannot be read; {again}"
    head = _HEAD.search(data[:_HEAD_BYTES].decode(errors="replace"))
    if head is None or not data.rstrip().endswith(b"</svg>"):
        return None, f"Its picture, {path.name}, is not shown: it is not a whole SVG file; {again}"
    address = f"data:image/svg+xml;base64,{b64encode(data).decode()}"
    return Drawing(f"drawing-{path.stem}", float(head[1]), float(head[2]), address), ""


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
