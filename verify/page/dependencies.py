"""The graph of the catalogue's proofs as a picture that one can walk.

Its layout is layered: every node stands right of all that it rests on. Columns are depths; a long
edge gets a place of its own in each column that it crosses. Rows are drawn to the mean of their
neighbours' rows, in turns over the columns, one row apart at least.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
from scipy.optimize import isotonic_regression

from bounds import Bound, Evidence
from verify.page.rendering import Section, rendered, script

__all__ = ["Layout", "Place", "dependencies_section", "layout", "resting_on"]

_ROW, _HEIGHT, _GAP, _EDGE = 24.0, 18.0, 36.0, 4.0
_LETTER, _PADDING = 6.4, 18.0
"""Width of a letter, from the widest of the page's fonts, and of what is left of a name."""
_TURNS = 12
_Key = tuple[str, ...]
"""``(node,)``, or ``(from, to, column)`` where an edge crosses a column."""


@dataclass(frozen=True)
class _Node:
    """An entry in the picture: its box, and what its proof uses directly."""

    bound: Bound
    below: tuple[str, ...]
    x: float
    y: float
    width: float

    @property
    def told(self) -> str:
        """The node in words."""
        rests = f"rests on {', '.join(self.below)}" if self.below else "rests on no other entry"
        return f"{self.bound.title} ({self.bound.name}), {self.bound.source.evidence}, {rests}"


@dataclass(frozen=True)
class _Edge:
    """From what is used to what uses it."""

    low: str
    high: str
    path: str


@dataclass(frozen=True)
class _Picture:
    width: float
    height: float
    nodes: tuple[_Node, ...]
    edges: tuple[_Edge, ...]


def resting_on(bounds: Mapping[str, Bound]) -> dict[str, tuple[str, ...]]:
    """Return the entries among ``bounds`` that the proof of each of them uses."""
    return {
        name: tuple(used for used in bound.depends_on if used in bounds)
        for name, bound in bounds.items()
    }


def dependencies_section(bounds: Mapping[str, Bound]) -> Section:
    """Return the graph: a node per entry, lit with all it rests on when it is chosen."""
    counts = Counter(bound.source.evidence for bound in bounds.values())
    markup = rendered(
        "dependencies.html",
        picture=_picture(bounds, resting_on(bounds)),
        height=_HEIGHT,
        legend=[(kind, counts[kind]) for kind in Evidence],
    )
    return Section(markup, script=script("dependencies.js"))


def _picture(bounds: Mapping[str, Bound], below: Mapping[str, Sequence[str]]) -> _Picture:
    places = layout(below)
    widths = _widths(places)
    lefts = [_EDGE, *(_EDGE + left for left in accumulate(width + _GAP for width in widths))]
    nodes = [
        _Node(bounds[name], tuple(below[name]), lefts[place.column], _y(place), _width(name))
        for name, place in places.nodes.items()
    ]
    nodes.sort(key=lambda node: (node.x, node.y))
    ends = {node.bound.name: node.x + node.width for node in nodes}
    edges = (
        _Edge(low, high, _path(ends[low], route, lefts, widths))
        for (low, high), route in places.edges.items()
    )
    bottom = max((node.y for node in nodes), default=0.0)
    return _Picture(lefts[-1] - _GAP + _EDGE, bottom + _ROW, tuple(nodes), tuple(edges))


def _width(name: str) -> float:
    return len(name) * _LETTER + _PADDING


def _widths(places: Layout) -> list[float]:
    """Of the columns, each as wide as its widest node."""
    count = max((place.column for place in places.nodes.values()), default=0) + 1
    return [
        max((_width(n) for n, p in places.nodes.items() if p.column == column), default=0.0)
        for column in range(count)
    ]


def _y(place: Place) -> float:
    """The middle of a row."""
    return round(_EDGE + _HEIGHT / 2 + place.row * _ROW, 1)


def _path(
    start: float, route: Sequence[Place], lefts: Sequence[float], widths: Sequence[float]
) -> str:
    """A curve through the gaps between columns, straight where it crosses one."""
    pieces = [f"M{start:.1f} {_y(route[0])}"]
    for here, there in pairwise(route):
        right, left = lefts[here.column] + widths[here.column], lefts[there.column]
        middle = (right + left) / 2
        pieces.append(
            f"H{right:.1f}C{middle:.1f} {_y(here)} {middle:.1f} {_y(there)} {left:.1f} {_y(there)}"
        )
    return "".join(pieces)


@dataclass(frozen=True)
class Place:
    """A column, from the left, and a row, from the top."""

    column: int
    row: float


@dataclass(frozen=True)
class Layout:
    """Places of nodes, and of edges from what is used to what uses it."""

    nodes: Mapping[str, Place]
    edges: Mapping[tuple[str, str], tuple[Place, ...]]


def layout(below: Mapping[str, Sequence[str]]) -> Layout:
    """Return places for a graph.

    Args:
        below: nodes that each node rests on; no circle.
    """
    columns = _columns(below)
    chains = {
        (low, high): _chain(low, high, columns) for high, lows in below.items() for low in lows
    }
    rows = _rows(_by_component(below), chains.values(), columns)
    places = {key: Place(_column(key, columns), row) for key, row in rows.items()}
    return Layout(
        {name: places[(name,)] for name in below},
        {edge: tuple(places[key] for key in chain) for edge, chain in chains.items()},
    )


def _columns(below: Mapping[str, Sequence[str]]) -> dict[str, int]:
    @cache
    def depth(name: str) -> int:
        return 1 + max(map(depth, below[name]), default=-1)

    return {name: depth(name) for name in below}


def _column(key: _Key, columns: Mapping[str, int]) -> int:
    return columns[key[0]] if len(key) == 1 else int(key[2])


def _chain(low: str, high: str, columns: Mapping[str, int]) -> tuple[_Key, ...]:
    """The places of an edge: both ends, and one in each column between."""
    between = range(columns[low] + 1, columns[high])
    return ((low,), *((low, high, str(column)) for column in between), (high,))


def _by_component(below: Mapping[str, Sequence[str]]) -> list[_Key]:
    """Nodes, those that hang together side by side, the largest part first."""
    beside = _beside(((low,), (high,)) for high, lows in below.items() for low in lows)
    parts: list[dict[_Key, None]] = []
    for name in below:
        if not any((name,) in part for part in parts):
            parts.append(_reached((name,), beside))
    return [key for part in sorted(parts, key=len, reverse=True) for key in part]


def _reached(key: _Key, beside: Mapping[_Key, Sequence[_Key]]) -> dict[_Key, None]:
    found, waiting = {key: None}, [key]
    while waiting:
        new = [other for other in beside.get(waiting.pop(), ()) if other not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return found


def _beside(pairs: Iterable[tuple[_Key, _Key]]) -> dict[_Key, list[_Key]]:
    found: dict[_Key, list[_Key]] = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
        found[other].append(one)
    return dict(found)


def _rows(
    nodes: Sequence[_Key], chains: Iterable[tuple[_Key, ...]], columns: Mapping[str, int]
) -> dict[_Key, float]:
    links = [pair for chain in chains for pair in pairwise(chain)]
    beside = _beside(links)
    layers: dict[int, list[_Key]] = defaultdict(list)
    for key in dict.fromkeys([*nodes, *beside]):
        layers[_column(key, columns)].append(key)
    rows = {key: float(row) for layer in layers.values() for row, key in enumerate(layer)}
    turn = [*sorted(layers), *sorted(layers, reverse=True)]
    for column in turn * _TURNS:
        rows |= _settled(layers[column], beside, rows)
    top = min(rows.values(), default=0.0)
    return {key: row - top for key, row in rows.items()}


def _settled(
    layer: Sequence[_Key], beside: Mapping[_Key, Sequence[_Key]], rows: Mapping[_Key, float]
) -> dict[_Key, float]:
    """Rows of a column nearest to what its nodes want, in that order and one apart."""
    wanted = {key: float(np.mean([rows[k] for k in beside.get(key, [key])])) for key in layer}
    ordered = sorted(layer, key=lambda key: (wanted[key], rows[key]))
    steps = np.arange(len(ordered))
    settled = isotonic_regression([wanted[key] for key in ordered] - steps).x + steps
    return dict(zip(ordered, settled.tolist(), strict=True))
