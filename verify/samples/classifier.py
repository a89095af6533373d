"""A light classifier between two samples: ridge regression on random Fourier features.

Only its power depends on how good it is: any set of points whatever gives a valid lower limit on
TV, as long as it was chosen without the points that are counted in it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["separating_set"]

Array = np.ndarray
_FEATURES = 80
"""Most random features per length scale."""
_POINTS_PER_FEATURE = 10
_SCALES = (0.25, 1.0, 4.0)
"""Length scales, in units of the standard deviation of the data times ``sqrt(d)``."""
_RIDGES = (1e-1, 1e-3, 1e-5)
_MOST = 20_000
"""Points of each sample that the classifier learns from, and of a block that it sorts."""
_FITTED = 0.7
"""Share of them that is fitted; the rest chooses ridge and threshold."""


def separating_set(
    p: Float[Array, "np d"], q: Float[Array, "nq d"], generator: np.random.Generator
) -> Callable[[Array], Bool[Array, "n"]]:
    """A set in which ``p`` has more mass than ``q``, as its indicator."""
    p, q = p[:_MOST], q[:_MOST]
    fit, choose = zip(*(_cut(sample) for sample in (p, q)), strict=True)
    features = _features(np.concatenate(fit), generator)
    x = np.concatenate([features(part) for part in fit])
    y = np.concatenate(
        [np.full(len(fit[0]), 1 / len(fit[0])), np.full(len(fit[1]), -1 / len(fit[1]))]
    )
    fitted = _ridge_regression(x, y)
    held = [features(part) for part in choose]
    best = (-1.0, np.zeros(x.shape[1]), 0.0)
    for ridge in _RIDGES:
        coefficients = fitted(ridge)
        gain, threshold = _threshold(*(part @ coefficients for part in held))
        best = max(best, (gain, coefficients, threshold), key=lambda found: found[0])
    _, coefficients, threshold = best

    def inside(points: Array) -> Bool[Array, "n"]:
        rows = (points[i : i + _MOST] for i in range(0, len(points), _MOST))
        return np.concatenate([features(part) @ coefficients > threshold for part in rows])

    return inside


def _ridge_regression(
    x: Float[Array, "points features"], y: Float[Array, "points"]
) -> Callable[[float], Float[Array, "features"]]:
    """Coefficients for the signs of ``y``, weighted by its sizes, by the ridge.

    With fewer points than features they solve a system as large as the points are many.
    """
    weight = np.abs(y)[:, None]
    if len(x) >= x.shape[1]:
        gram, right = x.T @ (x * weight), x.T @ y
        return lambda ridge: np.linalg.solve(gram + ridge * np.eye(len(gram)), right)
    z, signs = x * np.sqrt(weight), np.sign(y) * np.sqrt(weight[:, 0])
    kernel = z @ z.T
    return lambda ridge: z.T @ np.linalg.solve(kernel + ridge * np.eye(len(kernel)), signs)


def _cut(sample: Array) -> tuple[Array, Array]:
    at = int(_FITTED * len(sample))
    return sample[:at], sample[at:]


def _features(points: Array, generator: np.random.Generator) -> Callable[[Array], Array]:
    """Constant, coordinates, and cosines of random projections at several scales."""
    d = points.shape[1]
    centre, spread = np.median(points, axis=0), points.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    count = min(_FEATURES, len(points) // _POINTS_PER_FEATURE + 1)
    frequencies = np.concatenate(
        [generator.standard_normal((d, count)) / (s * np.sqrt(d)) for s in _SCALES], axis=1
    )
    phases = generator.uniform(0, 2 * np.pi, frequencies.shape[1])

    def features(x: Array) -> Array:
        z = (x - centre) / spread
        return np.concatenate([np.ones((len(z), 1)), z, np.cos(z @ frequencies + phases)], axis=1)

    return features


def _threshold(p: Float[Array, "np"], q: Float[Array, "nq"]) -> tuple[float, float]:
    """The threshold above which ``p`` exceeds ``q`` most, and by how much."""
    candidates = np.unique(np.quantile(np.concatenate([p, q]), np.linspace(0.02, 0.98, 49)))
    above_p = (p[:, None] > candidates).mean(axis=0)
    above_q = (q[:, None] > candidates).mean(axis=0)
    best = int(np.argmax(above_p - above_q))
    return float((above_p - above_q)[best]), float(candidates[best])
