"""Figures of a folder: what each says of itself, its picture, its data, or what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from verify.page.downloads import Download, download
from verify.page.svg import Drawing, RefusedError, drawing

__all__ = ["HEADLINE", "Picture", "pictures"]

HEADLINE = "ladder"
"""The figure that is shown first."""
_NAME = re.compile(r"[A-Za-z][\w-]*")


class Manifest(Struct, frozen=True):
    """What a figure's JSON file says, as far as the page shows it."""

    figure: str
    title: str = ""
    caption: str = ""
    alt: str = ""
    paper: bool | None = None
    claims: tuple[str, ...] = ()
    scale: str = ""
    commit: str | None = None
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
        """That of the manifest, or the name."""
        return self.told.title or self.name

    @property
    def alt(self) -> str:
        """The picture in words; the caption where there are none."""
        return self.told.alt or self.told.caption or self.title


def pictures(folder: Path) -> list[Picture]:
    """All figures of a folder, the headline first; an absent folder has none."""
    files = [*folder.glob("*.json"), *folder.glob("*.svg")]
    names = {path.stem for path in files if _NAME.fullmatch(path.stem)}
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
        return msgspec.json.decode(path.read_bytes(), type=Manifest), ""
    except FileNotFoundError:
        wrong = "is not there, so the figure has no caption."
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        wrong = "is damaged, so the figure has no caption."
    return Manifest(path.stem), f"Its manifest, {path.name}, {wrong}"


def _drawing(path: Path) -> tuple[Drawing | None, str]:
    again = "python -m paper_figures makes it."
    try:
        return drawing(path.read_text(encoding="utf-8"), path.stem), ""
    except FileNotFoundError:
        return None, f"Its picture, {path.name}, is not there; {again}"
    except (OSError, UnicodeDecodeError):
        return None, f"Its picture, {path.name}, cannot be read; {again}"
    except RefusedError as error:
        return None, f"Its picture, {path.name}, is not shown: {error}."
