"""A set in which one law has more mass than another, found from samples of both.

Classifiers for the dimension at hand, or the user's own, are fitted on a part of the points; the
rest chooses among them, and the threshold. Only power depends on how good they are: any set of
points whatever gives a valid lower limit on TV, as long as it was chosen without the points that
are counted in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from empirics.data.arrays import real_numbers
from empirics.distances import scorers
from empirics.distances.scorers import Fit, Scorer
from empirics.errors import InputError, of_density
from empirics.protocols import check_pointwise

__all__ = ["Judge", "SeparatingSet", "separating_set"]

Array = np.ndarray
_MOST = 20_000
"""Points of each sample that classifiers learn from, and of a block that they sort."""
_FITTED = 0.7
"""Share of them that is fitted; the rest chooses the classifier and its threshold."""
_MOST_PRODUCTS = 40
"""Coordinates up to which all products of two are features."""
_MOST_NEAR = 20
"""Coordinates up to which near points tell more than noise."""
_SHARES = np.linspace(0.005, 0.995, 199)
_OWN = "the given classifier"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A way to tell two samples apart, in place of those chosen by dimension.

    Args:
        embedding: a map of points to rows of numbers, as a function or as an object with
            ``transform``; fixed in advance, never fitted to the points that are tested. TV does not
            grow under any map, so a lower limit after it is one before it.
        classifier: a function that scores points, or an estimator with ``fit(x, y)`` and
            ``decision_function`` or ``predict_proba``, fitted on a part of the points that is not
            tested (``y`` is 1 for real points, 0 for others).

    Raises:
        InputError: neither a function nor such an object.
    """

    embedding: Any = None
    classifier: Any = None

    def __post_init__(self) -> None:
        _check("embedding", self.embedding, "transform")
        _check("classifier", self.classifier, "fit")

    def embedded(self, name: str, points: Array) -> Float[Array, "size features"]:
        """The points, or what the embedding makes of them.

        Raises:
            InputError: it makes no row of finite numbers for each point.
        """
        if self.embedding is None:
            return points
        embed = getattr(self.embedding, "transform", self.embedding)
        rows = real_numbers(name, embed(points))
        if rows.ndim < 1 or len(rows) != len(points) or not np.isfinite(rows).all():
            raise InputError(
                f"embedding: gives an array of shape {rows.shape} for {len(points)} points; must be"
                " a row of finite numbers for each"
            )
        check_pointwise(name, lambda x: real_numbers(name, embed(x)), points, rows)
        return rows.reshape(len(points), -1)

    def fits(self, dimension: int) -> Mapping[str, Fit]:
        """The classifiers that are tried in so many dimensions, by name."""
        if self.classifier is not None:
            return {_OWN: self._own}
        found = {"Gaussian likelihood ratio": scorers.gaussian, "cosines": scorers.cosines}
        if dimension <= _MOST_PRODUCTS:
            found["products"] = scorers.products
        else:
            found["norms"] = scorers.norms
        if dimension <= _MOST_NEAR:
            found["neighbours"] = scorers.neighbours
        return {**found, "repeated points": scorers.repeats}

    def _own(self, p: Array, q: Array, generator: np.random.Generator) -> list[Scorer]:
        del generator
        if not hasattr(self.classifier, "fit"):
            return both_ways(self.classifier)
        fitted = deepcopy(self.classifier)
        fitted.fit(np.concatenate([p, q]), np.repeat([1, 0], [len(p), len(q)]))
        if hasattr(fitted, "decision_function"):
            return both_ways(fitted.decision_function)
        return both_ways(lambda x: fitted.predict_proba(x)[:, 1])


def _check(name: str, given: Any, method: str) -> None:
    if given is not None and not (callable(given) or hasattr(given, method)):
        raise InputError(f"{name} = {given!r}: must be a function, or an object with {method}")


def both_ways(score: Callable[[Array], Any], name: str = "classifier") -> list[Scorer]:
    """A score and its negative, as numbers, one for each point."""

    def numbers(x: Array) -> Array:
        found = np.nan_to_num(real_numbers(name, score(x)))
        if found.size != len(x):
            raise InputError(
                f"{name}: gives an array of shape {found.shape} for {len(x)} points; must be one"
                " number each"
            )
        return found.reshape(len(x))

    def checked(x: Array) -> Array:
        found = numbers(x)
        check_pointwise(name, numbers, x, found)
        return found

    return [checked, lambda x: -checked(x)]


@dataclass(frozen=True)
class SeparatingSet:
    """A set of points, as the score above a threshold, and the name of what found it."""

    score: Scorer = field(repr=False)
    threshold: float
    name: str

    def __call__(self, points: Float[Array, "size d"]) -> Bool[Array, "size"]:
        """The points that are inside, one block at a time."""
        blocks = (points[i : i + _MOST] for i in range(0, len(points), _MOST))
        return np.concatenate([self.score(block) > self.threshold for block in blocks])


def separating_set(
    p: Float[Array, "np d"],
    q: Float[Array, "nq d"],
    generator: np.random.Generator,
    judge: Judge | None = None,
    known: Mapping[str, Callable[[Array], Any]] | None = None,
) -> SeparatingSet:
    """A set in which ``p`` has more mass than ``q``.

    Args:
        judge: classifiers of the user's own.
        known: log densities, tried as they are.
    """
    parts = [_cut(sample[:_MOST]) for sample in (p, q)]
    (p_fit, p_held), (q_fit, q_held) = parts
    best = SeparatingSet(lambda x: np.zeros(len(x)), 0.0, "no set"), -1.0
    fits = (judge or Judge()).fits(p.shape[1])
    given = {name: _fixed(score, name) for name, score in (known or {}).items()}
    for name, fit in {**given, **fits}.items():
        for score in fit(p_fit, q_fit, generator):
            gain, threshold = _threshold(score(p_held), score(q_held))
            if gain > best[1]:
                best = SeparatingSet(score, threshold, name), gain
    return best[0]


def _fixed(score: Callable[[Array], Any], name: str) -> Fit:
    return lambda p, q, generator: [of_density(name)(one) for one in both_ways(score, name)]


def _cut(sample: Array) -> tuple[Array, Array]:
    at = int(_FITTED * len(sample))
    return sample[:at], sample[at:]


def _threshold(p: Float[Array, "np"], q: Float[Array, "nq"]) -> tuple[float, float]:
    """The threshold above which ``p`` exceeds ``q`` most, and by how much."""
    ends = np.unique(np.quantile(np.concatenate([p, q]), _SHARES))
    candidates = np.concatenate([ends[:1], (ends[1:] + ends[:-1]) / 2])
    above_p, above_q = (
        1 - np.searchsorted(np.sort(x), candidates, side="right") / len(x) for x in (p, q)
    )
    best = int(np.argmax(above_p - above_q))
    return float((above_p - above_q)[best]), float(candidates[best])
