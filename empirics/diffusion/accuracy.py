"""Grids of the computation: fast ones for loops, fine ones for reported numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError, integer, number
from empirics.grid import Axis, make_grid
from empirics.targets import Target, Univariate

__all__ = [
    "LOOP",
    "MOST_UNITS",
    "REPORT",
    "Accuracy",
    "PlaneAccuracy",
    "check_jumps",
    "check_parts",
    "law_axis",
    "node_axis",
    "plane_axis",
]

MOST_UNITS = 10**12
"""Hidden units, steps, or points of a batch: more is a slip of the pen."""
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
_RINGING = 1e-8
"""Factor by which noise of so many cells damps a jump at the end of the band."""
_END_OF_BAND = 16


def _check_multiples(accuracy: object, **factors: int) -> None:
    for name, factor in factors.items():
        value = getattr(accuracy, name)
        if integer(name, value, at_least=factor) % factor:
            raise InputError(f"{name} = {value}: must be a multiple of {factor}")


@dataclass(frozen=True)
class PlaneAccuracy:
    """Resolution of a computed loop in the plane.

    Args:
        cells: of the law, finest, along an axis of the prior's square.
        steps: time steps of the law's finest solution, a multiple of 4; two coarser ones have half
            and a quarter.
        ode_steps: Runge-Kutta steps of the flow, an even number.
        training_times: quadrature nodes of the training loss.
        risk_times: quadrature nodes of the score risk, a multiple of 4, and nodes of the score for
            the law.
        per_bend: nodes of space on the length on which units bend.

    Raises:
        InputError: a number is outside its range.
    """

    cells: int
    steps: int
    ode_steps: int
    training_times: int
    risk_times: int
    per_bend: float

    def __post_init__(self) -> None:
        integer("cells", self.cells, at_least=32)
        integer("training_times", self.training_times, at_least=1)
        number("per_bend", self.per_bend, above=0)
        _check_multiples(self, steps=4, ode_steps=2, risk_times=4)


@dataclass(frozen=True)
class Accuracy:
    """Resolution of a computed loop.

    Args:
        step: width of the law's finer cells.
        steps: time steps of the law's finer solution (Fokker-Planck), halved for the coarser; even.
        ode_steps: Runge-Kutta steps of the flow, an even number.
        training_times: quadrature nodes of the training loss.
        risk_times: quadrature nodes of the score risk, a multiple of 4; other ones than in
            training.
        compression: eigenvalue below which a direction of feature space is dropped.
        plane: resolution in two dimensions, where none of the above is used.

    Raises:
        InputError: a number is outside its range.
    """

    step: float
    steps: int
    ode_steps: int
    training_times: int
    risk_times: int
    compression: float
    plane: PlaneAccuracy = PlaneAccuracy(384, 48, 16, 20, 24, 3.5)

    def __post_init__(self) -> None:
        number("step", self.step, above=0)
        number("compression", self.compression, above=0, below=1)
        integer("training_times", self.training_times, at_least=1)
        _check_multiples(self, steps=2, ode_steps=2, risk_times=4)
        if not isinstance(self.plane, PlaneAccuracy):
            raise InputError(f"plane = {self.plane!r}: must be a PlaneAccuracy")


LOOP = Accuracy(12 / 512, 64, 40, 20, 32, 1e-9)
REPORT = Accuracy(12 / 960, 240, 80, 28, 48, 1e-11, plane=PlaneAccuracy(512, 64, 32, 28, 32, 5.0))


def check_parts(process: object, accuracy: object) -> None:
    """Refuse what stands for the parts of a model.

    Raises:
        InputError: one is not of its type.
    """
    for name, value, kind in (
        ("process", process, OrnsteinUhlenbeck),
        ("accuracy", accuracy, Accuracy),
    ):
        if not isinstance(value, kind):
            raise InputError(f"{name} = {value!r}: must be an {kind.__name__}")


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
    """Refuse a density that the nodes cannot hold and that is not smoothed before it is learned.

    Raises:
        InputError: bounded support, a jump, kink or pole, or too narrow a feature, with too early a
            stop.
    """
    nodes = node_axis(axis)
    least = _JUMP * nodes.step
    if process.variance(np.array(process.stop)) >= least**2:
        return
    bounded = np.isfinite(target.support).any()
    if bounded or (isinstance(target, Univariate) and _beyond_band(target, nodes) > _RINGING):
        what = "bounded support" if bounded else "jumps, kinks, poles or too narrow features"
        raise InputError(
            f"stop = {process.stop}: a target with {what} has no score at time 0; use"
            f" stop >= {-0.5 * np.log1p(-(least**2)):.2g}"
        )


def _beyond_band(target: Univariate, nodes: Axis) -> float:
    """Size of the target's transform at the end of the nodes' band, and thus of what lies beyond.

    Noised laws are band-limited to the nodes; what is cut off rings in the tails, where the score
    risk divides by the density.
    """
    spectrum = np.abs(np.fft.rfft(target.interval_mass(nodes.edges)))
    return float(spectrum[-max(1, len(spectrum) // _END_OF_BAND) :].max())
