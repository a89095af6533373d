"""Loops of kernel density estimates on a grid, from cell counts or from points.

A kernel density estimate is linear in the empirical measure, and the counts of ``n`` independent
points in the cells of a grid are exactly multinomial, so a generation costs ``O(G log G)``
whatever ``n`` is. Counts sit at the cell centres; the mean of the estimate is put right by adding
the difference between the law and its own binned version, so that binning affects neither the mean
nor, to leading order, the covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from empirics.errors import InputError
from empirics.experiment import Experiment, Sampling
from empirics.grid import Grid, covering_grid, make_grid
from empirics.kde.kernels import Epanechnikov
from empirics.kde.laws import GridLaws, Smoother, Source, empirical_spectrum
from empirics.kde.model import Kde
from empirics.loop import (
    CellDraws,
    KeptLaws,
    PointDraws,
    Training,
    TrainingSet,
    generations,
    keeping,
)
from empirics.points_engine import fit
from empirics.protocols import Model
from empirics.quantities import RealLaw, Record, Recorder
from empirics.target_law import TargetLaw, target_law

__all__ = ["KdeEngine", "grid_of", "smoothers"]

Array = np.ndarray
_BATCH_NUMBERS = 2**16
"""Grid values of one law held by a batch of replicates: half a megabyte, which a cache holds."""
_REACH = 6.7
"""Standard deviations of accumulated smoothing that a grid holds: the same tail of a normal."""
_DEFAULT_ACCURACY = 1e-6
_COARSEST = 3.0
_NOISE = 0.01
"""TV error of a Gaussian-kernel estimate at one cell per bandwidth, per ``sqrt(width / (n h))``.

The third derivative that the error follows has the size ``(n h^7)^(-1/2)``, and the sign changes
``width / h`` times; measured on mixtures at n = 1e3 to 1e6 with 3 to 48 cells, within 2.
"""
_SPREAD_CELLS = 24.0
"""Cells between the quartiles of a target: counts at their centres add a variance step^2 / 12."""
_FINEST = 64.0
"""Ratio of a bandwidth's cells to a target's above which its width says nothing of its shape."""
_FEATURE_CELLS = 3.0
"""Cells per standard deviation of the narrowest feature of a target."""


def smoothers(experiment: Experiment) -> list[Smoother]:
    """The kernel of every generation, on the grid that serves them all.

    Raises:
        InputError: the model is not a kernel density estimate, or the grid is too large.
    """
    model, grid = _kde(experiment), grid_of(experiment)
    return [Smoother(model.kernel, float(h), grid) for h in _bandwidths(experiment)]


def grid_of(experiment: Experiment) -> Grid:
    """The grid that serves all generations of a kernel density estimate.

    Raises:
        InputError: the model is not one, or the grid is too large.
    """
    bandwidths = _bandwidths(experiment)
    target, numerics = experiment.target, experiment.numerics
    quartiles = np.diff(target.window(0.25), axis=1)
    step = float(np.min(bandwidths / _resolutions(experiment, float(quartiles.max()))))
    step = min(step, max(float(quartiles.min()) / _SPREAD_CELLS, step / _FINEST))
    if scale := getattr(target, "finest_scale", None):
        step = min(step, scale() / _FEATURE_CELLS)
    if numerics.window is not None:
        return make_grid(numerics.window, 0.0, step, target.support)
    with np.errstate(over="ignore"):
        used = (experiment.operator(k) for k in range(1, experiment.generations))
        added = sum(getattr(operator, "reach", 0.0) ** 2 for operator in used)
        margin = _REACH * float(np.sqrt((bandwidths**2).sum() + added)) + 8 * step
    return covering_grid(target, margin, step)


def _resolutions(experiment: Experiment, width: float) -> Array:
    """Cells per bandwidth in every generation."""
    numerics, cycle = experiment.numerics, experiment.cycle
    if numerics.resolution is not None:
        return np.full(experiment.generations, numerics.resolution)
    finer = _DEFAULT_ACCURACY / numerics.tv_accuracy
    if isinstance(_kde(experiment).kernel, Epanechnikov):
        # What lies beyond the grid's frequencies falls with the square of the step.
        usual, needed = 9.0, 9.0 * np.sqrt(finer)
    else:
        usual, needed = 6.0, 6.0 * finer**0.25
    if experiment.sampling is not Sampling.POINTS:
        return np.full(experiment.generations, max(usual, needed))
    if isinstance(_kde(experiment).kernel, Epanechnikov) or experiment.target.dimension > 1:
        return np.full(experiment.generations, max(_COARSEST, needed))
    sizes = cycle.sizes(experiment.generations).astype(float)
    seen = _NOISE * np.sqrt(width / (sizes * _bandwidths(experiment))) / numerics.tv_accuracy
    return np.clip(seen**0.25, _COARSEST, max(_COARSEST, needed))


def _bandwidths(experiment: Experiment) -> Array:
    e = experiment
    return _kde(e).bandwidths(e.cycle, e.generations, e.target.dimension)


def _kde(experiment: Experiment) -> Kde:
    if not isinstance(experiment.model, Kde):
        raise InputError("model: only a Kde has smoothing kernels")
    return experiment.model


@dataclass(frozen=True, eq=False)
class KdeEngine:
    """The engine of experiments with a ``Kde`` model in one or two dimensions."""

    experiment: Experiment

    @cached_property
    def batch(self) -> int:
        """Replicates that are run together."""
        return max(1, _BATCH_NUMBERS // int(np.prod(self._grid.shape)))

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterator[Record]:
        """Run replicates together; one at a time where training sets are points."""
        e, grid = self.experiment, self._grid
        target = target_law(e.target, grid)
        recorder = Recorder(e.quantities, RealLaw.of(e.target, target, grid))
        laws = GridLaws(target, grid, recorder, e.operator)
        streams, seen = [e.stream(r) for r in replicates], keeping(kept, laws)
        if e.sampling is Sampling.POINTS:
            points = PointDraws(e.target, streams[0], e.operator)
            learn = _FromPoints(laws, self._smoothers, e.model, points, e.numerics.tv_accuracy)
            return generations(e.cycle, e.generations, learn, points, seen, laws.forget)
        cells = CellDraws(streams, grid.shape, laws.masses)
        counted = _FromCounts(laws, self._smoothers, len(streams))
        draws = None if e.sampling is Sampling.POPULATION else cells
        return generations(e.cycle, e.generations, counted, draws, seen, laws.forget)

    @property
    def real_law(self) -> tuple[TargetLaw, Grid]:
        """The real law on the cells of the loop."""
        return target_law(self.experiment.target, self._grid), self._grid

    @cached_property
    def _smoothers(self) -> list[Smoother]:
        return smoothers(self.experiment)

    @property
    def _grid(self) -> Grid:
        return self._smoothers[0].grid


@dataclass(frozen=True, eq=False)
class _FromCounts:
    """Estimates from cell counts, or from the mixture itself."""

    laws: GridLaws
    smoothers: Sequence[Smoother]
    replicates: int

    def __call__(self, j: int, row: Array, training: Training[Array]) -> Record:
        """Make and measure model ``j``."""
        return self.laws.learn(j, row, self._source(row, training), self.smoothers[j - 1])

    def _source(self, row: Array, training: Training[Array]) -> Source:
        grid = self.laws.grid
        if training.data is None:
            mixture = self.laws.spectrum(row)
            shape = (self.replicates, *mixture.shape[-grid.dimension :])
            return Source(np.broadcast_to(mixture, shape), 0.0, None)
        spectrum = self.laws.unbinned(row) + grid.transform(training.data)
        return Source(spectrum, training.squared_weights, training.size if training.fresh else None)


@dataclass(frozen=True, eq=False)
class _FromPoints:
    """Estimates from points, measured on the grid."""

    laws: GridLaws
    smoothers: Sequence[Smoother]
    model: Model
    draws: PointDraws
    accuracy: float

    def __call__(self, j: int, row: Array, training: Training[TrainingSet]) -> Record:
        """Make and measure model ``j``."""
        fit(self.model, self.draws, training)
        smoother = self.smoothers[j - 1]
        return self.laws.learn(j, row, self._source(training, smoother), smoother)

    def _source(self, training: Training[TrainingSet], smoother: Smoother) -> Source:
        data = training.data
        assert data is not None
        finer = smoother.finer(data.squared_weights, self.accuracy)
        return Source(
            empirical_spectrum(data.points, data.weights, self.laws.grid, finer)[None],
            data.squared_weights,
            training.size if training.fresh else None,
            finer,
        )
