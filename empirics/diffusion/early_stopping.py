r"""The explicit bound for early-stopped gradient flow on random features.

.. math:: TV(p_{\hat\Theta(\tau)}, \tilde p_{t_0}) \le \tfrac{1}{\sqrt2}\Bigl[\sqrt{KL_T}
          + \sqrt{\inf_{\Theta_c}\bigl\{\tilde L(\Theta_c) + \tfrac{\|\Theta_c\|^2}{2\tau}\bigr\}}
          + M_\tau \sqrt{\tau}\sqrt{1/e + \tau\|\hat\Sigma - \Sigma\|}\Bigr],

.. math:: M_\tau = \sup_{s \le \tau} 2\,\|\Theta(s)(\hat\Sigma - \Sigma) - (\hat C - C)\|,

``Theta(s)`` the flow on the law itself and ``L~`` its score risk. Nothing is fitted: both pairs of
matrices are computed.

Derived: the gradient-flow entries of the catalogue, for the residual target ``s* - skip``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.engine import tables_of
from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.line_model import Candidates, LineTables
from empirics.diffusion.model import Diffusion
from empirics.diffusion.training_time import GradientFlow
from empirics.errors import InputError
from empirics.experiment import Experiment, Sampling
from empirics.loop import CellDraws, Pool

__all__ = ["EarlyStopping", "early_stopping", "gradient_gap", "training_terms"]

Array = np.ndarray
_PER_DECADE = 40
_FIRST = 1e-3


@dataclass(frozen=True, eq=False)
class EarlyStopping:
    """The terms of the bound at several training times; arrays have one entry per time.

    They have the words of ``bounds.get("diffusion-early-stopping")``, whose value is that at
    :attr:`words`.
    """

    training_time: Float[Array, "times"]
    prior_kl: float
    comparator_risk: Float[Array, "times"]
    comparator_norm: Float[Array, "times"]
    gradient_gap: Float[Array, "times"]
    covariance_gap: float

    @property
    def words(self) -> dict[str, Float[Array, "times"] | float]:
        """The terms under the names of the theorem."""
        return asdict(self)


def early_stopping(
    tables: LineTables,
    mixture: Float[Array, "cells"],
    law: Float[Array, "nodes"],
    sample: Float[Array, "nodes"],
    tau: Float[Array, "times"],
) -> EarlyStopping:
    """All terms of the bound.

    Args:
        mixture: cell masses of the law that is learned.
        law: the same law as a training measure.
        sample: the training measure that was drawn from it.
        tau: training times, > 0.
    """
    (sigma, sigma_hat), (cross, cross_hat) = tables.moments(np.stack([law, sample]))
    flow = GradientFlow.of(sigma[None], cross[None])
    gap = sigma_hat - sigma
    second = float(mixture @ tables.axis.centres**2)
    ridge = _ridge(flow, tau)
    risk, error = tables.score_risk(ridge[None], mixture[None])
    return EarlyStopping(
        tau,
        float(tables.process.prior_divergence(np.array(second), 1)),
        (risk + error)[0],
        np.linalg.norm(ridge, axis=1),
        gradient_gap(flow, gap, cross_hat - cross, tau),
        float(np.linalg.norm(gap, 2)),
    )


def training_terms(experiment: Experiment) -> list[EarlyStopping]:
    """The terms of generation 1 for every replicate, at the training time it was given.

    The training sets are those of the run: they are drawn again from its seed.

    Raises:
        InputError: the model is not a ``Diffusion`` on the line, or its training sets are points.
    """
    model = experiment.model
    if not isinstance(model, Diffusion) or experiment.target.dimension != 1:
        raise InputError("model: the early-stopping bound speaks of a Diffusion on the line")
    if experiment.sampling is not Sampling.COUNTS:
        raise InputError(
            f"sampling = {experiment.sampling.value!r}: the early-stopping bound is computed for"
            " counts"
        )
    tables = tables_of(experiment)
    assert isinstance(tables, LineTables)
    mixture, law, samples = _first_training_sets(experiment, tables)
    size = int(experiment.cycle.size(1))
    flow = GradientFlow.of(*tables.moments(samples))
    learned = np.tile(mixture, (len(samples), 1))
    times = model.rule.choose(Candidates(size, flow, learned, tables))
    return [
        early_stopping(tables, mixture, law, sample, np.array([tau]))
        for sample, tau in zip(samples, times, strict=True)
    ]


def _first_training_sets(
    experiment: Experiment, tables: LineTables
) -> tuple[Float[Array, "cells"], Float[Array, "nodes"], Float[Array, "replicates nodes"]]:
    """The target's cell masses, it as a training measure, and every replicate's sample."""
    e, row = experiment, np.ones(1)
    laws = LineLaws.of(e.target, e.replicates, tables.grid)
    streams = [e.stream(r) for r in range(e.replicates)]
    draws = CellDraws(streams, laws.cells.shape, laws.masses)
    shares = Pool(e.cycle, draws).training(row, int(e.cycle.size(1))).data
    law, samples = (laws.measure(row, s) @ tables.binning for s in (None, shares))
    return laws.masses(row)[0], law[0], samples


def _ridge(flow: GradientFlow, tau: Array) -> Float[Array, "times features"]:
    """The ridge solution for every time; any other comparator would give an upper bound too."""
    modes = flow.drive[0] / (flow.values[0] + 0.5 / tau[:, None])
    return modes @ flow.vectors[0].T


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
