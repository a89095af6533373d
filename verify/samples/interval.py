r"""A confidence interval for TV from samples: certified from below, from above only where honest.

.. math:: \mathrm{TV}(p, q) = \sup_A \bigl(p(A) - q(A)\bigr),

so every set gives a lower limit. The set is chosen on one half of each sample and its two masses
are estimated on the other, exactly. No sample of any size gives an upper limit without knowledge
of the laws (two laws can differ on a set that no point has met): there is one only for known
densities and for finite alphabets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv

from bounds.html import html_table
from empirics.distances import monte_carlo_total_variation
from empirics.errors import InputError
from empirics.runs import real_numbers
from verify.betting import betting_greater
from verify.samples.alphabet import deviation, letters_set, plug_in
from verify.samples.classifier import separating_set

__all__ = ["TVInterval", "tv_interval"]

Array = np.ndarray
_NO_UPPER = "no honest upper limit: it needs known densities or a finite alphabet"
_METHODS = ("binomial", "betting")
_BISECTIONS = 40
_MOST_LETTERS = 10_000_000


@dataclass(frozen=True)
class TVInterval:
    """Limits that hold together at the confidence level; ``high`` is ``None`` if there is none."""

    low: float
    high: float | None
    confidence_level: float
    method: str

    def __repr__(self) -> str:
        high = _NO_UPPER if self.high is None else f"TV <= {self.high:.4f}"
        return f"TV >= {self.low:.4f}; {high} ({self.confidence_level:.0%}, {self.method})"

    def _repr_html_(self) -> str:
        high = "none known" if self.high is None else f"{self.high:.4f}"
        row = (f"{self.low:.4f}", high, f"{self.confidence_level:.0%}", self.method)
        return html_table(("TV at least", "TV at most", "confidence", "method"), [row])


def tv_interval(
    real: Any,
    synthetic: Any,
    confidence_level: float = 0.95,
    *,
    method: str = "binomial",
    letters: int | None = None,
    draws: int = 20_000,
    seed: int = 0,
) -> TVInterval:
    """Limits on the TV between the laws of two samples, or of two known laws.

    Args:
        real: ``(size,)`` or ``(size, d)``; or a law with ``sample`` and ``density``.
        synthetic: likewise.
        confidence_level: with which the limits hold.
        method: of the lower limit: ``"binomial"``, two exact limits, or ``"betting"`` on pairs,
            sharper where the samples are equally large.
        letters: size of the alphabet if the samples are letters ``0 .. letters - 1``.
        draws: points of each kind where a law is known.
        seed: of the split and of all draws.

    Raises:
        InputError: samples of different dimensions, not finite, or too few.
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level = {confidence_level}: must be in (0, 1)")
    if method not in _METHODS:
        raise InputError(f"method = {method!r}: must be one of {', '.join(map(repr, _METHODS))}")
    generator = np.random.default_rng(seed)
    if _is_law(real) and _is_law(synthetic):
        found = monte_carlo_total_variation(real, synthetic, draws, generator, confidence_level)
        return TVInterval(found.low, found.high, confidence_level, "betting on known densities")
    p, q = (_sample(name, x, draws, generator) for name, x in _named(real, synthetic))
    alpha = 1 - confidence_level
    if letters is not None:
        return _of_letters(p, q, letters, alpha, method, generator)
    _check_pair(p, q, alpha)
    low = _lower(p, q, alpha, method, generator)
    return TVInterval(low, None, confidence_level, f"held-out classifier, {method}")


def _of_letters(
    p: Array, q: Array, letters: int, alpha: float, method: str, generator: np.random.Generator
) -> TVInterval:
    """Half of the error rate for each limit."""
    _check_pair(p, q, alpha / 2)
    if not 1 <= letters <= _MOST_LETTERS:
        raise InputError(f"letters = {letters}: must be an integer in 1..{_MOST_LETTERS}")
    if p.shape[1] != 1 or not all(_are_letters(x, letters) for x in (p, q)):
        raise InputError(f"letters = {letters}: samples must be integers from 0 to {letters - 1}")
    low = _lower(p, q, alpha / 2, method, generator, letters)
    reach = sum(deviation(len(x), letters, alpha / 4) for x in (p, q))
    high = min(plug_in(p, q, letters) + reach, 1.0)
    return TVInterval(low, high, 1 - alpha, f"held-out set, {method}; multinomial concentration")


def _are_letters(x: Array, letters: int) -> bool:
    return bool(np.all((x >= 0) & (x < letters) & (x == np.floor(x))))


def _named(real: Any, synthetic: Any) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return ("real", real), ("synthetic", synthetic)


def _is_law(x: Any) -> bool:
    return hasattr(x, "sample") and hasattr(x, "density")


def _sample(name: str, x: Any, draws: int, generator: np.random.Generator) -> Array:
    """A sample as ``(size, d)``, in random order."""
    points = real_numbers(name, x.sample(draws, generator) if _is_law(x) else x)
    if points.ndim not in (1, 2) or not points.size:
        raise InputError(f"{name}: has shape {points.shape}; must be (size,) or (size, d)")
    if not np.all(np.isfinite(points)):
        bad = int((~np.isfinite(points)).sum())
        raise InputError(f"{name}: {bad} values are not finite numbers")
    return generator.permutation(points.reshape(len(points), -1))


def _check_pair(p: Array, q: Array, alpha: float) -> None:
    if p.shape[1] != q.shape[1]:
        raise InputError(
            f"synthetic: has {q.shape[1]} coordinates, real has {p.shape[1]}; must be the same"
        )
    least = 2 * (int(np.log2(2 / alpha)) + 1)
    if min(len(p), len(q)) < least:
        raise InputError(
            f"samples of {len(p)} and {len(q)}: at least {least} each are required for confidence"
            f" {1 - alpha:.4g}"
        )


def _lower(
    p: Array,
    q: Array,
    alpha: float,
    method: str,
    generator: np.random.Generator,
    letters: int | None = None,
) -> float:
    (p_train, p_test), (q_train, q_test) = (np.array_split(x, 2) for x in (p, q))
    if letters is None:
        inside = separating_set(p_train, q_train, generator)
    else:
        inside = letters_set(p_train, q_train, letters)
    hits = inside(p_test), inside(q_test)
    limit = _binomial if method == "binomial" else _betting
    return max(limit(*hits, alpha), 0.0)


def _binomial(p: Array, q: Array, alpha: float) -> float:
    """Exact (Clopper-Pearson) limits of both masses, half of the error rate each."""
    k, m, c, n = int(p.sum()), len(p), int(q.sum()), len(q)
    low = betaincinv(k, m - k + 1, alpha / 2) if k else 0.0
    high = betaincinv(c + 1, n - c, 1 - alpha / 2) if c < n else 1.0
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
