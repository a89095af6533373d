"""Grids of the computation: fast ones for loops, fine ones for reported numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Axis, make_grid
from empirics.targets import Target

__all__ = ["LOOP", "REPORT", "Accuracy", "check_jumps", "law_axis", "node_axis"]

_HALF_WIDTH = 7.0
"""The prior's own process leaves it within the horizon with probability 1e-9."""
_TAIL = 1e-11
_FEATURE_CELLS = 10.0
"""Cells per standard deviation of the target's narrowest feature."""
_JUMP = 2.0
"""Training cells that the noise at ``stop`` must span where the target has jumps."""


@dataclass(frozen=True)
class Accuracy:
    """Resolution of a computed loop.

    Args:
        step: width of the law's finer cells.
        steps: time steps of the law's finer solution (Fokker-Planck), halved for the coarser.
        ode_steps: Runge-Kutta steps of the flow.
        training_times: quadrature nodes of the training loss.
        risk_times: intervals of the score risk's quadrature, a multiple of 8; its nodes are other
            ones than in training.
        compression: eigenvalue below which a direction of feature space is dropped.
    """

    step: float
    steps: int
    ode_steps: int
    training_times: int
    risk_times: int
    compression: float


LOOP = Accuracy(12 / 512, 64, 40, 20, 32, 1e-9)
REPORT = Accuracy(12 / 960, 240, 80, 28, 48, 1e-11)


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
