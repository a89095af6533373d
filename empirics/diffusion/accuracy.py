"""Grids of the computation: fast ones for loops, fine ones for reported numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Axis, make_grid
from empirics.targets import Target

__all__ = [
    "LOOP",
    "REPORT",
    "Accuracy",
    "PlaneAccuracy",
    "check_jumps",
    "law_axis",
    "node_axis",
    "plane_axis",
]

_HALF_WIDTH = 7.0
"""The prior's own process leaves it within the horizon with probability 1e-9."""
_TAIL = 1e-11
_FEATURE_CELLS = 10.0
"""Cells per standard deviation of the target's narrowest feature."""
_HALF_WIDTH_IN_PLANE = 6.0
_FEATURE_CELLS_IN_PLANE = 6.0
_MOST_CELLS_IN_PLANE = 1536
_JUMP = 2.0
"""Training cells that the noise at ``stop`` must span where the target has jumps."""


@dataclass(frozen=True)
class PlaneAccuracy:
    """Resolution of a computed loop in the plane.

    Args:
        cells: of the law, finest, along an axis of the prior's square.
        steps: time steps of the law's finest solution; two coarser ones have half and a quarter.
        ode_steps: Runge-Kutta steps of the flow.
        training_times: quadrature nodes of the training loss.
        risk_times: quadrature nodes of the score risk, a multiple of 4, and nodes of the score for
            the law.
        per_bend: nodes of space on the length on which units bend.
    """

    cells: int
    steps: int
    ode_steps: int
    training_times: int
    risk_times: int
    per_bend: float


@dataclass(frozen=True)
class Accuracy:
    """Resolution of a computed loop.

    Args:
        step: width of the law's finer cells.
        steps: time steps of the law's finer solution (Fokker-Planck), halved for the coarser.
        ode_steps: Runge-Kutta steps of the flow.
        training_times: quadrature nodes of the training loss.
        risk_times: quadrature nodes of the score risk, a multiple of 4; other ones than in
            training.
        compression: eigenvalue below which a direction of feature space is dropped.
        plane: resolution in two dimensions, where none of the above is used.
    """

    step: float
    steps: int
    ode_steps: int
    training_times: int
    risk_times: int
    compression: float
    plane: PlaneAccuracy = PlaneAccuracy(384, 48, 16, 20, 24, 3.5)


LOOP = Accuracy(12 / 512, 64, 40, 20, 32, 1e-9)
REPORT = Accuracy(12 / 960, 240, 80, 28, 48, 1e-11, plane=PlaneAccuracy(512, 64, 32, 28, 32, 5.0))


def law_axis(target: Target, accuracy: Accuracy) -> Axis:
    """Cells of the generated law: the prior and the target fit in, jumps lie between cells.

    Raises:
        InputError: the target is so far from the prior's scale that the grid would be huge.
    """
    ((low, high),) = target.window(_TAIL)
    reach = max(_HALF_WIDTH, 1.2 * abs(low), 1.2 * abs(high))
    if not reach < 40:
        raise InputError(
            f"target on [{low:.4g}, {high:.4g}]: a diffusion to N(0, 1) needs data on its scale;"
            " standardise the target"
        )
    step = accuracy.step
    if scale := getattr(target, "finest_scale", None):
        step = min(step, scale() / _FEATURE_CELLS)
    return make_grid([(-reach, reach)], 0.0, step, target.support).axes[0]


def plane_axis(target: Target, accuracy: PlaneAccuracy) -> Axis:
    """Cells along both axes of the plane, a multiple of thirty-two; the target fits in.

    Raises:
        InputError: the target is so far from the prior's scale that the grid would be huge.
    """
    reach = max(_HALF_WIDTH_IN_PLANE, 1.2 * float(np.abs(target.window(_TAIL)).max()))
    step = 2 * _HALF_WIDTH_IN_PLANE / accuracy.cells
    if scale := getattr(target, "finest_scale", None):
        step = min(step, scale() / _FEATURE_CELLS_IN_PLANE)
    cells = 32 * ceil(2 * reach / step / 32)
    if not cells <= _MOST_CELLS_IN_PLANE:
        raise InputError(
            f"target within {reach:.4g} of the origin needs {cells:.4g} cells along an axis, at"
            f" most {_MOST_CELLS_IN_PLANE} are allowed; standardise the target, or widen its"
            " narrowest feature"
        )
    return Axis(-reach, 2 * reach / cells, cells)


def node_axis(axis: Axis) -> Axis:
    """Cells twice as wide, whose centres are the nodes of the training quadrature."""
    return Axis(axis.low, 2 * axis.step, axis.cells // 2)


def check_jumps(target: Target, axis: Axis, process: OrnsteinUhlenbeck) -> None:
    """Refuse a density with jumps that is not smoothed before it is learned.

    Raises:
        InputError: compact support with too early a stop.
    """
    if np.isfinite(target.support).any():
        least = _JUMP * node_axis(axis).step
        if process.variance(np.array(process.stop)) < least**2:
            raise InputError(
                f"stop = {process.stop}: a target with bounded support has no score at time 0; use"
                f" stop >= {-0.5 * np.log1p(-(least**2)):.2g}"
            )
