"""Reading a study: a TOML file to the cells of its grids, or one line that says what is wrong."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from bounds.errors import UserError
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
from empirics.sweeps.mistakes import line_of, said
from empirics.sweeps.schema import Imported, built, study_table
from empirics.sweeps.studies import SpecError

__all__ = ["Study", "load", "parse"]

_LONGEST = 4_000_000
"""Bytes of a study; a grid says much in little, and a device may never end."""


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
        line = line_of(text, str(error))
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
        raise InputError(said(error, raw.table, raw.parts)) from None


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
    own = {name: _called(part) for name, part in _own(typed)}
    return cell_of(experiment, raw.place, Streams.CELL, own)


def _parts(typed: Any) -> Iterator[tuple[str, Any]]:
    """The parts that the study has."""
    for name in PARTS:
        if (part := getattr(typed, name)) is not UNSET:
            yield name, part


def _own(typed: Any) -> Iterator[tuple[str, Imported]]:
    for name, part in _parts(typed):
        if isinstance(part, Imported):
            yield name, part


def _called(part: Imported) -> dict[str, Any]:
    return {"call": part.path, "arguments": part.arguments}


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
    window, dimension = experiment.numerics.window, experiment.target.dimension
    if window is not None and len(window) != dimension:
        raise InputError(f"window: has {len(window)} intervals, the target {dimension} dimensions")
    if experiment.on_grid and isinstance(experiment.model, Kde):
        smoothers(replace(experiment, replicates=1))
    check_pool(experiment)


def _placed(text: str) -> str:
    """The sentence of an experiment, with the place that its subject has in the file."""
    subject = text.split(" ")[0]
    if subject in ("sampling", "resolution", "draws", "confidence_level", "window", "window:"):
        return f"numerics.{text}"
    if subject == "generation":
        return f"cycle: {text}"
    return f"numerics: {text}" if subject == "grid" else text
