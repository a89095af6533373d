r"""The path divergence of any score on the line, and what of it the generated law really has.

.. math:: KL(\tilde p_{t_0} \| p_\theta) = KL(\tilde p_T \| \pi)
          + \int E_{\tilde p_t}|s_\theta - \nabla\log \tilde p_t|^2 dt
          - \int E_{\tilde p_t}|s_\theta - \nabla\log q_t|^2 dt,

``q_t`` the marginals of the generated process. Without the last term it is Girsanov's bound; the
equality checks solver, score and bound against each other.

Derived: the KL along the two reverse flows, differentiated; with :math:`g^2/2 = 1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import Accuracy, law_axis, node_axis
from empirics.diffusion.fokker_planck import FokkerPlanck, extrapolated
from empirics.diffusion.noising import NoisedLaws
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis
from empirics.targets import Univariate

__all__ = ["PathTerms", "path_terms"]

Array = np.ndarray
Score = Callable[[Float[Array, "points"], float], Float[Array, "points"]]
_LEAST = 1e-9
"""Density below which a score is rounding of the solver."""
_ROUNDING = 1e-13
"""Density below which that of the noised law is rounding."""


@dataclass(frozen=True)
class PathTerms:
    """``kl = prior + risk - slack`` up to ``error``; ``tv`` is the distance at ``stop``.

    ``error`` is what half the resolution changes of the right side, with the part of the risk where
    the generated density is too small for its slack to be told; no less than what the two sides
    differ by, which is large where a score that does not fade away at ``horizon`` is solved for in
    too few steps.
    """

    kl: float
    prior: float
    risk: float
    slack: float
    tv: float
    error: float = 0.0

    def quantities(self) -> Mapping[str, float]:
        """The terms under the words of ``diffusion-path-identity``."""
        return {
            "real_prior_kl": self.prior,
            "real_score_risk": self.risk,
            "own_score_error": self.slack,
        }

    @property
    def bound(self) -> float:
        """Girsanov's bound on ``kl``."""
        return self.prior + self.risk

    @property
    def residual(self) -> float:
        """Relative violation of the identity."""
        return abs(self.bound - self.slack - self.kl) / self.kl


def path_terms(
    target: Univariate, process: OrnsteinUhlenbeck, score: Score, accuracy: Accuracy
) -> PathTerms:
    """All terms for a score function ``score(x, t)`` that is to generate ``target``.

    Where the generated density is below 1e-9 it is rounding, and left out. Long training on few
    points makes tails that light, and ``residual`` then shows what was left out.

    Args:
        target: the law learned; smooth, or smoothed by ``process.stop > 0``.
        process: the forward process.
        score: of points and a time.
        accuracy: of the grids; time integrals use the ends of the coarser solution's steps.
    """
    halved = replace(accuracy, step=2 * accuracy.step, steps=accuracy.steps // 4 * 2)
    fine, left_out = _terms(target, process, score, accuracy)
    coarse, _ = _terms(target, process, score, halved)
    changed = abs(fine.bound - fine.slack - coarse.bound + coarse.slack)
    apart = abs(fine.bound - fine.slack - fine.kl)
    return replace(fine, error=max(changed + left_out, apart))


def _terms(
    target: Univariate, process: OrnsteinUhlenbeck, score: Score, accuracy: Accuracy
) -> tuple[PathTerms, float]:
    """The terms at one resolution, and the risk where the slack cannot be told."""
    axis = law_axis(target, accuracy)
    generated, times = _marginals(process, axis, accuracy.steps, score)
    axis = node_axis(axis)
    masses, generated = (
        target.interval_mass(axis.edges)[None],
        generated[:, ::2] + generated[:, 1::2],
    )
    plain = NoisedLaws(axis, np.zeros(1), process)
    at_stop = _Pair.of(plain, masses, generated[0], times[0])
    at_end = _Pair.of(plain, masses, generated[-1], times[-1])
    errors = np.array(
        [
            _Pair.of(plain, masses, q, t).errors(score(axis.centres, float(t)))
            for q, t in zip(generated, times, strict=True)
        ]
    )
    weights = _simpson(process, accuracy.steps // 2)
    risk, slack, left_out = (weights @ errors).tolist()
    # A divergence is never negative but for rounding.
    kl, prior = at_stop.divergence, max(at_end.divergence, 0.0)
    return PathTerms(kl, prior, risk, slack, at_stop.distance), left_out


@dataclass(frozen=True)
class _Pair:
    """Densities and their derivatives at cell centres: the noised law, and the generated one."""

    p: Float[Array, "cells"]
    dp: Float[Array, "cells"]
    q: Float[Array, "cells"]
    dq: Float[Array, "cells"]
    step: float

    @classmethod
    def of(cls, plain: NoisedLaws, masses: Array, q: Array, t: float) -> _Pair:
        """Of the law with these masses, noised to ``t``, and of ``q``, which ``plain`` leaves."""
        law = replace(plain, times=np.array([t]))(masses)
        made = plain(q[None])
        return cls(law[0][0, 0], law[1][0, 0], made[0][0, 0], made[1][0, 0], plain.axis.step)

    @property
    def _held(self) -> np.ndarray:
        return (self.p > _LEAST) & (self.q > _LEAST)

    @property
    def divergence(self) -> float:
        held = self._held
        return self.step * float((self.p[held] * np.log(self.p[held] / self.q[held])).sum())

    @property
    def distance(self) -> float:
        return 0.5 * self.step * float(np.abs(self.p - self.q).sum())

    def errors(self, score: Array) -> tuple[float, float, float]:
        """Mean squared errors of the score under the noised law, against either law's own.

        Last the part of the first that is left out, where either density is too small.
        """
        held = self._held
        p, s = self.p[held], score[held]
        own = (s - self.dp[held] / p) ** 2
        made = (s - self.dq[held] / self.q[held]) ** 2
        rest = ~held & (self.p > _ROUNDING)
        lost = self.p[rest] * (score[rest] - self.dp[rest] / self.p[rest]) ** 2
        sums = (float((p * own).sum()), float((p * made).sum()), float(lost.sum()))
        return self.step * sums[0], self.step * sums[1], self.step * sums[2]


def _marginals(
    process: OrnsteinUhlenbeck, axis: Axis, steps: int, score: Score
) -> tuple[Float[Array, "times cells"], Float[Array, "times"]]:
    """The generated process at the ends of the coarser solution's steps, ``stop`` first."""
    fine, coarse = (
        FokkerPlanck(process, axis, steps),
        FokkerPlanck(process, node_axis(axis), steps // 2),
    )
    law = extrapolated(_path(fine, score)[::2], _path(coarse, score))
    return law.masses[::-1], coarse.edges


def _path(solver: FokkerPlanck, score: Score) -> Float[Array, "times cells"]:
    """All marginals, ``horizon`` first."""

    def at_step(i: int) -> Array:
        return score(solver.faces, float(solver.midpoints[i]))[None]

    return np.concatenate(list(solver.history(at_step)))


def _simpson(process: OrnsteinUhlenbeck, intervals: int) -> Float[Array, "times"]:
    """Simpson's rule in the graded clock for an even number of intervals."""
    u = np.linspace(0, process.length, intervals + 1)
    weights = np.full(intervals + 1, 2.0)
    weights[1::2], weights[0], weights[-1] = 4.0, 1.0, 1.0
    return weights * (u[1] / 3) * process.grading * np.exp(u)
