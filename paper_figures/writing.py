"""Writing a figure: data first, then pictures and a manifest; each file whole or not at all."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from bounds.version import __version__
from drawing.style import DEFAULT
from empirics import Experiment, InputError, Result
from empirics.sweeps.files import read_json, write_whole
from empirics.sweeps.versions import commit
from paper_figures.spec import FigureSpec
from verify.scale import Scale

__all__ = [
    "FORMATS",
    "drawn_by",
    "has_pictures",
    "known_table",
    "manifest",
    "read_table",
    "rewrite_json",
    "stored_parameters",
    "write_for_web",
    "write_json",
    "write_pictures",
    "write_table",
]

FORMATS = ("pdf", "svg", "png")
_LIBRARIES = ("numpy", "scipy", "sympy", "polars", "matplotlib")
_VALUES = (int, float, str, tuple)
_DPI = 300
_WEB_DPI = 160
_BETWEEN_TAGS = re.compile(r"<!--.*?-->|^\s+", re.MULTILINE)
_TAG = re.compile(r"<[^>]+>")
_IN_TAGS = (
    (re.compile(r"""('[^']+')(?=[;"])"""), r"\1, sans-serif"),  # formulas: the labels' generic font
    (re.compile(r"(\.\d\d)\d+"), r"\1"),  # a hundredth of a point is enough
)


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """The plotted numbers as CSV."""
    write_whole(path, frame.write_csv().encode())


def read_table(path: Path) -> pl.DataFrame:
    """The plotted numbers of an earlier run.

    Raises:
        InputError: there are none, or the file is not such a table, or not the whole of it.
    """
    numbers = dict.fromkeys(("x", "y", "low", "high"), pl.Float64)
    schema = {"panel": pl.String, "series": pl.String, **numbers}
    try:
        data = path.read_bytes()
        table = pl.read_csv(BytesIO(data), schema=schema)
    except FileNotFoundError:
        raise InputError(f"{path}: no data to redraw; run without --redraw first") from None
    except (pl.exceptions.PolarsError, ValueError):
        raise InputError(f"{path}: not the data of a figure; run without --redraw") from None
    if table.is_empty() or not data.endswith(b"\n") or _is_other_than_told(path, data):
        raise InputError(f"{path}: is not the table that was written, whole; run without --redraw")
    return table


def _is_other_than_told(path: Path, data: bytes) -> bool:
    """Whether the manifest beside a table, if there is one, was made with another."""
    try:
        told = read_json(path.with_suffix(".json").read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    digest = told.get("table") if isinstance(told, dict) else None
    return digest is not None and digest != sha256(data).hexdigest()


def write_pictures(
    stem: Path, figure: Figure, formats: Collection[str] = FORMATS
) -> dict[str, str]:
    """The figure as PDF, SVG and PNG, or some of these; the digests of the files."""
    _lay_out(figure)
    # No date inside: the same numbers give the same file.
    made = {
        "pdf": lambda: _drawn(figure, format="pdf", metadata={"CreationDate": None}),
        "svg": lambda: _svg(figure).encode(),
        "png": lambda: _drawn(figure, format="png", dpi=_DPI),
    }
    digests = {}
    for kind in (kind for kind in FORMATS if kind in formats):
        picture = made[kind]()
        write_whole(stem.with_suffix(f".{kind}"), picture)
        digests[kind] = sha256(picture).hexdigest()
    return digests


def has_pictures(path: Path, drawn: Mapping[str, Any]) -> bool:
    """Whether the pictures beside a manifest are those that it tells, drawn as now.

    Args:
        path: of the manifest, which is of the present inputs.
        drawn: see :func:`drawn_by`.
    """
    try:
        told = read_json(path.read_bytes())["drawn"]
        digests = told.pop("pictures")
        here = {kind: _sha256(path.with_suffix(f".{kind}")) for kind in drawn["formats"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(told == dict(drawn) and digests == here)


def write_for_web(path: Path, figure: Figure) -> None:
    """The figure as a PNG of about 1100 pixels' width, twice what a README shows."""
    _lay_out(figure)
    write_whole(path, _drawn(figure, format="png", dpi=_WEB_DPI))


def _lay_out(figure: Figure) -> None:
    """Place everything once, for all formats: it takes as long as drawing."""
    figure.set_dpi(_DPI)
    figure.draw_without_rendering()
    # A figure without a layout engine is not drawn once more for its layout.
    figure.set_layout_engine(None)


def _drawn(figure: Figure, **how: Any) -> bytes:
    """A picture in memory: what a full disk does to a file is told where files are written."""
    out = BytesIO()
    figure.savefig(out, **how)
    return out.getvalue()


def _svg(figure: Figure) -> str:
    """SVG whose text is text, and as short as it can be without a loss that is seen."""
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return _TAG.sub(_shortened, _BETWEEN_TAGS.sub("", out.getvalue()))


def _shortened(tag: re.Match[str]) -> str:
    text = tag.group()
    for pattern, replacement in _IN_TAGS:
        text = pattern.sub(replacement, text)
    return text


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a manifest, whole or not at all."""
    write_whole(path, f"{json.dumps(content, indent=2)}\n".encode())


def known_table(stem: Path, inputs: str | None) -> pl.DataFrame | None:
    """The plotted numbers of an earlier run from the same inputs, if they are there unchanged."""
    try:
        earlier = read_json(stem.with_suffix(".json").read_bytes())
        same = inputs is not None and earlier.get("inputs") == inputs
        path = stem.with_suffix(".csv")
        return read_table(path) if same and earlier["table"] == _sha256(path) else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _plain(parameters: Any) -> dict[str, Any]:
    """Parameters as values for JSON; what is no value, as text."""
    if not is_dataclass(parameters):
        return {}
    found = {field.name: getattr(parameters, field.name) for field in fields(parameters)}
    return {name: v if isinstance(v, _VALUES) else repr(v) for name, v in found.items()}


def manifest(
    figure: FigureSpec,
    scale: Scale,
    parameters: Any,
    words: tuple[str, str],
    loops: Mapping[str, Any],
    results: Mapping[str, Any],
    seconds: float,
    inputs: str | None,
    table: Path,
    drawn: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything needed to make the figure again, and what it took.

    Versions and commit are those of the numbers; the pictures', which may be drawn again later,
    stand in ``drawn`` (:func:`drawn_by`).
    """
    return {
        "figure": figure.name,
        "title": figure.title,
        "caption": words[0],
        "alt": words[1],
        "paper": figure.paper,
        "claims": list(figure.claims),
        "scale": scale.value,
        "parameters": _plain(parameters),
        "experiments": {name: _told(loop, name, results) for name, loop in loops.items()},
        "versions": {"python": platform.python_version()} | {n: version(n) for n in _LIBRARIES},
        "version": __version__,
        "commit": commit(),
        "source": _source(),
        "seconds": round(seconds, 3),
        "inputs": inputs,
        "table": _sha256(table),
        "drawn": dict(drawn),
    }


def _told(loop: Any, name: str, results: Mapping[str, Any]) -> dict[str, Any]:
    """A loop in a manifest; one in closed form has no errors, and runs as it is asked for."""
    told = {"spec": repr(loop), "seed": loop.seed, "replicates": loop.replicates}
    if not isinstance(loop, Experiment):
        return told
    result: Result = results[name]
    largest = float(result.frame["tv_error"].max())  # type: ignore[arg-type]
    return {**told, "seconds": round(result.seconds, 3), "largest_tv_error": largest}


def drawn_by(style: str | None, formats: Collection[str]) -> dict[str, Any]:
    """The version of the code that drew the pictures, for which venue, in which formats."""
    return {
        "style": style or DEFAULT,
        "formats": [kind for kind in FORMATS if kind in formats],
        "version": __version__,
        "commit": commit(),
        **{library: version(library) for library in ("matplotlib", "tueplots")},
    }


def rewrite_json(path: Path, words: tuple[str, str] | None, drawn: Mapping[str, Any]) -> None:
    """Tell in a manifest who drew the pictures again, and the words if they are known.

    What it says of the numbers stays; where there is no manifest, none is made.
    """
    try:
        told = read_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return
    if isinstance(told, dict):
        again = {} if words is None else {"caption": words[0], "alt": words[1]}
        write_json(path, {**told, **again, "drawn": dict(drawn)})


def stored_parameters(figure: FigureSpec, path: Path) -> Any:
    """The parameters that a manifest tells; ``None`` if they cannot be read back."""
    try:
        told = read_json(path.read_bytes())
        given = {n: v for n, v in told["parameters"].items() if not _is_default(figure, n, v)}
        read = figure.parameters(Scale(told["scale"]), given)
        same = figure.scales is None or json.loads(json.dumps(_plain(read))) == told["parameters"]
        return read if same else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_default(figure: FigureSpec, name: str, told: Any) -> bool:
    """Whether a parameter is told as the figure has it, such as a target by its text."""
    return figure.scales is not None and _plain(figure.scales[0]).get(name) == told


def _source() -> str:
    found = commit()
    told = f"commit {found}" if found else "no commit: not run from the project's repository"
    return f"version {__version__}, {told}"
