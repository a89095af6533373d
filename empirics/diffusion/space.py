r"""Training on points of a space of any dimension, where no grid can hold the noised data.

The loss is that of :mod:`empirics.diffusion.moments`; the expectation over the noise of every point
and time is a mean over antithetic pairs of normal draws, from a seed of its own, so that it is the
same whenever the model is fitted. Two halves of the draws give two trained networks, and with them
an estimate of the risk that the quadrature adds to the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeSampled
from empirics.diffusion.process import Sampler, TimeNodes
from empirics.diffusion.training_time import TrainingTime, VectorFlow
from empirics.errors import InputError

if TYPE_CHECKING:
    from empirics.protocols import FittedModel

__all__ = ["SpaceModel", "space_moments"]

Array = np.ndarray
_ROWS = 40_000
"""Noised points per time, at least; there are at least two antithetic pairs of each."""


@dataclass(frozen=True, eq=False)
class SpaceModel:
    """A model for points of one dimension, any number of coordinates.

    Args:
        features: the frozen units.
        times: quadrature of the training loss.
        rule: when training stops; no oracle, which would need a law on a grid.
        sampler: which law a score generates.
        ode_steps: of Runge-Kutta.
        rows: noised points per time, at least.
    """

    features: RandomFeatures
    times: TimeNodes
    rule: TrainingTime
    sampler: Sampler
    ode_steps: int
    rows: int = _ROWS

    def fit(self, samples: Float[Array, "size d"], generator: np.random.Generator) -> FittedModel:
        """Train on points.

        Raises:
            InputError: a point is not finite, or the rule for the training time is an oracle.
        """
        del generator
        theta, risk = self.train(samples)
        if self.sampler.stochastic:
            return SdeSampled(self.features, theta, EULER_STEPS, quadrature_risk=risk)
        return OdeLaw(self.features, theta, self.ode_steps, quadrature_risk=risk)

    def train(self, samples: Float[Array, "size d"]) -> tuple[Float[Array, "d features"], float]:
        r"""Output weights, and an estimate of ``int E|s - s_exact|^2 dt``.

        Half the difference of the networks trained on either half of the draws has the mean
        square of the error of the network trained on all.
        """
        if not np.isfinite(samples).all():
            raise InputError("samples: must be finite numbers")
        size = len(samples)
        tau = np.full((3, 1), self.rule.at(size))
        pairs = 2 * ceil(self.rows / (4 * size))
        halves = [
            space_moments(self.features, self.times, samples, pairs // 2, seed) for seed in (0, 1)
        ]
        sigma, cross = (np.stack(both) for both in zip(*halves, strict=True))
        flow = VectorFlow.of(
            np.concatenate([sigma, sigma.mean(axis=0, keepdims=True)]),
            np.concatenate([cross, cross.mean(axis=0, keepdims=True)]),
        )
        one, two, theta = flow.weights(tau)[:, 0]
        away = 0.5 * (one - two)
        return theta, float(((away @ sigma.mean(axis=0)) * away).sum())


def space_moments(
    features: RandomFeatures,
    times: TimeNodes,
    points: Float[Array, "size d"],
    pairs: int,
    seed: int,
) -> tuple[Float[Array, "features features"], Float[Array, "d features"]]:
    """``Sigma`` and ``C`` of points, with antithetic pairs of draws for the noise of each.

    Args:
        pairs: of draws for every point and time.
    """
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=points.shape))
    size, dimension = points.shape
    sigma = np.zeros((features.count, features.count))
    cross = np.zeros((dimension, features.count))
    for t, w in zip(times.times, times.weights, strict=True):
        mean = features.process.decay(t) * points
        width = np.sqrt(features.process.variance(t))
        for _ in range(pairs):
            noise = width * generator.standard_normal((size, dimension))
            for x in features.parts(np.concatenate([mean + noise, mean - noise])):
                equal = np.full((1, len(x)), w / (2 * size * pairs))
                phi, gradients = features.values_and_mean_gradients(x, float(t), equal)
                sigma += equal[0, 0] * (phi.T @ phi)
                cross -= gradients[0] + equal[0, 0] * features.preset.skip * (x.T @ phi)
    return sigma, cross
