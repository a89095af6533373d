"""Reading a study: a TOML file to the cells of its grids, or one line that says what is wrong."""

from __future__ import annotations

import re
import reprlib
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from bounds.errors import UserError, did_you_mean
from empirics.data.data_set import DataSet, data_set
from empirics.errors import InputError
from empirics.experiment import Experiment, Numerics
from empirics.kde.engine import smoothers
from empirics.models import Kde
from empirics.points_engine import check_pool
from empirics.quantities import quantities_of
from empirics.sweeps.cell import Cell, Streams, cell_of
from empirics.sweeps.constructors import PARTS, kinds
from empirics.sweeps.describing import canonical
from empirics.sweeps.grids import RawCell, expand
from empirics.sweeps.imported import build_imported
from empirics.sweeps.schema import (
    Imported,
    allowed,
    built,
    fields_at,
    kinds_at,
    study_table,
    type_at,
)
from empirics.sweeps.studies import SpecError

__all__ = ["Study", "load", "parse"]

_LONGEST = 4_000_000
"""Bytes of a study; a grid says much in little, and a device may never end."""
_PLACE = re.compile(r"^(?P<text>.*?)(?: - at `(?:key in )?\$?(?P<path>.*)`)?$", re.S)
_YOURS = "your own 'package.module:Name'"
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True)
class Study:
    """A study: a name, what it is about, and its cells in the order of the file.

    ``text`` is the file itself.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]
    text: str = ""


def load(path: Path | str) -> Study:
    """Read a study from its file.

    Raises:
        SpecError: the file is missing, is no TOML, or says something that cannot be run.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise SpecError(f"{path}: cannot be read as a study ({why})") from None
    if len(text) > _LONGEST:
        raise SpecError(f"{path}: is longer than {_LONGEST} characters")
    return parse(text, path.stem, str(path), path.parent)


def parse(text: str, name: str, source: str = "study", folder: Path | str | None = None) -> Study:
    """A study from TOML text.

    Args:
        text: the TOML.
        name: what the study is called in a store.
        source: what errors call the file.
        folder: where the paths of data files begin; the working directory if ``None``.

    Raises:
        SpecError: the text says something that cannot be run; the message says where.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _study(text, name, _DataFiles(Path(folder or "")))
    except InputError as error:
        line = _line_of(text, str(error))
        place = source if line is None else f"{source}:{line}"
        raise SpecError(f"{place}: {error}") from None


@dataclass(frozen=True)
class _DataFiles:
    """Data files beside a study, each read once."""

    folder: Path
    known: dict[str, DataSet] = field(default_factory=dict)

    def open(self, parameter: str, path: str) -> DataSet:
        """The data in a file.

        Raises:
            InputError: it cannot be read, or is no data.
        """
        if path not in self.known:
            try:
                self.known[path] = data_set(self.folder / path, path)
            except InputError as error:
                raise InputError(f"{parameter} = {path!r}: {error}") from None
        return self.known[path]


def _study(text: str, name: str, files: _DataFiles) -> Study:
    table = _toml(text)
    cells: dict[str, Cell] = {}
    title = ""
    for raw in expand(table):
        typed = _typed(raw)
        title = typed.title
        cell = _cell(typed, raw, files)
        described = canonical(cell.description)
        if described in cells:
            raise InputError(f"the cell {cell.label} is there twice; values of a grid must differ")
        cells[described] = cell
    return Study(name, title, tuple(cells.values()), text)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError("is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"is not TOML: {error}") from None


def _typed(raw: RawCell) -> Any:
    try:
        return msgspec.convert(raw.table, study_table(), strict=True)
    except msgspec.ValidationError as error:
        raise InputError(_said(error, raw.table, raw.parts)) from None


def _cell(typed: Any, raw: RawCell, files: _DataFiles) -> Cell:
    given = {name: _built(name, part, raw.parts[name], files) for name, part in _parts(typed)}
    given |= {
        n: v for n in ("generations", "replicates", "seed") if (v := getattr(typed, n)) is not UNSET
    }
    if typed.numerics is not UNSET:
        given["numerics"] = built(Numerics, typed.numerics)
    if typed.record is not UNSET:
        given["record"] = quantities_of(typed.record)
    try:
        experiment = Experiment(**given)
        _check_runs(experiment)
    except (UserError, InputError) as error:
        raise InputError(_placed(str(error))) from None
    except (ArithmeticError, ValueError, MemoryError) as error:
        raise InputError(f"numbers too extreme to be computed with ({error})") from None
    own = {
        name: {"call": part.path, "arguments": part.arguments}
        for name, part in _parts(typed)
        if isinstance(part, Imported)
    }
    return cell_of(experiment, raw.place, Streams.CELL, own)


def _parts(typed: Any) -> Iterator[tuple[str, Any]]:
    """The parts that the study has."""
    for name in PARTS:
        if (part := getattr(typed, name)) is not UNSET:
            yield name, part


def _built(name: str, part: Any, where: str, files: _DataFiles) -> Any:
    try:
        if isinstance(part, Imported):
            return build_imported(name, part.path, part.arguments)
        return built(kinds(name)[part.__struct_config__.tag], part, files.open)
    except (UserError, InputError) as error:
        text = str(error)
        joint = " " if text.startswith("= ") else "" if text.startswith((".", "[")) else "."
        raise InputError(f"{where}{joint}{text}") from None
    except (ArithmeticError, ValueError, MemoryError) as error:
        raise InputError(f"{where}: numbers too extreme to be computed with ({error})") from None


def _check_runs(experiment: Experiment) -> None:
    """Refuse what cannot be run, a grid or a pool that is too small, before a worker meets it."""
    if experiment.on_grid and isinstance(experiment.model, Kde):
        smoothers(replace(experiment, replicates=1))
    check_pool(experiment)


def _placed(text: str) -> str:
    """The sentence of an experiment, with the place that its subject has in the file."""
    subject = text.split(" ")[0]
    if subject in ("sampling", "resolution", "draws", "confidence_level", "window"):
        return f"numerics.{text}"
    if subject == "generation":
        return f"cycle: {text}"
    return f"numerics: {text}" if subject == "grid" else text


def _said(
    error: msgspec.ValidationError, table: Mapping[str, Any], parts: Mapping[str, str]
) -> str:
    """The mistake that msgspec found, in the words of the file.

    Args:
        error: what msgspec raised for the table.
        table: one cell of the study.
        parts: where each top-level entry stands in the file.
    """
    match = _PLACE.match(str(error))
    text, path = (match["text"], match["path"] or "") if match else (str(error), "")
    steps = [a or b for a, b in _STEP.findall(path)]
    place = _written(steps, parts)
    if field := re.search(r"field `(.+?)`", text):
        return _wrong_field(field[1], "missing" in text, steps, table, place)
    return f"{place} = {_shown(_value(steps, table))}: {_requirement(steps, table)}"


def _written(steps: list[str], parts: Mapping[str, str]) -> str:
    if not steps:
        return ""
    rest = "".join(f"[{s}]" if s.isdigit() else f".{s}" for s in steps[1:] if s != "...")
    return parts.get(steps[0], steps[0]) + rest


def _value(steps: list[str], table: Any) -> Any:
    for step in steps:
        if step == "...":
            break
        table = table[int(step)] if isinstance(table, list) else table[step]
    return table


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return reprlib.repr(value)


def _wrong_field(
    name: str, missing: bool, steps: list[str], table: Mapping[str, Any], place: str
) -> str:
    where = f"{place}.{name}" if place else name
    known = fields_at(steps, table)
    if name == "kind":
        return f"{where}: is missing; must be one of {_quoted(kinds_at(steps, table))}"
    if missing:
        info = known.get(name)
        need = "must be a table" if info is None else allowed(info, None)
        return f"{where}: is missing; {need}"
    names = ", ".join(known)
    return f"{where}: is not known here; allowed are {names}{did_you_mean(name, known)}"


def _requirement(steps: list[str], table: Mapping[str, Any]) -> str:
    whole = steps[: steps.index("...")] if "..." in steps else steps
    value, kinds = _value(steps, table), kinds_at(whole[:-1], table)
    is_part = len(whole) == 1 and kinds_at(whole, table)
    if is_part:
        return f"must be a table with a kind, or {_YOURS}"
    if kinds and whole[-1] == "kind":
        yours = f", or {_YOURS}" if len(whole) == 2 else ""
        return f"must be one of {_quoted(kinds)}{yours}{did_you_mean(str(value), kinds)}"
    info = type_at(whole, table)
    return "must be a table" if info is None else allowed(info, value)


def _quoted(words: list[str]) -> str:
    return ", ".join(repr(word) for word in words if word != "import")


def _line_of(text: str, place: str) -> int | None:
    """The line of a study's text that a place such as ``cycle[1].share`` stands on."""
    names = [a for a, b in _STEP.findall(place.split(" ")[0].rstrip(":")) if a]
    section: list[str] = []
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?\s*([\w.\-]+)", line):
            section, here = header[1].split("."), []
        elif key := re.match(r"\s*([\w\-]+)\s*=", line):
            here = [key[1]]
        else:
            continue
        found = section + here
        depth = len(found) if found == names[: len(found)] else 0
        if depth > (best[0] if best else 0):
            best = (depth, number)
    return best[1] if best else None
