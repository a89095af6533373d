"""Starting points for a reader: a few bounds that tell something together, along one axis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bounds.bound import Bound
from verify.page.explorer.loops import KernelLoop
from verify.page.explorer.measured import MeasuredCurve, speaks_of

__all__ = ["VIEWS", "View", "views_data"]


@dataclass(frozen=True)
class View:
    """A view that the explorer opens with.

    Args:
        title: what a button says.
        bounds: their names.
        x: the word along the axis.
        ends: where the axis begins and ends; a loop ends with its last generation.
        values: numbers other than those that sliders start with.
        is_of_loop: whether it shows the first kernel-density loop, with its numbers.
    """

    title: str
    bounds: tuple[str, ...]
    x: str
    ends: tuple[float, float]
    values: Mapping[str, float] = field(default_factory=dict)
    is_of_loop: bool = False


VIEWS = (
    View(
        "A bound and its loop",
        ("kde-sandwich",),
        "generation",
        (1, 12),
        is_of_loop=True,
    ),
    View(
        "Data cycles",
        ("full-synthetic", "fresh-real", "balanced", "accumulating"),
        "generation",
        (1, 50),
    ),
    View(
        "Ladder of bounds",
        ("full-synthetic", "kde-recursion", "kde-sandwich", "kde-clt", "kde-sandwich-lower"),
        "generation",
        (1, 12),
        is_of_loop=True,
    ),
    View(
        "Phase transition",
        ("phase-transition", "phase-transition-real-start"),
        "lam",
        (0.1, 1000),
        {"generation": 20, "lam": 10},
    ),
    View(
        "Points needed",
        ("sample-size-full-synthetic", "sample-size-balanced", "sample-size-accumulating"),
        "generation",
        (1, 50),
    ),
)


def views_data(
    shown: Mapping[str, Bound], loops: Sequence[KernelLoop], measured: Sequence[MeasuredCurve]
) -> list[dict[str, Any]]:
    """Return the views whose bounds are all there, as data for JSON."""
    return [
        {
            "title": view.title,
            "chosen": view.bounds,
            "x": view.x,
            "ends": (1, loops[0].setting.generations) if view.is_of_loop else view.ends,
            "values": {**view.values, **_measured_values(view, shown, loops, measured)},
        }
        for view in VIEWS
        if shown.keys() >= set(view.bounds)
    ]


def _measured_values(
    view: View,
    shown: Mapping[str, Bound],
    loops: Sequence[KernelLoop],
    measured: Sequence[MeasuredCurve],
) -> Mapping[str, float]:
    """Numbers under which a view has measured points beside it."""
    if view.is_of_loop:
        return {**loops[0].params, "generation": loops[0].setting.generations}
    if view.x == "generation":
        stated = [shown[name] for name in view.bounds]
        return _commonest_size([c for c in measured if any(speaks_of(b, c.cycle) for b in stated)])
    along = [curve for curve in measured if view.x in curve.params]
    if not along:
        return {}
    longest = max(along, key=lambda curve: len(curve.x))
    return {"n": longest.params["n"], "generation": longest.x[-1]}


def _commonest_size(measured: Sequence[MeasuredCurve]) -> Mapping[str, float]:
    sizes = Counter(curve.params["n"] for curve in measured if "n" in curve.params)
    return {"n": sizes.most_common(1)[0][0]} if sizes else {}
