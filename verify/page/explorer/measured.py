"""Measured curves: mean total variation by generation of the finished loops in a store.

Each has a name that tells its loop from the others in the store.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bounds.bound import Bound, Constants, Statistic
from bounds.cycles import DataCycle, Protocol
from bounds.errors import HypothesisError
from bounds.statement import TOTAL_VARIATION
from empirics import Experiment
from empirics.means import mean_with_limits
from empirics.sweeps import Store
from empirics.sweeps.cell import experiment_in, made_of
from empirics.sweeps.describing import build, canonical, digest
from empirics.sweeps.encoding import DamagedError

__all__ = [
    "NUMBERS",
    "MeasuredCurve",
    "family_of",
    "kind_of",
    "labels",
    "loop_kind",
    "measured_curves",
    "speaks_of",
]

_CONFIDENCE = 0.95
_COLUMNS = {"replicate", "generation", "tv", "tv_error"}
_Cell = tuple[pl.DataFrame, Mapping[str, Any]]
NUMBERS = ("n", "share", "lam")
"""Numbers of a data cycle that a page has sliders for."""
_MOST_DIFFERENCES = 3
_FAMILY_LENGTH = 8


@dataclass(frozen=True)
class MeasuredCurve:
    """Mean TV over the runs of one loop, with the ends of its 95 % interval.

    Args:
        label: the loop in words.
        params: the cycle's ``n``, ``share``, ``lam`` as numbers; ``protocol``, ``cycle``, ``model``
            and ``runs`` as far as they are known.
        x: generations.
        mean, low, high: one number per generation; the limits hold for each of them and are widened
            by the numerical error, NaN where there is one run only.
        cycle: the data cycle, where it is one of :mod:`bounds.cycles`.
        experiment: the loop, where all of it is this project's own.
        kind: the loop in words without its numbers; the label if empty.
        target: the real law in a word.
        family: the same for loops that differ in the numbers of their cycle alone.
    """

    label: str
    params: Mapping[str, Any]
    x: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    cycle: DataCycle | None = None
    experiment: Experiment | None = None
    kind: str = ""
    family: str = ""
    target: str = ""


def measured_curves(store: Store) -> list[MeasuredCurve]:
    """Return a curve for every finished loop of ``store``, in the order of their labels.

    A single generation is no loop, and left out; of loops that differ in their runs alone the
    longest with the most runs is kept. Damaged cells are skipped, with a warning that names each.

    Raises:
        StoreError: the store cannot be read.
    """
    cells = _fullest(_cells(store))
    described = [spec for _, spec in cells]
    cycles = [_cycle(spec["cycle"]) for spec in described]
    kinds = [loop_kind(*parts) for parts in zip(described, cycles, strict=True)]
    names = labels(described, kinds, [_numbers_of(cycle) for cycle in cycles])
    each = zip(names, kinds, cycles, cells, strict=True)
    curves = [_curve(label, kind, cycle, *cell) for label, kind, cycle, cell in each]
    return sorted(curves, key=lambda curve: curve.label)


def _cells(store: Store) -> Iterator[_Cell]:
    """Rows and description of every whole cell that holds the total variations of a loop.

    Loops whose samples pass an operator are left out: the bounds of the page speak of plain ones.
    """
    for key in store.finished():
        try:
            frame, manifest = store.read(key)
        except DamagedError as damage:
            warnings.warn(f"store {store.folder}: {key[:8]} skipped, it {damage}", stacklevel=3)
            continue
        if "between" not in manifest.get("spec", {"between": None}) and _is_loop(frame):
            yield frame, manifest["spec"]


def _is_loop(frame: pl.DataFrame) -> bool:
    if not set(frame.columns) >= _COLUMNS:
        return False
    numbers = all(frame[name].dtype.is_numeric() for name in _COLUMNS)
    return numbers and frame["generation"].n_unique() > 1 and not frame["tv"].has_nulls()


def _fullest(cells: Iterable[_Cell]) -> list[_Cell]:
    """Of cells with the same model, target and cycle, the one that says the most."""
    kept: dict[str, _Cell] = {}
    for cell in cells:
        key = digest([cell[1][part] for part in ("model", "target", "cycle")])
        if key not in kept or _size(cell) > _size(kept[key]):
            kept[key] = cell
    return list(kept.values())


def _size(cell: _Cell) -> tuple[int, int]:
    frame = cell[0]
    return frame["generation"].n_unique(), frame["replicate"].n_unique()


def _curve(
    label: str,
    kind: str,
    cycle: DataCycle | None,
    frame: pl.DataFrame,
    described: Mapping[str, Any],
) -> MeasuredCurve:
    rows = frame.sort("generation", "replicate").group_by("generation", maintain_order=True)
    numbers = [(float(key[0]), *_mean_with_limits(group)) for key, group in rows]
    params = {
        **_numbers_of(cycle),
        "protocol": str(described["cycle"].get("data", "")),
        "cycle": kind_of(described["cycle"]) if cycle is None else cycle.name,
        "model": kind_of(described["model"]),
        "runs": frame["replicate"].n_unique(),
    }
    experiment = experiment_in(described)
    x, mean, low, high = zip(*numbers, strict=True)
    family = family_of(described)
    target = kind_of(described["target"])
    return MeasuredCurve(label, params, x, mean, low, high, cycle, experiment, kind, family, target)


def _cycle(described: Mapping[str, Any]) -> DataCycle | None:
    """The cycle if it is one of this project: a page imports nothing that a file names."""
    return made_of(described, build, DataCycle)  # type: ignore[type-abstract]


def _numbers_of(cycle: DataCycle | None) -> dict[str, float]:
    given = {word: getattr(cycle, word, None) for word in NUMBERS}
    return {w: float(v) for w, v in given.items() if v is not None and not isinstance(v, tuple)}


def _mean_with_limits(group: pl.DataFrame) -> tuple[float, ...]:
    tv, error = (group[name].cast(pl.Float64).to_numpy() for name in ("tv", "tv_error"))
    return tuple(map(float, mean_with_limits(tv, np.nan_to_num(error), _CONFIDENCE)))


def speaks_of(bound: Bound, cycle: DataCycle | None) -> bool:
    """Whether ``bound`` is on the TV of any model in a loop with ``cycle``, as far as it can tell.

    Bounds of one kind of model are held against it by the claims, with its target and bandwidths.
    """
    general = "one_step_error" in bound.parameters or bound.constants is Constants.FREE
    is_on_loops = bound.quantity == TOTAL_VARIATION and bound.statistic is Statistic.EVERY_RUN
    if cycle is None or cycle.data is not Protocol.FRESH or not (general and is_on_loops):
        return False
    try:
        bound.check_hypotheses(cycle)
    except HypothesisError:
        return False
    return True


def kind_of(described: Mapping[str, Any]) -> str:
    """The name of the class or function in a description."""
    path = str(described.get("type", described.get("call", "own")))
    return path.rpartition(":")[2]


def family_of(described: Mapping[str, Any]) -> str:
    """The same for loops that differ in numbers of their cycle and in their runs alone."""
    cycle = {name: v for name, v in described["cycle"].items() if name not in NUMBERS}
    return digest([described["model"], described["target"], cycle])[:_FAMILY_LENGTH]


def loop_kind(described: Mapping[str, Any], cycle: DataCycle | None) -> str:
    """A loop in words, without its numbers.

    Args:
        described: its canonical description.
        cycle: its data cycle, where that is this project's own.
    """
    name = kind_of(described["cycle"]) if cycle is None else cycle.name
    protocol = described["cycle"].get("data")
    words = [f"{kind_of(described['model'])} on {kind_of(described['target'])}", name]
    words += [f"{protocol} data"] if protocol else []
    if getattr(cycle, "real_start", True) is False:
        words.append("(1 + lambda) n real points in generation 1")
    return ", ".join(words)


def labels(
    described: Sequence[Mapping[str, Any]],
    kinds: Sequence[str],
    numbers: Sequence[Mapping[str, float]],
) -> list[str]:
    """Return a label for every loop; what tells loops of one label apart is added to it.

    Args:
        described: the loops' canonical descriptions.
        kinds: the loops without their numbers.
        numbers: ``n``, ``share``, ``lam`` of the cycles.
    """
    plain = [_label(*parts) for parts in zip(kinds, numbers, strict=True)]
    alike = defaultdict(list)
    for i, label in enumerate(plain):
        alike[label].append(i)
    for label, places in alike.items():
        for i, difference in zip(places, _differences([described[i] for i in places]), strict=True):
            plain[i] = ", ".join([label, *difference])
    return plain


def _label(kind: str, numbers: Mapping[str, float]) -> str:
    shown = (f"{w} = {v:.0f}" if v.is_integer() else f"{w} = {v:g}" for w, v in numbers.items())
    return ", ".join([kind, *shown])


def _differences(described: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The first few entries in which some descriptions differ, for each of them."""
    flat = [dict(_leaves(one)) for one in described]
    paths = dict.fromkeys(path for leaves in flat for path in leaves)
    told = [
        path
        for path in paths
        if len({canonical(leaves.get(path)) for leaves in flat}) > 1 and _last(path) not in NUMBERS
    ]
    return [
        [f"{_last(path)} = {leaves[path]}" for path in told[:_MOST_DIFFERENCES] if path in leaves]
        for leaves in flat
    ]


def _leaves(described: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(described, Mapping):
        yield path, described
        return
    if "fraction" in described:
        yield path, described["fraction"]
        return
    for name, value in described.items():
        yield from _leaves(value, f"{path}.{name}")


def _last(path: str) -> str:
    return path.rpartition(".")[2]
