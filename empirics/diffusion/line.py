"""Everything that models on the line with the same frozen features share, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import Accuracy, check_jumps, law_axis, node_axis
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import FokkerPlanck, SdeLaw, extrapolated
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeLineLaw
from empirics.diffusion.moments import MomentTable, compress, moment_table
from empirics.diffusion.noising import NoisedLaws, node_weights
from empirics.diffusion.probability_flow import flow_masses
from empirics.diffusion.process import OrnsteinUhlenbeck, TimeNodes
from empirics.grid import Axis
from empirics.targets import Univariate

__all__ = ["LineScore", "LineTables", "line_tables"]

Array = np.ndarray
_BACKGROUND = 0.01
"""Mass of the uniform law in the reference of the compression."""
_LEAST_DENSITY = 1e-13
"""Where the density is below, its score is rounding and its share of the risk is nil."""
_BUILDING = Lock()


@dataclass(frozen=True, eq=False)
class LineScore:
    """Scores ``skip x + Theta phi`` on fixed points at fixed times, for any ``Theta``."""

    points: Float[Array, "points"]
    features: list[Float[Array, "points features"]]
    skip: float

    def __call__(self, theta: Float[Array, "batch features"], i: int) -> Float[Array, "..."]:
        """Score at all points at time number ``i``."""
        return theta @ self.features[i].T + self.skip * self.points


@dataclass(frozen=True, eq=False)
class LineTables:
    """Tables for one draw of features, one process, one grid.

    ``axis`` has the cells of laws; the nodes of training and risk are centres of cells twice as
    wide.
    """

    features: RandomFeatures
    axis: Axis
    moments: MomentTable
    binning: Float[Array, "cells nodes"]
    risk_times: TimeNodes
    noised: NoisedLaws
    risk_score: LineScore
    solvers: tuple[FokkerPlanck, FokkerPlanck]
    law_scores: tuple[LineScore, LineScore]
    ode_steps: int
    stopping: NoisedLaws

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.features.process

    def sde_law(self, theta: Float[Array, "batch features"]) -> SdeLaw:
        """Law of the reverse SDE for a batch of networks."""
        return extrapolated(self._solved(theta, 0), self._solved(theta, 1))

    def ode_law(self, theta: Float[Array, "batch features"]) -> SdeLaw:
        """Law of the probability-flow ODE for a batch of networks."""
        return flow_masses(self.features, theta, self.axis, self.ode_steps)

    def sde_fitted(self, theta: Float[Array, "1 features"]) -> SdeLineLaw:
        """One network's law under the reverse SDE."""
        law = self.sde_law(theta)
        return SdeLineLaw(self.features, theta, EULER_STEPS, self.axis, law)

    def ode_fitted(self, theta: Float[Array, "1 features"]) -> OdeLaw:
        """One network's law under the probability-flow ODE."""
        return OdeLaw(self.features, theta, self.ode_steps)

    def rough_law(self, theta: Float[Array, "batch features"]) -> Float[Array, "batch nodes"]:
        """The coarser solution alone, for comparing many networks."""
        return self._solved(theta, 1)

    def _solved(self, theta: Array, level: int) -> Array:
        solver, table = self.solvers[level], self.law_scores[level]
        return solver.solve(lambda i: table(theta, i))

    def stopped(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
        """Cell masses of laws noised up to ``stop``."""
        return masses if self.process.stop == 0 else self.stopping.masses(masses)[:, 0]

    def score_risk(
        self, theta: Float[Array, "batch models features"], masses: Float[Array, "batch cells"]
    ) -> Float[Array, "batch models"]:
        r"""``int E|s - grad log p_t|^2 dt`` under the noised laws with these masses at time 0."""
        density, slope = self.noised(_pairs(masses))
        risk = np.zeros(theta.shape[:2])
        for i, weight in enumerate(self.risk_times.weights):
            p, dp = density[:, None, i], slope[:, None, i]
            flow = self.risk_score(theta, i) * p - dp
            flow *= flow
            flow /= np.maximum(p, _LEAST_DENSITY)
            flow *= p > _LEAST_DENSITY
            risk += weight * self.noised.axis.step * flow.sum(axis=-1)
        return risk


def _pairs(masses: Float[Array, "batch cells"]) -> Float[Array, "batch nodes"]:
    return masses[:, ::2] + masses[:, 1::2]


def line_tables(
    target: Univariate,
    preset: str,
    width: int,
    process: OrnsteinUhlenbeck,
    seed: int,
    accuracy: Accuracy,
) -> LineTables:
    """Build the tables, or return the ones built before.

    Args:
        target: the real law; it sets the grid and the directions kept of feature space.
        preset: name of the parametrisation.
        width: hidden units.
        process: the forward process.
        seed: of the frozen weights.
        accuracy: of grids and quadratures.
    """
    with _BUILDING:
        return _build(target, preset, width, process, seed, accuracy)


@lru_cache(maxsize=3)
def _build(
    target: Univariate,
    preset: str,
    width: int,
    process: OrnsteinUhlenbeck,
    seed: int,
    accuracy: Accuracy,
) -> LineTables:
    axis = law_axis(target, accuracy)
    check_jumps(target, axis, process)
    nodes, times = node_axis(axis), process.quadrature(accuracy.training_times)
    raw = draw_features(PRESETS[preset], process, width, 1, seed)
    density = NoisedLaws(nodes, times.times, process)(target.interval_mass(nodes.edges)[None])[0]
    reference = np.maximum(density[0], 0) + _BACKGROUND / (axis.high - axis.low)
    features = compress(raw, nodes, times, reference, accuracy.compression)
    risk_times = process.quadrature(accuracy.risk_times)
    solvers = (
        FokkerPlanck(process, axis, accuracy.steps),
        FokkerPlanck(process, nodes, accuracy.steps // 2),
    )
    return LineTables(
        features,
        axis,
        moment_table(features, nodes, times),
        np.stack([node_weights(x, np.ones(1), nodes) for x in axis.centres[:, None]]),
        risk_times,
        NoisedLaws(nodes, risk_times.times, process),
        _scores(features, nodes.centres, risk_times.times),
        solvers,
        (
            _scores(features, solvers[0].faces, solvers[0].midpoints),
            _scores(features, solvers[1].faces, solvers[1].midpoints),
        ),
        accuracy.ode_steps,
        NoisedLaws(axis, np.array([process.stop]), process),
    )


def _scores(features: RandomFeatures, points: Array, times: Array) -> LineScore:
    tables = [features.values(points[:, None], float(t)) for t in times]
    return LineScore(points, tables, features.preset.skip)
