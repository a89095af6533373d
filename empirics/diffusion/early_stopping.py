r"""The explicit bound for early-stopped gradient flow on random features.

.. math:: TV(p_{\hat\Theta(\tau)}, \tilde p_{t_0}) \le \tfrac{1}{\sqrt2}\Bigl[\sqrt{KL_T}
          + \sqrt{\inf_{\Theta_c}\bigl\{\tilde L(\Theta_c) + \tfrac{\|\Theta_c\|^2}{2\tau}\bigr\}}
          + M_\tau \sqrt{\tau}\sqrt{1/e + \tau\|\hat\Sigma - \Sigma\|}\Bigr],

.. math:: M_\tau = \sup_{s \le \tau} 2\,\|\Theta(s)(\hat\Sigma - \Sigma) - (\hat C - C)\|,

``Theta(s)`` the flow on the law itself and ``L~`` its score risk. Nothing is fitted: both pairs of
matrices are computed.

Derived: theory B4.2 (i)-(iii), for the residual target ``s* - skip``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.engine import DiffusionEngine
from empirics.diffusion.flow import GradientFlow
from empirics.diffusion.line import LineTables
from empirics.errors import InputError
from empirics.experiment import Experiment

__all__ = ["EarlyStopping", "early_stopping", "early_stopping_of", "gradient_gap"]

Array = np.ndarray
_PER_DECADE = 40
_FIRST = 1e-3


@dataclass(frozen=True, eq=False)
class EarlyStopping:
    """The terms at several training times; arrays have one entry per time."""

    tau: Float[Array, "times"]
    prior: float
    approximation: Float[Array, "times"]
    gradient_gap: Float[Array, "times"]
    gram_gap: float

    @property
    def estimation(self) -> Float[Array, "times"]:
        """``M sqrt(tau) sqrt(1/e + tau |Sigma^ - Sigma|)``."""
        growth = np.sqrt(np.exp(-1) + self.tau * self.gram_gap)
        return self.gradient_gap * np.sqrt(self.tau) * growth

    @property
    def tv(self) -> Float[Array, "times"]:
        """The bound on total variation, at most 1."""
        root = np.sqrt(self.prior) + np.sqrt(self.approximation) + self.estimation
        return np.minimum(root / np.sqrt(2), 1.0)


def early_stopping(
    tables: LineTables,
    mixture: Float[Array, "cells"],
    law: Float[Array, "nodes"],
    sample: Float[Array, "nodes"],
    tau: Float[Array, "times"],
) -> EarlyStopping:
    """All terms of the bound.

    Args:
        tables: of the features.
        mixture: cell masses of the law that is learned.
        law: the same law as a training measure.
        sample: the training measure that was drawn from it.
        tau: training times, > 0.
    """
    (sigma, sigma_hat), (cross, cross_hat) = tables.moments(np.stack([law, sample]))
    flow = GradientFlow.of(sigma[None], cross[None])
    gap = sigma_hat - sigma
    second = float(mixture @ tables.axis.centres**2)
    return EarlyStopping(
        tau,
        float(tables.process.prior_divergence(np.array(second), 1)),
        _approximation(tables, flow, mixture, tau),
        gradient_gap(flow, gap, cross_hat - cross, tau),
        float(np.linalg.norm(gap, 2)),
    )


def early_stopping_of(experiment: Experiment, tau: float) -> float:
    """Mean over up to eight replicates of the bound on generation 1 of an experiment.

    Raises:
        InputError: the experiment's model is not a ``Diffusion`` on the line.
    """
    engine = experiment.engine()
    if not isinstance(engine, DiffusionEngine):
        raise InputError("model: the early-stopping bound speaks of a Diffusion on the line")
    mixture, law, samples = engine.first_training_sets(range(min(8, experiment.replicates)))
    values = [
        early_stopping(engine.tables, mixture, law, sample, np.array([tau])).tv[0]
        for sample in samples
    ]
    return float(np.mean(values))


def _approximation(
    tables: LineTables, flow: GradientFlow, mixture: Array, tau: Array
) -> Float[Array, "times"]:
    """Risk plus penalty at the ridge solution; any ``Theta_c`` would give an upper bound."""
    ridge = flow.drive[0] / (flow.values[0] + 0.5 / tau[:, None])
    theta = ridge @ flow.vectors[0].T
    risk = tables.score_risk(theta[None], mixture[None])[0]
    return risk + (theta**2).sum(axis=1) / (2 * tau)


def gradient_gap(
    flow: GradientFlow, gram_gap: Array, cross_gap: Array, tau: Float[Array, "times"]
) -> Float[Array, "times"]:
    """``M_tau`` from above: the supremum over a ladder, plus what can happen between its rungs.

    Every coordinate of ``Theta(s)`` is monotone in ``s``, so between rungs it moves no further
    than from one to the next.
    """
    last = float(tau.max())
    rungs = int(_PER_DECADE * max(np.log10(last / _FIRST), 1)) + 2
    ladder = np.concatenate([[0.0], np.geomspace(min(_FIRST, last / 10), last, rungs)])
    theta = flow.weights(ladder[None])[0]
    gaps = 2 * np.linalg.norm(theta @ gram_gap - cross_gap, axis=1)
    moves = 2 * np.linalg.norm(gram_gap, 2) * np.linalg.norm(np.diff(theta, axis=0), axis=1)
    rising = np.maximum.accumulate(np.concatenate([gaps[:1], gaps[:-1] + moves]))
    return rising[np.minimum(np.searchsorted(ladder, tau), len(ladder) - 1)]
