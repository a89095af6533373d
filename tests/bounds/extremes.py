"""Random parameters over the whole of every range, and how far a float is from the enclosure."""

from fractions import Fraction

import numpy as np

from bounds.accuracy import _adds_terms, most_bits
from bounds.enclosure import enclose
from bounds.errors import UserError

_ENTRIES = 6
_LONGEST_SUM = 10**5
_INTEGER_DECADES = (1, 2, 6, 16, 300)
_DECADES = (1, 3, 8, 17, 300)
_UNIT, _LEAST = Fraction(1, 2**52), Fraction(1, 2**1074)


def extreme_points(bound, count, generator):
    """Yield parameters: magnitudes from the smallest to the largest float, and closed ends."""
    short = any(entry.is_sequence for entry in bound.symbols)
    longest = _ENTRIES if short else _LONGEST_SUM if _adds_terms(bound.expression) else None
    for _ in range(count):
        point = _point(bound, longest, generator)
        while not bound.meets(point).all():
            point = _point(bound, longest, generator)
        yield point


def _point(bound, longest, generator):
    return {entry.word: _value(entry, longest, generator) for entry in bound.symbols}


def _value(entry, longest, generator):
    if entry.is_sequence:
        return [_number(entry, generator) for _ in range(_ENTRIES)]
    if longest and entry.word in ("generation", "horizon", "components"):
        return float(np.floor(longest ** generator.random()))
    return _number(entry, generator)


def _number(entry, generator):
    if entry.integer:
        power = generator.uniform(0, generator.choice(_INTEGER_DECADES))
        return float(max(entry.minimum, np.floor(10.0**power)))
    chance = generator.random()
    if chance < 0.1 and not entry.open_minimum:
        return float(entry.minimum)
    if not np.isfinite(entry.maximum):
        scale = generator.choice(_DECADES)
        return float(entry.minimum + 10.0 ** generator.uniform(-scale, scale))
    return _between(entry, chance, generator)


def _between(entry, chance, generator):
    low, high = entry.minimum, entry.maximum
    if chance > 0.9 and not entry.open_maximum:
        return float(high)
    part = (high - low) * 10.0 ** -generator.uniform(0, generator.choice((1, 3, 17, 320)))
    value = low + part if chance < 0.5 else high - part
    return float(value) if low < value < high else (low + high) / 2


def units_off(bound, params):
    """Distance of ``evaluate`` from the enclosure, in units of 2^-52; ``None`` if it refuses."""
    try:
        known = enclose(bound, params, precision=80, most_bits=most_bits(bound))
        found = bound.evaluate(**params)
    except UserError:
        return None
    if not np.isfinite(found):
        return 0.0 if known.low <= found <= known.high else np.inf
    if not known.is_finite:
        return np.inf
    nearest = min(max(Fraction(found), known.lower), known.upper)
    return float(abs(Fraction(found) - nearest) / max(_UNIT * abs(nearest), _LEAST))
