"""What rests on what: the graph of the catalogue's proofs as a picture that one can walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bounds import Bound, Evidence
from verify.page.layers import Layout, Place, layout
from verify.page.rendering import rendered, script
from verify.page.section import Section

__all__ = ["dependencies_section", "resting_on"]

_ROW, _HEIGHT, _GAP, _EDGE = 24.0, 18.0, 44.0, 4.0
_LETTER, _PADDING = 6.7, 20.0
"""Width of a letter, from the widest of the page's fonts, and of what is left of a name."""


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
        _node(bounds[name], below[name], place, lefts[place.column])
        for name, place in places.nodes.items()
    ]
    nodes.sort(key=lambda node: (node.x, node.y))
    edges = (_Edge(*ends, _path(route, lefts, widths)) for ends, route in places.edges.items())
    bottom = max((node.y for node in nodes), default=0.0)
    return _Picture(lefts[-1] - _GAP + _EDGE, bottom + _ROW, tuple(nodes), tuple(edges))


def _node(bound: Bound, below: Sequence[str], place: Place, left: float) -> _Node:
    return _Node(bound, tuple(below), left, _y(place), _width(bound.name))


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


def _path(route: Sequence[Place], lefts: Sequence[float], widths: Sequence[float]) -> str:
    """A curve through the gaps between columns, straight where it crosses one."""
    start = route[0]
    pieces = [f"M{lefts[start.column]:.1f} {_y(start)}"]
    for here, there in pairwise(route):
        right, left = lefts[here.column] + widths[here.column], lefts[there.column]
        middle = (right + left) / 2
        pieces.append(
            f"H{right:.1f}C{middle:.1f} {_y(here)} {middle:.1f} {_y(there)} {left:.1f} {_y(there)}"
        )
    return "".join(pieces)
