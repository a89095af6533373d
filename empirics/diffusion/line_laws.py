"""Laws of score models on the line: cells, solvers, noised laws, and the laws of a loop.

Nothing here knows a network: scores come as functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import Accuracy, check_jumps, law_axis, node_axis
from empirics.diffusion.cell_laws import CellLaws
from empirics.diffusion.fokker_planck import FokkerPlanck, ScoreSteps, SolvedLaw, extrapolated
from empirics.diffusion.noising import NoisedLaws, unbinned
from empirics.diffusion.process import NestedTimes, OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Axis, Grid
from empirics.target_law import target_law
from empirics.targets import Target, Univariate

__all__ = ["Carried", "LineGrid", "LineLaws", "LineScores", "line_grid"]

Array = np.ndarray
_JUMP = 1e-3
"""Gap at a cell edge, over the largest mass of a cell, that counts as a jump of the density."""
_LEAST_DENSITY = 1e-13
"""Density below which a score is rounding and its share of the risk is nil."""


@dataclass(frozen=True, eq=False)
class LineScores:
    """Values of a batch of scores: ``fine`` and ``coarse`` for the solvers, ``risk`` at the nodes.

    Each is called with the number of a time.
    """

    fine: ScoreSteps
    coarse: ScoreSteps
    risk: Callable[[int], Float[Array, "batch ... nodes"]]


class Carried(NamedTuple):
    """Laws carried to the times of the risk: densities and their derivatives at the nodes."""

    density: Float[Array, "batch times nodes"]
    slope: Float[Array, "batch times nodes"]


@dataclass(frozen=True, eq=False)
class LineGrid:
    """Cells of laws, the two Fokker-Planck solvers, and noised laws for the score risk.

    ``axis`` has the cells of laws; the nodes of the risk are centres of cells twice as wide.
    """

    process: OrnsteinUhlenbeck
    axis: Axis
    risk_times: NestedTimes
    noised: NoisedLaws
    solvers: tuple[FokkerPlanck, FokkerPlanck]
    stopping: NoisedLaws
    ode_steps: int

    def check_points(self, points: Float[Array, "size"]) -> None:
        """Refuse training points that the grid cannot hold.

        Raises:
            InputError: there is none, one is not finite, or off the grid.
        """
        if not len(points) or not np.isfinite(points).all():
            raise InputError("samples: must be finite numbers, at least one")
        outside = (points < self.axis.low) | (points > self.axis.high)
        if outside.any():
            raise InputError(
                f"samples: {outside.mean():.2%} lie outside the grid [{self.axis.low:.4g},"
                f" {self.axis.high:.4g}]; standardise the data"
            )

    def scores(self, score: Callable[[Array, float], Array]) -> LineScores:
        """Tabulate a batch of scores, one model for every law.

        Args:
            score: of points ``(points,)`` and a time; its result has the batch axis first.
        """
        fine, coarse = ([score(s.faces, float(t)) for t in s.midpoints] for s in self.solvers)
        nodes = self.noised.axis.centres
        risk = [score(nodes, float(t))[:, None] for t in self.risk_times.times]
        return LineScores(fine.__getitem__, coarse.__getitem__, risk.__getitem__)

    def sde_law(self, scores: LineScores) -> SolvedLaw:
        """Law of the reverse SDE, extrapolated from two grids."""
        fine, coarse = self.solvers
        return extrapolated(fine.solve(scores.fine), coarse.solve(scores.coarse))

    def prior_divergence(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch"]:
        """Bound on ``KL(p_T || N(0, 1))`` of the laws with these masses at time 0."""
        second = masses @ self.axis.centres**2 + self.axis.step**2 / 12
        return self.process.prior_divergence(second, 1)

    def carried(self, masses: Float[Array, "batch cells"]) -> Carried:
        """Laws with these masses at time 0, as :meth:`score_risk` needs them."""
        return Carried(*self.noised(masses[:, ::2] + masses[:, 1::2]))

    def score_risk(
        self, scores: LineScores, masses: Float[Array, "batch cells"] | Carried
    ) -> tuple[Float[Array, "batch models"], Float[Array, "batch models"]]:
        r"""``int E|s - grad log p_t|^2 dt`` under the noised laws with these masses at time 0.

        Args:
            scores: for every law a batch of ``models`` scores.
            masses: of the laws; or the laws carried before, where many scores meet the same ones.

        Returns:
            The risk, and an estimate of the error of its time integral.
        """
        density, slope = masses if isinstance(masses, Carried) else self.carried(masses)
        rates = []
        for i in range(len(self.risk_times.times)):
            p, dp = density[:, None, i], slope[:, None, i]
            flow = scores.risk(i) * p - dp
            flow *= flow
            flow /= np.maximum(p, _LEAST_DENSITY)
            flow *= p > _LEAST_DENSITY
            rates.append(self.noised.axis.step * flow.sum(axis=-1))
        return self.risk_times.integrate(np.stack(rates))


def line_grid(target: Univariate, process: OrnsteinUhlenbeck, accuracy: Accuracy) -> LineGrid:
    """The grid that holds a target, the prior, and what a loop makes of them.

    Raises:
        InputError: the target is far off the prior's scale, or jumps and is not smoothed.
    """
    axis = law_axis(target, accuracy)
    check_jumps(target, axis, process)
    nodes, risk_times = node_axis(axis), process.nested_quadrature(accuracy.risk_times)
    return LineGrid(
        process,
        axis,
        risk_times,
        NoisedLaws(nodes, risk_times.times, process),
        (
            FokkerPlanck(process, axis, accuracy.steps),
            FokkerPlanck(process, nodes, accuracy.steps // 2),
        ),
        NoisedLaws(axis, np.array([process.stop]), process),
        accuracy.ode_steps,
    )


@dataclass(eq=False)
class LineLaws(CellLaws):
    """Laws of a batch of replicates on the line.

    Args:
        grid: what they are measured with.
    """

    grid: LineGrid = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._smooth = self.target.left is not None and not np.any(self._jumps())

    @classmethod
    def of(cls, target: Target, batch: int, grid: LineGrid) -> LineLaws:
        """The laws of a batch, before the first generation."""
        return cls(target_law(target, Grid((grid.axis,))), batch, grid=grid)

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.grid.process

    @property
    def cells(self) -> Grid:
        """Cells of the grid on which laws live."""
        return Grid((self.grid.axis,))

    def stopped(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
        """Cell masses of laws noised up to ``stop``."""
        return masses if self.process.stop == 0 else self.grid.stopping.masses(masses)[:, 0]

    def prior_divergence(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        return self.grid.prior_divergence(masses)

    def carried(self, masses: Float[Array, "batch cells"]) -> Carried:
        """The real law at the times of the risk."""
        return self.grid.carried(masses)

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells"]:
        """Training measure; where the density jumps, the mean is left as it is."""
        mixture = self.masses(row)
        return self.corrected(mixture, mixture if shares is None else shares)

    def corrected(
        self, masses: Float[Array, "batch cells"], shares: Float[Array, "batch cells"] | None = None
    ) -> Float[Array, "batch cells"]:
        """Shares of points whose mean is put right, from the masses that they have in the mean.

        Args:
            masses: of the mixture, or of a change of it.
            shares: of the points; the masses themselves if ``None``.
        """
        shares = masses if shares is None else shares
        return unbinned(shares, masses) if self._smooth else shares

    def _jumps(self) -> np.ndarray:
        """Whether the target's density jumps somewhere."""
        left, right = self.target.left, self.target.right
        assert left is not None
        assert right is not None
        gap = np.abs(left[1:] - right[:-1])
        return gap > _JUMP * self.target.masses.max()
