r"""The law of the probability-flow ODE: change of variables along its flow.

.. math:: \dot x = v(x, t) = -x - s_\theta(x, t), \qquad
          \log q_{t_0}(x) = \log \pi(x_T) + \int_{t_0}^{T} \nabla\!\cdot v(x_t, t)\,dt,

with the divergence of the features in closed form. On the line the flow is monotone, so cell
edges carried to the prior give exact cell masses and no divergence is needed.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.fokker_planck import SolvedLaw, widest
from empirics.grid import Axis
from empirics.targets.gaussian_mixture import standard_normal_masses

__all__ = [
    "flow_from_prior",
    "flow_log_density",
    "flow_masses",
    "flow_to_prior",
    "score_and_divergence",
]

Array = np.ndarray


def flow_to_prior(
    features: RandomFeatures,
    theta: Float[Array, "dimension features"],
    x: Float[Array, "points dimension"],
    steps: int,
) -> tuple[Float[Array, "points dimension"], Float[Array, "points"]]:
    """Places of points carried from ``stop`` to ``horizon``, and ``int div v dt`` on the way."""
    return _flow(features, theta, x, np.linspace(0, features.process.length, steps + 1))


def flow_from_prior(
    features: RandomFeatures,
    theta: Float[Array, "dimension features"],
    x: Float[Array, "points dimension"],
    steps: int,
) -> Float[Array, "points dimension"]:
    """The inverse of :func:`flow_to_prior`."""
    return _flow(features, theta, x, np.linspace(features.process.length, 0, steps + 1))[0]


def _flow(
    features: RandomFeatures, theta: Array, x: Array, clock: Float[Array, "edges"]
) -> tuple[Array, Array]:
    """Classical Runge-Kutta steps between values ``u`` of the graded clock."""
    process, log_volume = features.process, np.zeros(len(x))

    def speed(at: Array, u: float) -> tuple[Array, Array]:
        t, rate = float(process.time(np.array(u))), process.grading * np.exp(u)
        score, divergence = score_and_divergence(features, theta, at, t)
        return rate * (-at - score), rate * (-at.shape[1] - divergence)

    for u, du in zip(clock[:-1], np.diff(clock), strict=True):
        k1, d1 = speed(x, u)
        k2, d2 = speed(x + 0.5 * du * k1, u + 0.5 * du)
        k3, d3 = speed(x + 0.5 * du * k2, u + 0.5 * du)
        k4, d4 = speed(x + du * k3, u + du)
        x = x + du / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        log_volume = log_volume + du / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
    return x, log_volume


def score_and_divergence(
    features: RandomFeatures, theta: Array, x: Array, t: float
) -> tuple[Float[Array, "points dimension"], Float[Array, "points"]]:
    """``s = skip x + Theta phi`` and ``div s = skip d + sum_i Theta_i d phi / d x_i``."""
    scale, factor = features.scales(t)
    value, slope = features.preset.activate(features.preactivation(x, t))
    units = features.units(theta)
    skip = features.preset.skip
    score = skip * x + scale * (value @ units.T)
    divergence = skip * x.shape[1] + scale * factor * (slope @ (units * features.W.T).sum(axis=0))
    return score, divergence


def flow_log_density(
    features: RandomFeatures,
    theta: Float[Array, "dimension features"],
    x: Float[Array, "points dimension"],
    steps: int,
) -> Float[Array, "points"]:
    """``log q_{t0}(x)``."""
    end, log_volume = flow_to_prior(features, theta, x, steps)
    prior = -0.5 * (end**2).sum(axis=1) - 0.5 * x.shape[1] * np.log(2 * np.pi)
    return prior + log_volume


def flow_masses(
    features: RandomFeatures, theta: Float[Array, "batch features"], axis: Axis, steps: int
) -> SolvedLaw:
    """Cell masses on the line, with Richardson extrapolation from half as many steps."""
    fine, coarse = (
        np.stack([_edge_masses(features, row, axis, n) for row in theta])
        for n in (steps, steps // 2)
    )
    correction = (fine - coarse) / 15
    masses = np.maximum(fine + correction, 0.0)
    error = 0.5 * np.abs(correction).sum(axis=1)
    return SolvedLaw(masses, error, np.abs(masses.sum(axis=1) - 1), widest(correction))


def _edge_masses(features: RandomFeatures, theta: Array, axis: Axis, steps: int) -> Array:
    ends, _ = flow_to_prior(features, theta[None], axis.edges[:, None], steps)
    z = np.maximum.accumulate(ends[:, 0])
    return np.maximum(standard_normal_masses(z), 0.0)
