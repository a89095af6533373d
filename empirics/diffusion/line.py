"""Everything that models on the line with the same frozen features share, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import Accuracy
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeLineLaw
from empirics.diffusion.line_grid import Carried, LineGrid, LineScores, line_grid
from empirics.diffusion.moments import MomentTable, compress, moment_table
from empirics.diffusion.noising import NoisedLaws, node_weights
from empirics.diffusion.probability_flow import flow_masses
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis
from empirics.targets import Univariate

__all__ = ["LineScore", "LineTables", "line_tables"]

Array = np.ndarray
_BACKGROUND = 0.01
"""Mass of the uniform law in the reference of the compression."""
_BUILDING = Lock()


@dataclass(frozen=True, eq=False)
class LineScore:
    """Scores ``skip x + Theta phi`` on fixed points at fixed times, for any ``Theta``."""

    points: Float[Array, "points"]
    features: list[Float[Array, "points features"]]
    skip: float

    def __call__(self, theta: Float[Array, "batch features"], i: int) -> Float[Array, "..."]:
        """Score at all points at time number ``i``."""
        score = theta @ self.features[i].T
        score += self.skip * self.points
        return score


@dataclass(frozen=True, eq=False)
class LineTables:
    """Tables for one draw of features on one grid.

    The nodes of training are those of the risk.
    """

    features: RandomFeatures
    grid: LineGrid
    moments: MomentTable
    binning: Float[Array, "cells nodes"]
    risk_score: LineScore
    law_scores: tuple[LineScore, LineScore]

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.features.process

    @property
    def axis(self) -> Axis:
        """Axis of cells on which laws live."""
        return self.grid.axis

    @property
    def noised(self) -> NoisedLaws:
        """Laws carried to the times of the risk."""
        return self.grid.noised

    @property
    def ode_steps(self) -> int:
        """Runge-Kutta steps of the flow."""
        return self.grid.ode_steps

    def scores(self, theta: Float[Array, "batch ... features"]) -> LineScores:
        """The values of a batch of networks that the grid asks for."""
        fine, coarse = self.law_scores
        return LineScores(
            lambda i: fine(theta, i),
            lambda i: coarse(theta, i),
            lambda i: self.risk_score(theta, i),
        )

    def sde_law(self, theta: Float[Array, "batch features"]) -> SolvedLaw:
        """Law of the reverse SDE for a batch of networks."""
        return self.grid.sde_law(self.scores(theta))

    def ode_law(self, theta: Float[Array, "batch features"]) -> SolvedLaw:
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
        return self.grid.solvers[1].solve(self.scores(theta).coarse)

    def score_risk(
        self,
        theta: Float[Array, "batch models features"],
        masses: Float[Array, "batch cells"] | Carried,
    ) -> tuple[Float[Array, "batch models"], Float[Array, "batch models"]]:
        """See :meth:`empirics.diffusion.line_grid.LineGrid.score_risk`."""
        return self.grid.score_risk(self.scores(theta), masses)


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
    grid = line_grid(target, process, accuracy)
    axis, nodes = grid.axis, grid.noised.axis
    times = process.quadrature(accuracy.training_times)
    raw = draw_features(PRESETS[preset], process, width, 1, seed)
    density = NoisedLaws(nodes, times.times, process)(target.interval_mass(nodes.edges)[None])[0]
    reference = np.maximum(density[0], 0) + _BACKGROUND / (axis.high - axis.low)
    features = compress(raw, nodes, times, reference, accuracy.compression)
    fine, coarse = (_scores(features, s.faces, s.midpoints) for s in grid.solvers)
    return LineTables(
        features,
        grid,
        moment_table(features, nodes, times),
        np.stack([node_weights(x, np.ones(1), nodes) for x in axis.centres[:, None]]),
        _scores(features, nodes.centres, grid.risk_times.times),
        (fine, coarse),
    )


def _scores(features: RandomFeatures, points: Array, times: Array) -> LineScore:
    tables = [features.values(points[:, None], float(t)) for t in times]
    return LineScore(points, tables, features.preset.skip)
