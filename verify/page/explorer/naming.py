"""Names of measured loops: each tells its loop from the others in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bounds.cycles import DataCycle
from empirics.sweeps.describing import canonical, digest

__all__ = ["NUMBERS", "family_of", "kind_of", "labels", "loop_kind"]

NUMBERS = ("n", "share", "lam")
"""Numbers of a data cycle that a page has sliders for."""
_MOST_DIFFERENCES = 3
_FAMILY_LENGTH = 8


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
