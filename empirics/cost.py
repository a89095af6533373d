"""Time and memory of a run from its experiment alone: arithmetic, no arrays.

Each kind of loop has its own count of operations and of numbers held at once; the constants are
measured. Both are meant to be right within a factor of three on a machine of today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2, log10, prod

from bounds.cycles import Protocol
from empirics.diffusion.accuracy import Accuracy, law_axis, plane_axis
from empirics.diffusion.features import PRESETS
from empirics.diffusion.law import EULER_STEPS
from empirics.diffusion.plane_nodes import node_grids
from empirics.diffusion.process import sampler_named
from empirics.experiment import Experiment, Sampling
from empirics.grid import Axis
from empirics.kde.engine import grid_of
from empirics.kde.kernels import Gaussian
from empirics.kde.model import MANY
from empirics.loop import laws_held
from empirics.memory import require
from empirics.models import Diffusion, Kde, TrainedDiffusion
from empirics.targets import HasCharacteristic, Target

__all__ = ["Cost", "check_memory", "cost_of", "fitting"]

_NUMBER = 8
_COLUMNS = 20
"""Numbers per replicate and generation of a result, while it is put together."""
_LAW_ARRAYS = 3
_TEMPORARY_ARRAYS = 12
_PARTS_OF_CELLS = {True: 4, False: 32}
"""Parts of a cell whose masses are computed, with and without a closed form of the transform."""
_ARRAYS_PER_PART = 5
_BATCH_NUMBERS = 2**16
_CELL_SECONDS = (4e-8, 6e-9, 3e-9)
"""Per grid cell, replicate and generation: constant, per binary digit of the grid, per law."""
_PART_SECONDS = 2e-7
"""Per mass of a target's part of a cell."""
_GRID_SECONDS = 1e-2
"""Laws and kernels of a grid of ordinary size, once."""
_DRAWN_SECONDS = 2.5e-7
_BINNED_SECONDS = 1e-7
"""Per coordinate of a point that is drawn, and of one that is put on a grid."""
_KERNEL_SECONDS = 1e-8
"""Per coordinate, point and place of a kernel density estimate."""
_SQUARE_SECONDS, _POWER_SECONDS = 6e-10, 2e-8
"""Of a Gaussian one in many dimensions: per coordinate, point and place, and per point and place.
"""
_KERNEL_ARRAYS = 5
_KERNEL_NUMBERS = _KERNEL_ARRAYS * 2**22
"""Most numbers held while kernels are summed."""
_POINT_ARRAYS = 5
_DRAW_ARRAYS, _KERNEL_DRAW_ARRAYS = 8, 5
_POINT_SECONDS = 2e-6
"""Per training point or Monte-Carlo draw of a model whose cost is not known."""

# Of diffusion models.
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

_FEWER_POINTS = "use fewer points per generation (n), or sampling = 'counts' where there is a grid"
_FEWER_DRAWS = "use fewer draws"
_FEWER_ROWS = "use fewer replicates or generations"
_COARSER = "use a larger bandwidth, a lower resolution, or a narrower window"
_Parts = dict[str, float]


@dataclass(frozen=True)
class Cost:
    """Expected cost of one worker: seconds, and bytes by what to change to have fewer."""

    seconds: float
    parts: Mapping[str, float]

    @property
    def memory(self) -> float:
        """Bytes that the run holds at once."""
        return sum(self.parts.values())

    @property
    def cure(self) -> str:
        """The setting to change where memory is short."""
        return max(self.parts, key=lambda cure: self.parts[cure])


def check_memory(experiment: Experiment, workers: int = 1, limit: float | None = None) -> None:
    """Refuse a run that needs more memory than there is.

    Args:
        experiment: what is to be run.
        workers: threads that share the replicates.
        limit: bytes that may be taken; what is available if ``None``.

    Raises:
        InputError: too little memory, or an experiment that cannot be run.
    """
    cost = cost_of(experiment)
    require("experiment", cost.memory * min(workers, experiment.replicates), cost.cure, limit)


def cost_of(experiment: Experiment) -> Cost:
    """Expected cost of one worker.

    Raises:
        InputError: the experiment cannot be run.
    """
    loop, model = _Loop(experiment), experiment.model
    if not experiment.target.has_density:
        seconds, parts = _unknown(loop)
    elif isinstance(model, Kde):
        seconds, parts = _kde(loop, model)
    elif isinstance(model, Diffusion):
        seconds, parts = _diffusion(loop, model)
    elif isinstance(model, TrainedDiffusion):
        seconds, parts = _trained(loop, model)
    else:
        seconds, parts = _unknown(loop)
    seconds += getattr(experiment.target, "preparation_seconds", 0.0)
    return Cost(seconds, {**parts, _FEWER_ROWS: loop.runs * loop.steps * _COLUMNS * _NUMBER})


class _Loop:
    """The counts of a loop that its cost is made of."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment, self.cycle = experiment, experiment.cycle
        self.runs, self.steps = experiment.replicates, experiment.generations
        self.dimension, self.draws = experiment.target.dimension, experiment.numerics.draws
        self.by_points = experiment.sampling is Sampling.POINTS

    @cached_property
    def used(self) -> list[list[int]]:
        """The laws with weight in every generation's mixture."""
        return [
            [k for k, w in enumerate(self.cycle.weights(j)) if w > 0]
            for j in range(1, self.steps + 1)
        ]

    @property
    def links(self) -> int:
        """Laws mixed in all generations together."""
        return sum(map(len, self.used))

    @property
    def kept(self) -> int:
        """Laws held at once: those that are mixed, and the one that is made."""
        return laws_held(self.cycle.weight_matrix(self.steps)) + 1

    @cached_property
    def sizes(self) -> list[int]:
        """Points that every model keeps: its training set, or its pool where data is reused."""
        if self.cycle.data not in (Protocol.REUSED, Protocol.RENEWED):
            return [int(self.cycle.size(j)) for j in range(1, self.steps + 1)]
        return self._pools

    @property
    def _pools(self) -> list[int]:
        return [sum(self._batches[k] for k in laws) for laws in self.used]

    @property
    def trained_on(self) -> int:
        """Training points of all generations."""
        return sum(self.sizes)

    @cached_property
    def largest(self) -> int:
        """Points of the largest training set or pool."""
        if self.cycle.data in (Protocol.FRESH, Protocol.REUSED, Protocol.RENEWED):
            return max(self.sizes)
        return max(*self.sizes, *self._pools)

    @property
    def drawn(self) -> int:
        """Points drawn from all laws."""
        if self.cycle.data in (Protocol.FRESH, Protocol.RENEWED):
            return sum(self.sizes)
        return sum(self._batches.values())

    @property
    def from_models(self) -> list[int]:
        """Points drawn at once from models."""
        if self.cycle.data is Protocol.RENEWED:
            return [sum(self._batches[k] for k in laws if k) for laws in self.used]
        if self.cycle.data is Protocol.FRESH:
            shares = (1 - float(self.cycle.weights(j)[0]) for j in range(1, self.steps + 1))
            return [int(size * share) for size, share in zip(self.sizes, shares, strict=True)]
        return [size for k, size in self._batches.items() if k]

    @cached_property
    def _batches(self) -> dict[int, int]:
        """Points drawn once from every law that is used."""
        return {k: int(self.cycle.batch_size(k)) for laws in self.used for k in laws}

    @cached_property
    def evaluated(self) -> list[int]:
        """Evaluations of each model's density, in sets of ``draws``, for Monte-Carlo TV."""
        counts = Counter({j: 1 if j == 1 else 2 for j in range(1, self.steps + 1)})
        for laws in self.used[1:]:
            counts.update(k for k in laws if k)
        return [counts[j] for j in range(1, self.steps + 1)]

    def points_held(self, arrays: int) -> _Parts:
        """Bytes of training sets and of draws."""
        training = self.largest * _POINT_ARRAYS + self.trained_on
        drawn = 0 if self.experiment.on_grid else self.draws * arrays
        row = self.dimension * _NUMBER
        return {_FEWER_POINTS: training * row, _FEWER_DRAWS: drawn * row}


def _unknown(loop: _Loop) -> tuple[float, _Parts]:
    """A model whose cost is not known."""
    points = loop.trained_on + 2 * loop.steps * loop.draws
    return loop.runs * points * _POINT_SECONDS, loop.points_held(_DRAW_ARRAYS)


def _kde(loop: _Loop, model: Kde) -> tuple[float, _Parts]:
    if loop.dimension > 2:
        return _summed_kernels(loop, model)
    cells = prod(grid_of(loop.experiment).shape)
    known = isinstance(loop.experiment.target, HasCharacteristic)
    parts = 1 if loop.dimension == 2 else _PARTS_OF_CELLS[known]
    fixed, per_digit, per_law = _CELL_SECONDS
    each = loop.steps * (fixed + per_digit * log2(cells)) + per_law * loop.links
    seconds = loop.runs * cells * each + cells * parts * _PART_SECONDS + _GRID_SECONDS
    laws = loop.steps + 1 if loop.by_points else loop.kept
    numbers = max(1 if loop.by_points else _BATCH_NUMBERS, cells)
    held = numbers * max(_LAW_ARRAYS * laws + _TEMPORARY_ARRAYS, _ARRAYS_PER_PART * parts) * _NUMBER
    if not loop.by_points:
        return seconds, {_COARSER: held}
    each = loop.drawn * _DRAWN_SECONDS + loop.trained_on * _BINNED_SECONDS
    seconds += loop.runs * loop.dimension * each
    return seconds, {_COARSER: held, **loop.points_held(0)}


def _summed_kernels(loop: _Loop, model: Kde) -> tuple[float, _Parts]:
    """Kernel density estimates summed point by point, TV by Monte Carlo."""
    pairs = sum(n * m for n, m in zip(loop.sizes, loop.evaluated, strict=True)) * loop.draws
    each = loop.dimension * _KERNEL_SECONDS
    if loop.dimension > MANY and isinstance(model.kernel, Gaussian):
        each = loop.dimension * _SQUARE_SECONDS + _POWER_SECONDS
    drawn = loop.drawn + sum(loop.evaluated) * loop.draws
    seconds = loop.runs * (pairs * each + drawn * loop.dimension * _DRAWN_SECONDS)
    parts = loop.points_held(_KERNEL_DRAW_ARRAYS)
    held = min(_KERNEL_NUMBERS, _KERNEL_ARRAYS * max(loop.sizes) * loop.draws)
    parts[_FEWER_POINTS] += held * _NUMBER
    return seconds, parts


def _diffusion(loop: _Loop, model: Diffusion) -> tuple[float, _Parts]:
    target = loop.experiment.target
    if loop.dimension == 1:
        fixed, each, parts = _line_cost(target, model, min(loop.runs, 32))
    elif loop.dimension == 2:
        fixed, each, parts = _plane_cost(target, model, min(loop.runs, 8), loop.kept)
    else:
        spent, parts = fitting(model, loop.dimension, loop.sizes)
        return loop.runs * (spent + _sampled(loop, model)), {**parts, **loop.points_held(8)}
    seconds = fixed + loop.runs * loop.steps * each
    if loop.by_points:
        seconds += loop.runs * _sampled(loop, model)
        parts |= loop.points_held(0)
    return seconds, parts


def _trained(loop: _Loop, model: TrainedDiffusion) -> tuple[float, _Parts]:
    on_line = loop.dimension == 1
    batch = min(loop.runs, 16) if on_line and not loop.by_points else 1
    target = loop.experiment.target if on_line else None
    step, law, parts = _trained_cost(target, model, loop.dimension, batch)
    batches = -(-loop.runs // batch)
    seconds = loop.steps * (batches * step + loop.runs * law)
    if not loop.by_points:
        return seconds, parts
    return seconds + loop.runs * _sampled(loop, model), {**parts, **loop.points_held(_DRAW_ARRAYS)}


def _sampled(loop: _Loop, model: Diffusion | TrainedDiffusion) -> float:
    """Seconds of drawing from the models of a run and, off the grid, of their densities."""
    drawn = sum(_drawing(model, loop.dimension, size) for size in loop.from_models)
    if loop.experiment.on_grid:
        return drawn
    evaluated = sum(loop.evaluated) * _drawing(model, loop.dimension, loop.draws)
    return drawn + evaluated


def _kept_features(width: int, kinked: bool, compression: float) -> int:
    """Directions of feature space on the line that are left: logarithmic in the width.

    A fit to widths of 32 to 2048 and both accuracies.
    """
    if width <= 64:
        return width
    per_doubling = (120 if kinked else 60) * (-log10(compression) / 9) ** 1.75
    return ceil(min(width, per_doubling * log2(width / 32)))


def _line_cost(target: Target, model: Diffusion, batch: int) -> tuple[float, float, _Parts]:
    """Seconds of the tables, seconds of one model, and bytes."""
    a, width, kinked = model.accuracy, model.width, PRESETS[model.preset].kinked
    cells = law_axis(target, a).cells
    nodes, k = cells // 2, _kept_features(width, kinked, a.compression)
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


def _plane_cost(
    target: Target, model: Diffusion, batch: int, kept: int
) -> tuple[float, float, _Parts]:
    """The cost of a run in the plane, as :func:`_line_cost` on the line."""
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


def fitting(model: Diffusion, dimension: int, sizes: list[int]) -> tuple[float, _Parts]:
    """Seconds of fitting to training sets of these sizes by draws, and bytes."""
    width, times = model.width, model.accuracy.training_times
    rows = sum(4 * n * ceil(_ROWS / (4 * n)) for n in sizes)
    spent = times * rows * width * (2 * _UNIT + width * _MULTIPLY)
    held = 12 * width**2 + 4 * width * (dimension + 3)
    return spent + len(sizes) * 12 * width**3 * _DECOMPOSE, {_NARROWER: held * _NUMBER}


def _trained_cost(
    target: Target | None, model: TrainedDiffusion, dimension: int, batch: int
) -> tuple[float, float, _Parts]:
    """Seconds of training a batch, seconds of one network's law, and bytes.

    Args:
        target: the real law where laws are computed on cells, on the line.
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


def _drawing(model: Diffusion | TrainedDiffusion, dimension: int, size: int) -> float:
    """Seconds of drawing points by steps of the sampler, or of carrying them back along the ODE."""
    a = model.accuracy
    if not sampler_named(model.sampler).stochastic:
        return size * 4 * a.ode_steps * model.width * _UNIT
    few = _INTERPOLATED * 12 / a.step
    if dimension > 1 or size < few:
        return size * EULER_STEPS * model.width * _UNIT
    return EULER_STEPS * (few / 2 * model.width * _UNIT + size * _PLACED)
