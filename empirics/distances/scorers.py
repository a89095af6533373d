"""Light classifiers between two samples, as scores that are larger where the first law has more.

Each is meant for another kind of difference: places (cosines, neighbours), location and covariance
(Gaussian, products), size in many coordinates (norms), and points that come again (repeats).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree

__all__ = ["Fit", "Scorer", "cosines", "gaussian", "neighbours", "norms", "products", "repeats"]

Array = np.ndarray
Scorer = Callable[[Array], Array]
"""A number for every point."""
Fit = Callable[[Array, Array, np.random.Generator], list[Scorer]]
"""A function that learns scorers from points of the first and of the second law."""

_FEATURES = 80
"""Most random features per length scale."""
_POINTS_PER_FEATURE = 10
_SCALES = (0.25, 1.0, 4.0)
"""Length scales, in units of the standard deviation of the data times ``sqrt(d)``."""
_RIDGES = (1e-1, 1e-3, 1e-5)
_REACH = 6.0
"""Standard deviations at which coordinates are cut before they are multiplied."""
_LEAST_VARIANCE = 1e-3
"""Added to the variances of standardised coordinates, so that none is zero."""
_MOST_COORDINATES = 400
"""Coordinates up to which whole covariance matrices are inverted."""
_POINTS_PER_COORDINATE = 5
_REFERENCES = 8000
"""Points times square root of dimension among which neighbours are sought."""
_POWERS = (0.4, 0.7)
"""Neighbours are the ``n^power / 2``-th ones."""
_SMALLEST = 1e-12


def cosines(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Ridge regression on coordinates and cosines of random projections at several scales."""
    standard, d = _standard(p, q), p.shape[1]
    count = min(_FEATURES, (len(p) + len(q)) // 2 // _POINTS_PER_FEATURE + 1)
    frequencies = np.concatenate(
        [generator.standard_normal((d, count)) / (s * np.sqrt(d)) for s in _SCALES], axis=1
    )
    phases = generator.uniform(0, 2 * np.pi, frequencies.shape[1])

    def features(x: Array) -> Array:
        z = standard(x)
        return np.concatenate([np.ones((len(z), 1)), z, np.cos(z @ frequencies + phases)], axis=1)

    return _ridges(p, q, features)


def products(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Ridge regression on coordinates and on the products of any two of them."""
    del generator
    standard, (i, j) = _standard(p, q), np.triu_indices(p.shape[1])

    def features(x: Array) -> Array:
        z = np.clip(standard(x), -_REACH, _REACH)
        return np.concatenate([np.ones((len(z), 1)), z, z[:, i] * z[:, j] / np.sqrt(2)], axis=1)

    return _ridges(p, q, features)


def norms(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Ridge regression on the norms of a point: differences that all coordinates share."""
    del generator
    standard = _standard(p, q)

    def sizes(x: Array) -> Array:
        z = standard(x)
        a = np.abs(z)
        two = np.square(z)
        four = np.sqrt(np.square(two).mean(axis=1))
        return np.stack([two.mean(axis=1), a.mean(axis=1), four, z.mean(axis=1), a.max(axis=1)], 1)

    scaled = _standard(sizes(p), sizes(q))

    def features(x: Array) -> Array:
        return np.concatenate([np.ones((len(x), 1)), scaled(sizes(x))], axis=1)

    return _ridges(p, q, features)


def gaussian(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Likelihood ratios of fitted normal laws: with variances, and with covariances."""
    del generator
    standard, d = _standard(p, q), p.shape[1]
    both = [_variances(standard(x)) for x in (p, q)]
    most = min(_MOST_COORDINATES, min(len(p), len(q)) // _POINTS_PER_COORDINATE)
    pairs = [both] if not 1 < d <= most else [both, [_covariances(standard(x)) for x in (p, q)]]

    def ratio(pair: list[Scorer]) -> Scorer:
        return lambda x: pair[0](standard(x)) - pair[1](standard(x))

    return [ratio(pair) for pair in pairs]


def repeats(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Whether a point was met before: laws with atoms, such as models that copy their data."""
    del generator
    seen_p, seen_q = np.unique(_keys(p)), np.unique(_keys(q))
    if len(seen_p) == len(p) and len(seen_q) == len(q) and not np.isin(seen_p, seen_q).any():
        # Nothing has come twice so far; it will hardly do so later.
        return []
    return [
        lambda x: np.isin(_keys(x), seen_p).astype(float),
        lambda x: -np.isin(_keys(x), seen_q).astype(float),
    ]


def neighbours(p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
    """Logarithms of the ratio of distances to a near point of either sample."""
    del generator
    standard, most = _standard(p, q), int(_REFERENCES / np.sqrt(p.shape[1]))
    trees = [cKDTree(standard(x[:most])) for x in (p, q)]
    least = min(len(p), len(q), most)

    def ratio(k: int) -> Scorer:
        def score(x: Array) -> Array:
            near = [np.asarray(tree.query(standard(x), k=[k])[0])[:, 0] for tree in trees]
            return np.asarray(np.log(near[1] + _SMALLEST) - np.log(near[0] + _SMALLEST))

        return score

    return [ratio(k) for k in sorted({max(1, int(least**power / 2)) for power in _POWERS})]


def _standard(p: Array, q: Array) -> Scorer:
    """Centres and scales of the coordinates of both samples together."""
    both = np.concatenate([p, q])
    centre, spread = np.median(both, axis=0), both.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda x: (x - centre) / spread


def _ridges(p: Array, q: Array, features: Scorer) -> list[Scorer]:
    """Regressions of the difference of the laws at several strengths of the ridge."""
    x = np.concatenate([features(p), features(q)])
    y = np.concatenate([np.full(len(p), 1 / len(p)), np.full(len(q), -1 / len(q))])
    fitted = _ridge_regression(x, y)

    def score(c: Array) -> Scorer:
        return lambda x: features(x) @ c

    return [score(fitted(ridge)) for ridge in _RIDGES]


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


def _variances(z: Float[Array, "size d"]) -> Scorer:
    centre, variance = z.mean(axis=0), z.var(axis=0) + _LEAST_VARIANCE
    constant = np.log(variance).sum()
    return lambda x: -0.5 * ((np.square(x - centre) / variance).sum(axis=1) + constant)


def _covariances(z: Float[Array, "size d"]) -> Scorer:
    centre = z.mean(axis=0)
    root = np.linalg.cholesky(np.cov(z.T) + _LEAST_VARIANCE * np.eye(z.shape[1]))
    inverse, constant = np.linalg.inv(root), 2 * np.log(np.diag(root)).sum()
    return lambda x: -0.5 * (np.square((x - centre) @ inverse.T).sum(axis=1) + constant)


def _keys(x: Float[Array, "size d"]) -> Array:
    """Rows as comparable bytes; minus zero is zero."""
    rows = np.ascontiguousarray(x + 0.0)
    return rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
