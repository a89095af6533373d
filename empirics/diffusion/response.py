r"""The response of a diffusion loop to the noise of its training sets, to first order.

Model ``j`` is a function of its training measure, through its weights and their law; about the loop
without noise both are linear, so the laws of all generations are sums of independent parts, one
for every draw of points,

.. math:: p_j \approx \bar p_j + \sum_r \xi_r\,\delta_{jr}, \qquad \xi_r \sim N(0, 1).

The mean law ``bar p_j`` is that of the population loop; the ``delta_jr`` follow from the
influence of points on weights and from differences of laws in the few directions in which weights
move. What second order would add to the mean is kept beside it, to tell where first order fails.

Derived: linearisation; a prediction, see ``diffusion-clt``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from scipy.special import erf

from bounds.cycles import Protocol
from empirics.diffusion.engine import tables_of
from empirics.diffusion.fokker_planck import refine
from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.line_model import LineTables
from empirics.diffusion.model import Diffusion
from empirics.diffusion.process import sampler_named
from empirics.diffusion.training_time import GradientFlow, Influence
from empirics.distances.cells import total_variation
from empirics.errors import InputError, integer
from empirics.experiment import Experiment, Sampling
from empirics.targets import Univariate

__all__ = ["MOST_SECOND_ORDER", "LinearResponse", "Responding", "linear_response"]

Array = np.ndarray
MOST_SECOND_ORDER = 0.3
"""Relative change of the mean TV by second order beyond which first order is not trusted.

In 45 loops of two and three modes (width 64 and 128, n = 300 to 10,000, twelve generations, 128
runs each) the prediction was within 9 % of the mean of three modes and within 11 % of that of two
wherever second order changed it by less; beyond, it was off by up to 24 %.
"""
_LEAST_VARIANCE = 1e-300
_DRAWS = 4000
_OCCUPIED = 1e-16
"""Mass of a cell, over the largest, below which no point is drawn from it."""
_LEFT_OUT = 1e-3
"""Part of the weights' whitened variance whose directions are left out."""
_STEP = 0.3
"""Step of differences of laws, in standard deviations of the weights."""
_Key = tuple[str, int]
_Parts = dict[_Key, Float[Array, "features parts"]]


@dataclass(frozen=True, eq=False)
class Responding:
    """Linear response of one generation of a loop.

    Args:
        size: training points.
        mean: cell masses of the population loop's law.
        error: numerical error of its TV.
        parts: changes of the cell masses, one row for every independent standard normal.
        shift: what second order adds to the mean of the masses.
        risk: mean of the score risk under the real law.
        risk_error: its numerical error.
    """

    size: int
    mean: Float[Array, "cells"]
    error: float
    parts: Float[Array, "parts cells"]
    shift: Float[Array, "cells"]
    risk: float
    risk_error: float

    @property
    def variance(self) -> Float[Array, "cells"]:
        """Of the cell masses."""
        return (self.parts**2).sum(axis=0) + _LEAST_VARIANCE


@dataclass(frozen=True, eq=False)
class LinearResponse:
    """The response of all generations.

    Args:
        real: cell masses of the real law.
        cell: width of a cell.
        prior: bound on KL of the noised real law to the prior.
        smoothing: bound on TV of the real law to itself noised until generation stops.
        models: the generations, in order.
    """

    real: Float[Array, "cells"]
    cell: float
    prior: float
    smoothing: float
    models: Sequence[Responding]

    def quantities(self, generation: int) -> Mapping[str, Array | float]:
        """The words of the predictions for one generation.

        Raises:
            InputError: there is no such generation, or second order matters there.
        """
        last = len(self.models)
        integer("generation", generation, at_least=1, at_most=last)
        share = self.second_order[generation - 1]
        if share > MOST_SECOND_ORDER:
            raise InputError(
                f"linear response: second order changes the mean TV of generation {generation} by"
                f" {share:.1%}, at most {MOST_SECOND_ORDER:.0%} is required; {self._trusted}"
            )
        model = self.models[generation - 1]
        return {
            "n": model.size,
            "bias": (model.mean - self.real) / self.cell,
            "variance": model.variance / self.cell**2,
            "cell": self.cell,
            "real_prior_kl": self.prior,
            "mean_real_score_risk": model.risk + model.risk_error,
            "stopping_bias": self.smoothing,
        }

    @property
    def second_order(self) -> Float[Array, "generations"]:
        """By which part of itself second order would change each generation's mean TV."""
        found = [
            _mean_tv(m.mean + d - self.real, m.variance) for m in self.models for d in (0, m.shift)
        ]
        first, second = np.reshape(found, (-1, 2)).T
        return np.abs(second / first - 1)

    @property
    def trusted(self) -> int:
        """Number of generations before the first at which second order matters."""
        late = np.flatnonzero(self.second_order > MOST_SECOND_ORDER)
        return int(late[0]) if len(late) else len(self.models)

    def draws(self, count: int = _DRAWS, seed: int = 0) -> Float[Array, "draws generations"]:
        """TV of laws drawn from the prediction, generation by generation.

        Rows are no runs: the generations of one row are independent.
        """
        generator = np.random.default_rng(seed)
        out = []
        for model in self.models:
            z = generator.standard_normal((count, len(model.parts)))
            out.append(0.5 * np.abs(model.mean - self.real + z @ model.parts).sum(axis=1))
        return np.stack(out, axis=1)

    def spread(self, count: int = _DRAWS, seed: int = 0) -> Float[Array, "generations"]:
        """Standard deviation of a run's TV."""
        return self.draws(count, seed).std(axis=0, ddof=1)

    def quantiles(
        self, levels: Sequence[float], count: int = _DRAWS, seed: int = 0
    ) -> Float[Array, "levels generations"]:
        """Quantiles of a run's TV.

        Args:
            levels: in [0, 1].
        """
        return np.quantile(self.draws(count, seed), levels, axis=0)

    @property
    def _trusted(self) -> str:
        if not self.trusted:
            return "take more points"
        return f"take more points, or generations up to {self.trusted}"


def _mean_tv(away: Float[Array, "cells"], variance: Float[Array, "cells"]) -> float:
    """Half the sum of the mean sizes of normal variables."""
    sizes = away * erf(away / np.sqrt(2 * variance))
    sizes += np.sqrt(2 * variance / np.pi) * np.exp(-(away**2) / (2 * variance))
    return 0.5 * float(sizes.sum())


def linear_response(experiment: Experiment) -> LinearResponse:
    """Linearise a loop about the one without noise.

    Args:
        experiment: a ``Diffusion`` on the line sampled by the SDE, at training times that are known
            beforehand; it is not run.

    Raises:
        InputError: another loop.
    """
    model, target = experiment.model, experiment.target
    if not isinstance(model, Diffusion) or not isinstance(target, Univariate):
        raise InputError("linear response: is computed for a Diffusion on the line")
    if not sampler_named(model.sampler).stochastic:
        raise InputError(f"linear response: sampler = {model.sampler!r}; the SDE is required")
    if model.rule.oracle:
        raise InputError(
            f"linear response: training_time = {model.rule!r} depends on the sample; a number or a"
            " PowerTime is required"
        )
    if experiment.sampling is Sampling.POPULATION:
        raise InputError("linear response: a population has no noise to respond to")
    tables = tables_of(experiment)
    assert isinstance(tables, LineTables)
    laws = LineLaws.of(target, 1, tables.grid)
    loop = _Loop(experiment, model, tables, laws)
    models = list(loop.generations())
    real = loop.law(0)
    prior = float(tables.grid.prior_divergence(real[None])[0])
    return LinearResponse(real, tables.axis.step, prior, laws.smoothing, models)


@dataclass(frozen=True, eq=False)
class _Trained:
    """One model's deviations.

    Args:
        parts: of the weights, by the draw of points that makes them.
        changes: of the law, along directions of the weights.
        coordinates: turns weights into coordinates along these directions.
        shift: what second order adds to the mean law.
    """

    parts: _Parts
    changes: Float[Array, "directions cells"]
    coordinates: Float[Array, "directions features"]
    shift: Float[Array, "cells"]


@dataclass(eq=False)
class _Loop:
    experiment: Experiment
    model: Diffusion
    tables: LineTables
    laws: LineLaws
    _trained: dict[int, _Trained] = field(default_factory=dict, init=False)

    def law(self, k: int) -> Float[Array, "cells"]:
        """Cell masses of the population loop's law ``k``, of sum one."""
        masses = self.laws.masses(np.eye(k + 1)[k])[0]
        return np.asarray(masses / masses.sum())

    def generations(self) -> Iterator[Responding]:
        """Linearise about the population loop, generation by generation."""
        cycle, count = self.experiment.cycle, self.experiment.generations
        rows = cycle.weight_matrix(count)
        for j in range(1, count + 1):
            yield self._generation(j, rows[j - 1, :j], int(cycle.size(j)))

    def _generation(self, j: int, row: Array, size: int) -> Responding:
        tables, tau = self.tables, self.model.rule.at(size)
        flow = GradientFlow.of(*tables.moments(self.laws.measure(row, None) @ tables.binning))
        influence = Influence(flow, tables.moments.gram, tables.moments.cross)
        effect = tables.binning @ (influence.rows(tau) @ influence.vectors.T)
        parts = self._parts(j, row, size, effect)
        directions, coordinates = _directions(flow, tau, parts)
        moved = self.laws.corrected(self._moved(row)[None])[0] @ effect
        theta = flow.weights(np.array([[tau]]))[0]
        near = np.concatenate([theta, *(theta + s * _STEP * directions for s in (1, -1))])
        changes, bends = self._differences(near, theta, moved)
        law = tables.sde_law(theta)
        self.laws.keep(j, law.masses)
        self._trained[j] = _Trained(parts, changes, coordinates, bends)
        risk, error = self._risk(near)
        return Responding(
            size,
            self.law(j),
            float(law.error[0] + law.defect[0]) + self._unseen(j),
            changes,
            bends,
            risk,
            error,
        )

    def _unseen(self, j: int) -> float:
        """The part of the mean law's TV that sums over cells miss, and its error."""
        mean, laws = self.law(j), self.laws
        tv = total_variation(mean[None], laws.target, 1.0, laws.cells)
        missed = abs(float(tv.value[0]) - 0.5 * float(np.abs(mean - self.law(0)).sum()))
        return missed + float(tv.error[0]) + laws.target.mass_defect

    def _moved(self, row: Array) -> Float[Array, "cells"]:
        """The second-order change of the mixture's mean."""
        still = np.zeros_like(self.law(0))
        return sum((row[k] * self._trained[k].shift for k in self._used(row)), still)

    def _used(self, row: Array) -> list[int]:
        """Earlier models in the mixture."""
        return [k for k in np.flatnonzero(row).tolist() if k > 0]

    def _parts(self, j: int, row: Array, size: int, effect: Array) -> _Parts:
        """Deviations of the weights of model ``j``: those of earlier laws, and of its own data."""
        out: _Parts = dict(self._own(j, row, size, effect))
        for k in self._used(row):
            earlier = self._trained[k]
            carried = row[k] * (effect.T @ self.laws.corrected(earlier.changes).T)
            for key, part in earlier.parts.items():
                moved = carried @ (earlier.coordinates @ part)
                out[key] = out[key] + moved if key in out else moved
        return out

    def _own(
        self, j: int, row: Array, size: int, effect: Array
    ) -> Iterator[tuple[_Key, Float[Array, "features parts"]]]:
        """The noise of the points that model ``j`` is trained on."""
        cycle, mixture = self.experiment.cycle, self.laws.masses(row)[0]
        if cycle.data is not Protocol.FRESH:
            used = np.flatnonzero(row).tolist()
            for b in used:
                points = int(cycle.batch_size(b))
                yield ("batch", b), row[b] * _noise(effect, self.law(b), points)
        if cycle.data is Protocol.REUSED:
            return
        noise = _noise(effect, mixture / mixture.sum(), size)
        if cycle.data is Protocol.SUBSAMPLED:
            pool = sum(int(cycle.batch_size(b)) for b in used)
            noise = noise * np.sqrt(max(pool - size, 0) / max(pool - 1, 1))
        values, vectors = np.linalg.eigh(noise @ noise.T)
        yield ("draw", j), vectors * np.sqrt(np.maximum(values, 0.0))

    def _differences(self, near: Array, theta: Array, moved: Array) -> tuple[Array, Array]:
        """Changes of the law per direction, and what second order adds to its mean."""
        count = len(near) // 2
        both = np.concatenate([near, theta + moved, theta - moved])
        laws = self.tables.rough_law(both)
        laws /= laws.sum(axis=1, keepdims=True)
        up, down = laws[1 : 1 + count], laws[1 + count : 1 + 2 * count]
        changes = refine((up - down) / (2 * _STEP))
        bends = (up + down - 2 * laws[0]).sum(axis=0) / (2 * _STEP**2)
        return changes, refine((bends + (laws[-2] - laws[-1]) / 2)[None])[0]

    def _risk(self, near: Array) -> tuple[float, float]:
        """Mean score risk under the real law: it is quadratic, so its differences are exact."""
        count = len(near) // 2
        found = self.tables.score_risk(near[None], self.laws.masses(np.ones(1)))
        risk, error = (values[0] for values in found)
        weights = np.full(2 * count + 1, 0.5 / _STEP**2)
        weights[0] = 1 - count / _STEP**2
        return float(weights @ risk), float(error[0])


def _noise(
    effect: Float[Array, "cells features"], law: Float[Array, "cells"], size: int
) -> Float[Array, "features parts"]:
    """Deviations of the weights from ``size`` points of a law, one part per cell."""
    occupied = law > _OCCUPIED * law.max()
    p = law[occupied]
    here = effect[occupied]
    return np.asarray(((here - p @ here) * np.sqrt(p / size)[:, None]).T)


def _directions(
    flow: GradientFlow, tau: float, parts: _Parts
) -> tuple[Float[Array, "directions features"], Float[Array, "directions features"]]:
    """Independent unit deviations of the weights, largest first, and the map to their coordinates.

    They are largest where the score risk feels them, as whitening by ``Sigma + 1/(2 tau)`` tells.
    """
    covariance = np.sum([part @ part.T for part in parts.values()], axis=0)
    root = flow.vectors[0] * np.sqrt(flow.values[0] + 1 / (2 * tau))
    back = flow.vectors[0] / np.sqrt(flow.values[0] + 1 / (2 * tau))
    values, vectors = np.linalg.eigh(root.T @ covariance @ root)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = 1 + int(np.searchsorted(np.cumsum(values), (1 - _LEFT_OUT) * values.sum()))
    sizes, axes = np.sqrt(values[:kept]), vectors[:, :kept]
    return (back @ (axes * sizes)).T, (axes / sizes).T @ root.T
