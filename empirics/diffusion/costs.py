"""Time and memory of diffusion models, from their arguments alone: arithmetic, no arrays."""

from __future__ import annotations

from math import ceil, log2, log10
from typing import TYPE_CHECKING

from empirics.diffusion.accuracy import Accuracy, law_axis, plane_axis
from empirics.diffusion.features import PRESETS
from empirics.diffusion.law import EULER_STEPS
from empirics.diffusion.plane_nodes import node_grids
from empirics.diffusion.process import sampler_named

if TYPE_CHECKING:
    from empirics.diffusion.model import Diffusion
    from empirics.grid import Axis
    from empirics.targets import Target
    from empirics.trained.model import TrainedDiffusion

__all__ = ["drawing", "fitting", "kept_features", "line_cost", "plane_cost", "trained_cost"]

_NUMBER = 8
_UNIT = 1e-8
"""Seconds per value of a unit at a point, its slope included."""
_MULTIPLY = 7e-11
"""Seconds per multiplication and addition of a matrix product."""
_DECOMPOSE = 3e-10
"""Seconds of an eigendecomposition, times the cube of its size."""
_SOLVE = 5e-8
"""Seconds per cell and time step of the Fokker-Planck equation."""
_TABLES_IN_PLANE = 3e-6
"""Seconds per cell."""
_VALUE = 7e-9
"""Seconds per value of a unit alone."""
_PRODUCTS = 6e-9
"""Seconds per product of two units in a table, formed and stored."""
_STEP = 1e-3
"""Seconds of a step of the optimiser whatever its size."""
_LEARN = 6e-9
"""Seconds per unit and point of a step, gradients included."""
_PLACED = 1.1e-7
"""Seconds per point and step of the sampler where scores are interpolated."""
_INTERPOLATED = 16
_LADDER = 43
"""Training times that an oracle tries."""
_TORCH = 300 * 2**20
"""Bytes that the library takes with its first training."""
_ROWS = 40_000
_BOTH_GRIDS = 1.25
"""The coarser solution has a quarter of the cells and steps of the finer one."""
_NARROWER = "use a smaller width"
_ROUGHER = "use the accuracy LOOP, or a target without so narrow features"
Parts = dict[str, float]


def kept_features(width: int, kinked: bool, compression: float) -> int:
    """Directions of feature space on the line that are left: logarithmic in the width.

    A fit to widths of 32 to 2048 and both accuracies.
    """
    if width <= 64:
        return width
    per_doubling = (120 if kinked else 60) * (-log10(compression) / 9) ** 1.75
    return ceil(min(width, per_doubling * log2(width / 32)))


def line_cost(target: Target, model: Diffusion, batch: int) -> tuple[float, float, Parts]:
    """Seconds of the tables, seconds of one model, and bytes."""
    a, width, kinked = model.accuracy, model.width, PRESETS[model.preset].kinked
    cells = law_axis(target, a).cells
    nodes, k = cells // 2, kept_features(width, kinked, a.compression)
    pairs, points = k * (k + 1) / 2, 3 * width if kinked else nodes
    scored = _scored(cells, a)
    tables = a.training_times * points * pairs * (_PRODUCTS + nodes * _MULTIPLY)
    compressed = width**2 * (width * _DECOMPOSE + a.training_times * nodes * _MULTIPLY)
    held = (nodes + 3 * points) * pairs + scored * k + 3 * width**2 + 2 * nodes * width
    each = 4 * k**3 * _DECOMPOSE + nodes * pairs * _MULTIPLY + _law_seconds(cells, model)
    working = batch * (4 * k**2 + 20 * cells) + _waves(nodes, a)
    parts = {_NARROWER: held * _NUMBER, _ROUGHER: working * _NUMBER}
    return tables + compressed + scored * width * _UNIT, each + _oracle(nodes, model), parts


def _scored(cells: int, a: Accuracy) -> float:
    """Points and times at which scores are tabulated."""
    return cells * a.steps * _BOTH_GRIDS + cells / 2 * a.risk_times


def _waves(nodes: int, a: Accuracy) -> float:
    """Numbers that carry laws to the times of the risk."""
    return 2 * a.risk_times * nodes**2


def _law_seconds(cells: int, model: Diffusion | TrainedDiffusion) -> float:
    a = model.accuracy
    if sampler_named(model.sampler).stochastic:
        return cells * a.steps * _BOTH_GRIDS * _SOLVE
    return cells * 1.5 * a.ode_steps * 4 * model.width * _UNIT


def _oracle(nodes: int, model: Diffusion) -> float:
    if not model.rule.oracle:
        return 0.0
    return _LADDER * nodes * (model.accuracy.steps / 2 + model.accuracy.risk_times) * _SOLVE


def plane_cost(
    target: Target, model: Diffusion, batch: int, kept: int
) -> tuple[float, float, Parts]:
    """The cost of a run in the plane, as :func:`line_cost` on the line."""
    a, width = model.accuracy.plane, model.width
    axis = plane_axis(target, a)
    cells, finer = axis.cells**2, 2 if PRESETS[model.preset].kinked else 1
    trained = _nodes(model, axis, a.training_times, a.per_bend)
    scored = _nodes(model, axis, a.risk_times, a.per_bend * finer)
    shared = (trained + scored) * width * _VALUE / batch
    squares = trained * width**2 * _MULTIPLY + 4 * width**3 * _DECOMPOSE
    carried = 2 * cells * (a.training_times + a.risk_times) * axis.cells**0.5 * _MULTIPLY
    each = shared + squares + carried + _plane_law_seconds(cells, model)
    if model.rule.oracle:
        each += _LADDER * _plane_law_seconds(cells, model) / 8
    grids = cells * (2.6 * (a.risk_times + a.steps) + batch * (kept + 20))
    parts = {_NARROWER: 8.0 * batch * width**2 * _NUMBER, _ROUGHER: grids * _NUMBER}
    return cells * _TABLES_IN_PLANE, each, parts


def _nodes(model: Diffusion, axis: Axis, times: int, per_bend: float) -> int:
    """Nodes at all times together."""
    process, preset = model.process, PRESETS[model.preset]
    grids = node_grids(process, lambda t: preset.bend(t, process), axis.high, times, per_bend)
    return sum(nodes.cells**2 for nodes in grids.axes)


def _plane_law_seconds(cells: float, model: Diffusion) -> float:
    a = model.accuracy.plane
    if sampler_named(model.sampler).stochastic:
        interpolated = 2 * a.steps * a.risk_times * _MULTIPLY * 10
        return cells * (a.steps * 1.4 * _SOLVE + interpolated)
    return cells / 2 * 4 * a.ode_steps * model.width * _VALUE


def fitting(model: Diffusion, dimension: int, sizes: list[int]) -> tuple[float, Parts]:
    """Seconds of fitting to training sets of these sizes by draws, and bytes."""
    width, times = model.width, model.accuracy.training_times
    rows = sum(4 * n * ceil(_ROWS / (4 * n)) for n in sizes)
    spent = times * rows * width * (2 * _UNIT + width * _MULTIPLY)
    held = 12 * width**2 + 4 * width * (dimension + 3)
    return spent + len(sizes) * 12 * width**3 * _DECOMPOSE, {_NARROWER: held * _NUMBER}


def trained_cost(
    target: Target | None, model: TrainedDiffusion, dimension: int, batch: int
) -> tuple[float, float, Parts]:
    """Seconds of training a batch, seconds of one network's law, and bytes.

    Args:
        target: the real law where laws are computed on cells, on the line.
        model: what is trained.
        dimension: coordinates of a point.
        batch: networks that are trained together.
    """
    units = 2 * model.batch_size * model.width * batch
    step = model.steps * (_STEP + units * _LEARN)
    held = _TORCH + 40 * units + 24 * batch * model.width * (dimension + 8)
    if target is None:
        return step, 0.0, {_NARROWER: held}
    cells = law_axis(target, model.accuracy).cells
    scored = _scored(cells, model.accuracy)
    numbers = _waves(cells // 2, model.accuracy) + batch * (scored + 20 * cells)
    parts = {_NARROWER: held + 4 * cells * model.width * _NUMBER, _ROUGHER: numbers * _NUMBER}
    return step, scored * model.width * _UNIT + _law_seconds(cells, model), parts


def drawing(model: Diffusion | TrainedDiffusion, dimension: int, size: int) -> float:
    """Seconds of drawing points by steps of the sampler, or of carrying them back along the ODE."""
    a = model.accuracy
    if not sampler_named(model.sampler).stochastic:
        return size * 4 * a.ode_steps * model.width * _UNIT
    few = _INTERPOLATED * 12 / a.step
    if dimension > 1 or size < few:
        return size * EULER_STEPS * model.width * _UNIT
    return EULER_STEPS * (few / 2 * model.width * _UNIT + size * _PLACED)
