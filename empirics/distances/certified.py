r"""A confidence interval for TV from samples: certified from below, from above only where honest.

.. math:: \mathrm{TV}(p, q) = \sup_A \bigl(p(A) - q(A)\bigr),

so every set gives a lower limit. The set is chosen on one half of each sample and its two masses
are estimated on the other, exactly. No sample of any size gives an upper limit without knowledge
of the laws (two laws can differ on a set that no point has met): there is one only for known
densities and for finite alphabets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import betaincinv

from bounds.html import html_table
from bounds.values import percent
from empirics.data.arrays import points_of
from empirics.distances.agreement import doubt
from empirics.distances.betting import betting_greater
from empirics.distances.classifier import Judge, separating_set
from empirics.distances.monte_carlo import compared
from empirics.errors import InputError, integer, number, one_of
from empirics.parameters import MOST_LETTERS

__all__ = [
    "METHODS",
    "TVInterval",
    "certified_limits",
    "deviation",
    "letters_set",
    "plug_in",
    "tv_interval",
]

Array = np.ndarray
METHODS = ("binomial", "betting")
"""Limits on the mass of a set: from below in one sample, from above in the other."""
_NO_UPPER = "no honest upper limit: it needs known densities or a finite alphabet"
_UNEQUAL = 2
"""Ratio of the sizes of two samples from which on pairs would waste too many points."""
_BISECTIONS = 40
_MOST_DRAWS = 10**8
_SAMPLES = ("real", "synthetic")


@dataclass(frozen=True)
class TVInterval:
    """Limits that hold together at the confidence level; ``high`` is ``None`` if there is none.

    ``method`` names the test that was chosen; ``note`` says how points were flattened, if they
    were.
    """

    low: float
    high: float | None
    confidence_level: float
    method: str
    note: str = ""

    def __repr__(self) -> str:
        high = _NO_UPPER if self.high is None else f"TV <= {self.high:.4f}"
        note = f"; {self.note}" if self.note else ""
        held = percent(self.confidence_level)
        return f"TV >= {self.low:.4f}; {high} ({held}, {self.method}){note}"

    def _repr_html_(self) -> str:
        high = "none known" if self.high is None else f"{self.high:.4f}"
        row = (f"{self.low:.4f}", high, percent(self.confidence_level), self.method)
        notes = [self.note] if self.note else []
        return html_table(("TV at least", "TV at most", "confidence", "method"), [row], notes=notes)


def tv_interval(
    real: Any,
    synthetic: Any,
    confidence_level: float = 0.95,
    *,
    method: str | None = None,
    classifier: Any = None,
    embedding: Any = None,
    letters: int | None = None,
    draws: int = 20_000,
    seed: int = 0,
    names: tuple[str, str] = _SAMPLES,
) -> TVInterval:
    """Limits on the TV between the laws of two samples, or of two known laws.

    Classifiers are chosen by dimension, the best of them on points held out for that: likelihood
    ratios of normal laws, ridge regression on cosines, on products of coordinates (on norms beyond
    40 of them) and on distances to neighbours (up to 20), and points that repeat.

    Args:
        real: a row per point, an array of any shape, or a data frame; or a law with ``sample`` and
            ``density``.
        synthetic: likewise.
        confidence_level: with which the limits hold.
        method: of the lower limit: ``"binomial"``, two exact limits, or ``"betting"`` on pairs,
            sharper where the samples are about equally large; chosen by their sizes if ``None``.
        classifier: your own instead of those, see :class:`empirics.distances.Judge`.
        embedding: your own map of points to features, fixed in advance, see there.
        letters: size of the alphabet if the samples are letters ``0 .. letters - 1``.
        draws: points of each kind where a law is known.
        seed: of the split and of all draws.
        names: what the samples are called in messages.

    Raises:
        InputError: samples of different dimensions, not finite, or too few.
    """
    confidence_level = number("confidence_level", confidence_level, above=0, below=1)
    integer("draws", draws, at_least=4, at_most=_MOST_DRAWS)
    judge = Judge(classifier=classifier, embedding=embedding)
    generator = np.random.default_rng(integer("seed", seed, at_least=0))
    if _is_law(real) and _is_law(synthetic):
        known = compared(real, synthetic, draws, generator, confidence_level)
        mass = known.shares.factor()
        said = doubt(mass, known.shares.moved(mass))
        return TVInterval(
            *(known.tv.low, known.tv.high, confidence_level, "betting on known densities"),
            said and f"density of {names[0]} over that of {names[1]}: {said}",
        )
    drawn = [x.sample(draws, generator) if _is_law(x) else x for x in (real, synthetic)]
    read = [points_of(name, x) for name, x in zip(names, drawn, strict=True)]
    p, q = (generator.permutation(points.values).astype(float) for points in read)
    found = certified_limits(
        p, q, confidence_level, generator, method=method, letters=letters, judge=judge, names=names
    )
    note = "; ".join(points.note for points in read if points.note)
    return TVInterval(found.low, found.high, confidence_level, found.method, note)


def certified_limits(
    p: Float[Array, "np d"],
    q: Float[Array, "nq d"],
    confidence_level: float,
    generator: np.random.Generator,
    *,
    method: str | None = None,
    letters: int | None = None,
    judge: Judge | None = None,
    known: Mapping[str, Callable[[Array], Any]] | None = None,
    names: tuple[str, str] = _SAMPLES,
) -> TVInterval:
    """Limits on the TV between the laws of independent points in random order.

    Args:
        p: points of one law.
        q: points of the other.
        confidence_level: with which the limits hold.
        generator: of random features.
        method: see :func:`tv_interval`.
        letters: likewise.
        judge: the user's own classifier or embedding.
        known: log densities, functions of a point that may tell the laws apart.
        names: what the samples are called in messages.

    Raises:
        InputError: samples of different dimensions, or too few.
    """
    if method is not None:
        one_of("method", method, METHODS)
    alpha = 1 - confidence_level
    if letters is not None:
        return _of_letters(p, q, letters, alpha, method, names)
    _check_pair(p, q, alpha, names)
    halves = [np.array_split(x, 2) for x in (p, q)]
    (p_train, p_test), (q_train, q_test) = halves
    judge = judge or Judge()
    if judge.embedding is not None:
        parts = (p_train, q_train, p_test, q_test)
        p_train, q_train, p_test, q_test = (judge.embedded("embedding", x) for x in parts)
        known = None
    inside = separating_set(p_train, q_train, generator, judge, known)
    low, how = _limit(inside(p_test), inside(q_test), alpha, method)
    return TVInterval(low, None, confidence_level, f"held-out classifier ({inside.name}), {how}")


def _of_letters(
    p: Array, q: Array, letters: int, alpha: float, method: str | None, names: tuple[str, str]
) -> TVInterval:
    """Half of the error rate for each limit."""
    _check_pair(p, q, alpha / 2, names)
    letters = integer("letters", letters, at_least=1, at_most=MOST_LETTERS)
    for name, x in zip(names, (p, q), strict=True):
        if x.shape[1] != 1 or not _are_letters(x, letters):
            raise InputError(
                f"{name}: letters = {letters}: samples must be integers from 0 to {letters - 1}"
            )
    (p_train, p_test), (q_train, q_test) = (np.array_split(x, 2) for x in (p, q))
    inside = letters_set(p_train, q_train, letters)
    low, how = _limit(inside(p_test), inside(q_test), alpha / 2, method)
    reach = sum(deviation(len(x), letters, alpha / 4) for x in (p, q))
    high = min(plug_in(p, q, letters) + reach, 1.0)
    return TVInterval(low, high, 1 - alpha, f"held-out set, {how}; multinomial concentration")


def _are_letters(x: Array, letters: int) -> bool:
    return bool(np.all((x >= 0) & (x < letters) & (x == np.floor(x))))


def _is_law(x: Any) -> bool:
    return hasattr(x, "sample") and hasattr(x, "density")


def _check_pair(p: Array, q: Array, alpha: float, names: tuple[str, str]) -> None:
    if p.shape[1] != q.shape[1]:
        raise InputError(
            f"{names[1]}: has {q.shape[1]} coordinates, {names[0]} has {p.shape[1]}; must be the"
            " same"
        )
    least = 2 * (int(np.log2(2 / alpha)) + 1)
    if min(len(p), len(q)) < least:
        raise InputError(
            f"{names[0]} and {names[1]}: samples of {len(p)} and {len(q)}: at least {least} each"
            f" are required for confidence {1 - alpha:.4g}"
        )


def _limit(p: Array, q: Array, alpha: float, method: str | None) -> tuple[float, str]:
    """Lower limit of ``p(A) - q(A)`` from who is inside, not below zero, and its name."""
    sizes = sorted((len(p), len(q)))
    chosen = method or ("betting" if sizes[1] <= _UNEQUAL * sizes[0] else "binomial")
    return max((_binomial if chosen == "binomial" else _betting)(p, q, alpha), 0.0), chosen


def _binomial(p: Array, q: Array, alpha: float) -> float:
    """Exact (Clopper-Pearson) limits of both masses; the smaller sample errs more often."""
    k, m, c, n = int(p.sum()), len(p), int(q.sum()), len(q)
    alpha_p, alpha_q = alpha * n / (m + n), alpha * m / (m + n)
    low = betaincinv(k, m - k + 1, alpha_p) if k else 0.0
    high = betaincinv(c + 1, n - c, 1 - alpha_q) if c < n else 1.0
    return float(low - high)


def _betting(p: Array, q: Array, alpha: float) -> float:
    """Pairs of points: the mean of ``(1_A(x) - 1_A(y) + 1) / 2`` is ``(1 + p(A) - q(A)) / 2``."""
    pairs = min(len(p), len(q))
    values = (p[:pairs].astype(float) - q[:pairs] + 1) / 2
    low, high = 0.0, float(values.mean())
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        refuted = betting_greater(values, middle, alpha) <= alpha
        low, high = (middle, high) if refuted else (low, middle)
    return 2 * low - 1


def deviation(size: int, letters: int, alpha: float) -> float:
    r"""TV deviation of an empirical law of letters from its own law: the smaller of two limits.

    .. math:: P\bigl(\mathrm{TV}(\hat p, p) \ge t\bigr) \le (2^A - 2) e^{-2 n t^2}, \qquad
              \mathrm{TV}(\hat p, p) \le \tfrac12 \sqrt{\tfrac{A-1}{n}}
              + \sqrt{\tfrac{\log(1/\alpha)}{2n}} \ \text{with probability } 1 - \alpha .

    Source: Weissman, Ordentlich, Seroussi, Verdu and Weinberger, "Inequalities for the L1 deviation
    of the empirical distribution", HP Labs 2003 (first, in TV). Derived: Jensen and Cauchy-Schwarz
    for the mean, McDiarmid for the deviation (second). One letter has one law.
    """
    if letters == 1:
        return 0.0
    sets = letters * np.log(2) + np.log1p(-(2.0 ** (1 - min(letters, 1000))))
    union = np.sqrt((sets + np.log(1 / alpha)) / (2 * size))
    mean = 0.5 * np.sqrt((letters - 1) / size) + np.sqrt(np.log(1 / alpha) / (2 * size))
    return float(min(union, mean))


def plug_in(p: Array, q: Array, letters: int) -> float:
    """TV between two empirical laws."""
    return float(0.5 * np.abs(_frequencies(p, letters) - _frequencies(q, letters)).sum())


def letters_set(p: Array, q: Array, letters: int) -> Callable[[Array], Bool[Array, "n"]]:
    """Letters that ``p`` has more often than ``q``."""
    more = _frequencies(p, letters) > _frequencies(q, letters)
    return lambda points: np.asarray(more[points[:, 0].astype(int)])


def _frequencies(x: Array, letters: int) -> Float[Array, "letters"]:
    return np.bincount(x[:, 0].astype(int), minlength=letters) / len(x)
