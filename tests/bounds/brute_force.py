"""Random questions to ``solve``, and its answers against the bound itself along the parameter."""

from fractions import Fraction

import numpy as np

import bounds
from bounds.audit.sampling import at, sample
from bounds.errors import UserError
from bounds.questions.solving import Answer
from bounds.questions.words import scalars
from tests.bounds.misses import certifiable

BOUNDS = [bound for bound in bounds.catalogue().values() if certifiable(bound)]
_TARGETS = ("0", "1/1000", "1/20", "1/10", "1/2", "1", "10")
_NEAR = (Fraction(1, 2), Fraction(1, 10**3), Fraction(1, 10**9), Fraction(1, 10**60))


def questions(count, seed):
    """Yield (bound, word, target, other words): targets are round, or values of the bound."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        bound = BOUNDS[generator.integers(len(BOUNDS))]
        entry = generator.choice(scalars(bound))
        params = at(sample(bound, 1, generator), 0, bound)
        params = {word: _decimal(value) for word, value in params.items()}
        own = params.pop(entry.word)
        target = Fraction(generator.choice(_TARGETS))
        if generator.random() < 0.6:
            try:
                value = Fraction(bound.enclose(**params, **{entry.word: own}).low)
            except (UserError, OverflowError):
                continue
            target = value if generator.random() < 0.5 else value * Fraction(13, 10)
        yield bound, entry, target, params


def _decimal(value):
    """A list or number with few digits, exact."""
    if isinstance(value, list):
        return [_decimal(entry) for entry in value]
    return value if isinstance(value, int) else Fraction(f"{value:.4g}")


def faults(bound, entry, target, params):
    """Return the values at which the answer is wrong; ``None`` where the question is refused."""
    try:
        found = bound.solve(entry.word, at_most=target, **params)
    except UserError:
        return None
    assert found.check()
    wrong = []
    for value in _values(entry, found):
        claimed = _is_allowed(found, value)
        try:
            met = bound.enclose(precision=200, **params, **{entry.word: value}).is_at_most(target)
        except UserError:
            continue
        if met is not None and claimed is not None and claimed != met:
            wrong.append(value)
    return wrong


def _values(entry, found):
    """Values near the ends of the range and of the answer, and in between."""
    low = Fraction(entry.minimum)
    bounded = np.isfinite(entry.maximum)
    high = Fraction(entry.maximum) if bounded else low + 10**9
    ends = [e for end in found.ends for e in (end.meets, end.fails)]
    values = [
        low,
        high,
        *ends,
        *(end + s * d for end in ends for s in (-1, 1) for d in (1, *_NEAR)),
    ]
    values += [low + (high - low) * d for d in _NEAR] + [high - (high - low) * d for d in _NEAR]
    values += [low + Fraction(10) ** p for p in (-3, -1, 0, 1, 2, 3, 5, 12)]
    if bounded:
        values += [low + (high - low) * Fraction(i, 7) for i in range(1, 7)]
    if entry.integer:
        values = [Fraction(round(value)) for value in values]
    return [value for value in dict.fromkeys(values) if _is_inside(entry, value)]


def _is_inside(entry, value):
    above = value > entry.minimum if entry.open_minimum else value >= entry.minimum
    below = value < entry.maximum if entry.open_maximum else value <= entry.maximum
    return above and below


def _is_allowed(found, value):
    """Whether the answer allows ``value``; ``None`` between the two sides of an end."""
    if any(min(e.meets, e.fails) < value < max(e.meets, e.fails) for e in found.ends):
        return None
    first = found.ends[0].meets if found.ends else None
    return {
        Answer.ALWAYS: lambda: True,
        Answer.NEVER: lambda: False,
        Answer.SMALLEST: lambda: value >= first,
        Answer.LARGEST: lambda: value <= first,
        Answer.OUTSIDE: lambda: value <= first or value >= found.ends[1].meets,
    }[found.answer]()
