"""Functions of floats whose textbook form loses digits, and numbers of two floats."""

from __future__ import annotations

import numpy as np

from bounds.values import FloatArray

__all__ = [
    "Twofold",
    "exactly",
    "gamma_quotient",
    "geometric_sum",
    "twofold_inverse",
    "twofold_plus",
    "twofold_power",
    "twofold_times",
]

Twofold = tuple[FloatArray, FloatArray]
"""A float, and what of the exact value rounding to it has left over."""

_SPLIT = 2.0**27 + 1.0
_SERIES_FROM = 16.0
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""B_2i / (2i (2i - 1))"""
_LOGARITHM_TERMS = 16
_NEAR_ONE = 0.5


def exactly(value: FloatArray | float, rest: float = 0.0) -> Twofold:
    """Return a float as it is, with a known rest."""
    return np.asarray(value, dtype=np.float64), np.asarray(rest)


def twofold_plus(p: Twofold, q: Twofold) -> Twofold:
    """Return a sum with its rounding error (Knuth, TAOCP 2, 4.2.2)."""
    total = p[0] + q[0]
    part = total - p[0]
    lost = (p[0] - (total - part)) + (q[0] - part)
    return total, np.asarray(lost + (p[1] + q[1]))


def twofold_times(p: Twofold, q: Twofold) -> Twofold:
    """Return a product with its rounding error (Dekker 1971; none where it overflows)."""
    product = p[0] * q[0]
    (p_high, p_low), (q_high, q_low) = _halves(p[0]), _halves(q[0])
    lost = ((p_high * q_high - product) + p_high * q_low + p_low * q_high) + p_low * q_low
    rest = lost + (p[0] * q[1] + p[1] * q[0])
    return product, np.where(np.isfinite(rest), rest, 0.0)


def twofold_inverse(p: Twofold) -> Twofold:
    """Return ``1/p`` with its rounding error."""
    value = 1.0 / p[0]
    product, lost = twofold_times(exactly(value), p)
    return value, np.where(np.isfinite(value), ((1.0 - product) - lost) * value, 0.0)


def twofold_power(base: FloatArray, rest: FloatArray, count: FloatArray) -> FloatArray:
    """Return ``(base + rest) ** count`` for ``base >= 0``."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return np.asarray(base**count * np.exp(count * _share(base, rest)))


def _share(base: FloatArray, rest: FloatArray) -> FloatArray:
    """The logarithm of ``(base + rest) / base``, but for second order."""
    return np.where(base > 0, rest / np.where(base > 0, base, 1.0), 0.0)


def _halves(value: FloatArray) -> Twofold:
    large = _SPLIT * value
    high = large - (large - value)
    return high, value - high


def geometric_sum(
    base: FloatArray, rest: FloatArray, step: FloatArray, count: FloatArray
) -> FloatArray:
    r"""Return :math:`\sum_{i < m} q^{i s}` of ``q = base + rest >= 0``.

    By :math:`(q^{s m} - 1)/(q^s - 1)`, with the logarithm of ``q`` from :math:`1 - q` where that
    is small.
    """
    gap = (1.0 - base) - rest
    near = np.log1p(-np.where(gap < _NEAR_ONE, np.maximum(gap, -1.0), 0.0))
    share = _share(base, rest)
    log = step * np.where(np.abs(gap) < _NEAR_ONE, near, np.log(base) + share)
    exponent = log * count
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        grown = twofold_power(base, rest, step * count) - 1.0
        power = np.where(exponent > 1.0, grown, np.expm1(exponent))
        total = np.where(log == 0, count, power / np.expm1(np.where(log == 0, 1.0, log)))
    return np.where(count > 0, total, 0.0)


def gamma_quotient(x: FloatArray, d: FloatArray) -> FloatArray:
    r"""Return :math:`\Gamma(x - d) / \Gamma(x)` for ``0 <= d <= 1`` and ``x >= 2``.

    With ``y = d/x`` and Stirling's remainder ``S`` (DLMF 5.11.1) it is, from 16 on,

    .. math:: x^{-d} \exp\bigl[(d + \tfrac12) y + (x - d - \tfrac12)(\log(1 - y) + y)
              + S(x - d) - S(x)\bigr],

    whose exponent is small; below, 16 is reached by ``Gamma(x + 1) = x Gamma(x)``.
    """
    x, d = np.broadcast_arrays(np.asarray(x, dtype=np.float64), d)
    small = x < _SERIES_FROM
    large, lifted = x, np.ones(())
    if small.any():
        large, lifted = x.copy(), np.ones(x.shape)
        large[small], lifted[small] = _lifted(x[small], d[small])
    y = d / large
    exponent = (d + 0.5) * y + (large - d - 0.5) * _log1p_rest(y) + _stirling_change(large, d)
    return np.asarray(large**-d * np.exp(exponent) * lifted)


def _lifted(x: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The first ``x + m >= 16``, and the product of ``(x + i) / (x + i - d)`` over ``i < m``."""
    count = np.ceil(_SERIES_FROM - x)
    above = below = exactly(1.0)
    for i in range(int(count.max())):
        place = twofold_plus(exactly(x), exactly(float(i)))
        above = twofold_times(above, _where(i < count, place))
        below = twofold_times(below, _where(i < count, twofold_plus(place, exactly(-d))))
    return x + count, above[0] / below[0] * (1.0 + (above[1] / above[0] - below[1] / below[0]))


def _where(chosen: np.ndarray, factor: Twofold) -> Twofold:
    return np.where(chosen, factor[0], 1.0), np.where(chosen, factor[1], 0.0)


def _log1p_rest(y: FloatArray) -> FloatArray:
    """``log(1 - y) + y`` for ``0 <= y <= 1/16``."""
    total = np.zeros(np.shape(y))
    for power in range(_LOGARITHM_TERMS, 1, -1):
        total = total * y + 1.0 / power
    return -total * y * y


def _stirling_change(x: FloatArray, d: FloatArray) -> FloatArray:
    return _stirling(x - d) - _stirling(x)


def _stirling(x: FloatArray) -> FloatArray:
    total = np.zeros(np.shape(x))
    for factor in reversed(_STIRLING):
        total = total / (x * x) + factor
    return total / x
