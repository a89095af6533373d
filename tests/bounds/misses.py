"""Count enclosures that miss the 50-digit value, and floats that stray, over random parameters."""

import mpmath
import numpy as np

from bounds.audit.sampling import at, sample
from bounds.errors import ParameterError
from tests.bounds.reference import DIGITS, value

PRECISIONS = (53, 64, 128)


def certifiable(bound):
    """Whether the bound has no integral over a grid."""
    return "cell" not in bound.parameters


def points(bound, count, seed):
    """Random parameters, as plain numbers (floats taken as the binary fractions they are)."""
    drawn = sample(bound, count, np.random.default_rng(seed))
    return (at(drawn, i, bound) for i in range(count))


def misses(bound, count, seed):
    """Return (number of misses at each precision, largest relative error of a float, points)."""
    missed, worst, seen = dict.fromkeys(PRECISIONS, 0), 0.0, 0
    for params in points(bound, count, seed):
        try:
            enclosures = [bound.enclose(precision=p, **params) for p in PRECISIONS]
        except ParameterError:
            continue
        exact = value(bound, params)
        seen += 1
        for precision, found in zip(PRECISIONS, enclosures, strict=True):
            missed[precision] += not _contains(found, exact)
        worst = max(worst, _relative(bound.evaluate(**params), exact))
    return missed, worst, seen


def _contains(found, exact):
    """Whether the interval meets the reference, which is known to 50 digits."""
    with mpmath.workdps(2 * DIGITS):
        slack = abs(exact) * mpmath.mpf(10) ** -DIGITS
        low, high = (
            mpmath.mpf(end.numerator) / end.denominator for end in (found.lower, found.upper)
        )
        return bool(low - slack <= exact <= high + slack)


def _relative(found, exact):
    if abs(exact) < 1e-290:
        return 0.0 if abs(found) < 1e-280 else float("inf")
    if abs(exact) > 1e300:
        return 0.0
    return float(abs(mpmath.mpf(found) - exact) / abs(exact))
