"""Writing a figure: data first, then pictures and a manifest; each file whole or not at all."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from empirics import Result
from paper_figures.spec import FigureSpec, Scale

__all__ = [
    "known_table",
    "manifest",
    "read_table",
    "write_for_web",
    "write_json",
    "write_pictures",
    "write_table",
]

_LIBRARIES = ("numpy", "scipy", "sympy", "polars", "matplotlib")
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
    _whole(path, lambda part: frame.write_csv(part))


def read_table(path: Path) -> pl.DataFrame:
    """The plotted numbers of an earlier run.

    Raises:
        ValueError: there are none, or the file is not such a table.
    """
    numbers = dict.fromkeys(("x", "y", "low", "high"), pl.Float64)
    schema = {"panel": pl.String, "series": pl.String, **numbers}
    try:
        return pl.read_csv(path, schema=schema)
    except FileNotFoundError:
        raise ValueError(f"{path}: no data to redraw; run without --redraw first") from None
    except pl.exceptions.PolarsError:
        raise ValueError(f"{path}: not the data of a figure; run without --redraw") from None


def write_pictures(stem: Path, figure: Figure) -> None:
    """The figure as PDF, SVG and PNG."""
    # No date inside: the same numbers give the same file.
    metadata = {"CreationDate": None}
    _whole(stem.with_suffix(".pdf"), lambda part: figure.savefig(part, metadata=metadata))
    text = _svg(figure)
    _whole(stem.with_suffix(".svg"), lambda part: part.write_text(text, encoding="utf-8"))
    _whole(stem.with_suffix(".png"), lambda part: figure.savefig(part, dpi=_DPI))


def write_for_web(path: Path, figure: Figure) -> None:
    """The figure as a PNG of about 1100 pixels' width, twice what a README shows."""
    _whole(path, lambda part: figure.savefig(part, dpi=_WEB_DPI))


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
    """A manifest."""
    _whole(path, lambda part: part.write_text(json.dumps(content, indent=2) + "\n"))


def known_table(stem: Path, inputs: str | None) -> pl.DataFrame | None:
    """The plotted numbers of an earlier run from the same inputs, if they are there unchanged."""
    try:
        earlier = json.loads(stem.with_suffix(".json").read_bytes())
        same = inputs is not None and earlier.get("inputs") == inputs
        path = stem.with_suffix(".csv")
        return read_table(path) if same and earlier["table"] == _sha256(path) else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def manifest(
    figure: FigureSpec,
    scale: Scale,
    results: Mapping[str, Result],
    seconds: float,
    inputs: str | None,
    table: Path,
) -> dict[str, Any]:
    """Everything needed to make the figure again, and what it took."""
    return {
        "figure": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "alt": figure.alt,
        "paper": figure.paper,
        "claims": list(figure.claims),
        "scale": scale.value,
        "experiments": {
            name: {
                "spec": repr(result.experiment),
                "seed": result.experiment.seed,
                "replicates": result.experiment.replicates,
                "seconds": round(result.seconds, 3),
                "largest_tv_error": float(result.frame["tv_error"].max()),  # type: ignore[arg-type]
            }
            for name, result in results.items()
        },
        "versions": {"python": platform.python_version()} | {n: version(n) for n in _LIBRARIES},
        "commit": _commit(),
        "seconds": round(seconds, 3),
        "inputs": inputs,
        "table": _sha256(table),
    }


def _commit() -> str | None:
    """The commit of the code, marked if the working tree differs from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        here = Path(__file__).parent
        run = subprocess.run(command, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a temporary file beside ``path``, sync it, and rename."""
    with NamedTemporaryFile(dir=path.parent, suffix=path.suffix, delete=False) as handle:
        part = Path(handle.name)
    try:
        write(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
