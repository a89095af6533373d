"""Loops of kernel density estimates whose bounds' quantities the page holds, computed here."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import ceil
from typing import Any

import numpy as np

from bounds import cycles
from bounds.catalogue import get
from bounds.cycle_words import CYCLES
from bounds.errors import HypothesisError
from bounds.kde import Setting, kde_quantities
from bounds.kde.grid import quadrature_grid
from bounds.kde.setting import Normal
from verify.page.explorer.measured import NUMBERS, MeasuredCurve
from verify.values import kde_setting

__all__ = ["GRIDS", "KernelLoop", "loop_data", "loops_beside"]

GRIDS = ("bias", "variance", "kernel_variance")
"""Functions of x that the page holds; the last one for generation 1 alone."""
_MOST_LOOPS = 4
_MOST_GENERATIONS = 12
_MOST_CELLS = 700
_EVERY = 4
"""Cells of the quadrature grid that one cell of the page's grid is made of."""
_NEGLIGIBLE = 1e-8
_SIDES = ("kde-sandwich", "kde-sandwich-lower")
_UNIT = 1e-5
"""The accuracy that the page states is rounded up to a multiple of it."""
_BANDWIDTH = 0.25
_N = 1000


@dataclass(frozen=True)
class KernelLoop:
    """A loop of kernel density estimates.

    Args:
        title: in words.
        setting: cycle, target, bandwidths and kernel.
        params: ``n``, ``share`` and ``lam`` of the cycle, as far as it has them.
        measured: the curve that was measured of it, if one was.
    """

    title: str
    setting: Setting
    params: Mapping[str, float]
    measured: MeasuredCurve | None = None

    @cached_property
    def quantities(self) -> list[dict[str, Any]]:
        """The quantities of a kernel-density theorem, by quadrature, in generation 1, 2, ..."""
        how = self.setting
        return [
            kde_quantities(
                bandwidth=how.bandwidths[:generation],
                generation=generation,
                cycle=how.cycle,
                target=how.target,
                kernel=how.kernel,
            )
            for generation in range(1, how.generations + 1)
        ]


def loops_beside(measured: Sequence[MeasuredCurve]) -> list[KernelLoop]:
    """Return measured loops on the line, one for each kind of cycle, then loops on N(0, 1)."""
    found: dict[type, KernelLoop] = {}
    for curve in sorted(measured, key=lambda curve: -len(curve.x)):
        if type(curve.cycle) not in found and (loop := _measured_loop(curve)):
            found[type(curve.cycle)] = loop
    ordered = [found[kind] for kind in CYCLES.values() if kind in found]
    return [*ordered, *_reference_loops()][:_MOST_LOOPS]


def _measured_loop(curve: MeasuredCurve) -> KernelLoop | None:
    """The loop of a curve, if its data is fresh, as some of the bounds require, and it is small."""
    experiment = curve.experiment
    if experiment is None or experiment.cycle.data is not cycles.Protocol.FRESH:
        return None
    try:
        whole = kde_setting(experiment)
    except HypothesisError:
        return None
    kept = whole.bandwidths[:_MOST_GENERATIONS]
    setting = Setting(whole.cycle, whole.target, kept, whole.kernel)
    if setting.target.dimension > 1 or quadrature_grid(setting).shape[0] > _EVERY * _MOST_CELLS:
        return None
    return KernelLoop(f"measured: {curve.label}", setting, _numbers(curve.params), curve)


def _numbers(params: Mapping[str, Any]) -> dict[str, float]:
    return {word: params[word] for word in NUMBERS if word in params}


@cache
def _reference_loops() -> tuple[KernelLoop, ...]:
    """Loops on the normal law."""
    widths, found = (_BANDWIDTH,) * _MOST_GENERATIONS, []
    for cycle in (cycles.full_synthetic(n=_N), cycles.fresh_real(n=_N, share="1/10")):
        params = {"n": float(_N)} | ({"share": 0.1} if isinstance(cycle, cycles.FreshReal) else {})
        title = f"N(0, 1), {cycle.name}, n = {_N}, bandwidth {_BANDWIDTH:g}"
        found.append(KernelLoop(title, Setting(cycle, Normal(), widths), params))
    return tuple(found)


def loop_data(loop: KernelLoop) -> dict[str, Any]:
    """Return a loop's sequences and grids as data for JSON; grids as float32 in base 64."""
    each = loop.quantities
    last = each[-1]
    return {
        "title": loop.title,
        "params": dict(loop.params),
        "influence": [found["influence"].tolist() for found in each],
        "size": last["size"].tolist(),
        **{word: last[word].tolist() for word in ("smoothing_bias", "noise")},
        "accuracy": ceil(max(map(_missed, each)) / _UNIT) * _UNIT,
        "grids": [_packed(found, GRIDS if j == 0 else GRIDS[:2]) for j, found in enumerate(each)],
    }


def _missed(found: Mapping[str, Any]) -> float:
    """By which part of themselves the sides of the sandwich change on the page's grid.

    The upper side hardly does; the lower one does where the bias changes its sign within a cell.
    """
    page = dict(zip(GRIDS, _thinned(found), strict=True)) | {"cell": found["cell"] * _EVERY}
    return max(abs(_value(name, page) / _value(name, found) - 1) for name in _SIDES)


def _value(name: str, source: Mapping[str, Any]) -> float:
    bound = get(name)
    return float(bound.evaluate(**{word: source[word] for word in bound.parameters}))


def _packed(found: Mapping[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    rows = _thinned(found).astype("<f4")
    packed = {w: b64encode(row.tobytes()).decode() for w, row in zip(GRIDS, rows, strict=True)}
    return {word: packed[word] for word in kept} | {"cell": found["cell"] * _EVERY}


def _thinned(found: Mapping[str, Any]) -> np.ndarray:
    """Every fourth cell, as far out as anything is there."""
    rows = np.stack([found[word] for word in GRIDS])[:, ::_EVERY]
    seen = np.flatnonzero((abs(rows) > _NEGLIGIBLE * abs(rows).max(axis=1, keepdims=True)).any(0))
    return rows[:, seen[0] : seen[-1] + 1]
