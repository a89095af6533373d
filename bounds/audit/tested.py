"""Properties that no rule proves, put to many random parameters at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bounds.accuracy import evaluate, evaluate_where_defined
from bounds.audit.sampling import at, sample
from bounds.errors import UserError
from bounds.notation import Notation
from bounds.statement import Statement
from bounds.values import FloatArray

__all__ = ["CASES", "Change", "Steps", "negative_case", "steps", "undefined_case"]

CASES = 2000
_SEED = 20240219
_RELATIVE = 1e-9


@dataclass(frozen=True)
class Change:
    """Parameters of a bound before and after one of them grew."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Steps:
    """Changes of a bound as one parameter grew: the largest rise, the largest fall, their number.

    Args:
        rise, fall: where it rose and fell most, relative to its size; ``None``: it never did.
        count: how many pairs were compared.
    """

    rise: Change | None
    fall: Change | None
    count: int


_MOST_ENCLOSED = 20


def undefined_case(bound: Statement) -> dict[str, Any] | None:
    """Return parameters at which ``bound`` has no value, or ``None`` if none was found.

    Where only the digits of floats ran out, an enclosure or :meth:`Bound.evaluate` has the value.
    """
    params, _ = _drawn(bound)
    for index in np.flatnonzero(np.isnan(_values(bound)))[:_MOST_ENCLOSED]:
        case = at(params, int(index), bound)
        try:
            evaluate(bound, case)
        except UserError:
            return case
    return None


def negative_case(bound: Statement) -> dict[str, Any] | None:
    """Return parameters at which ``bound`` is below zero, or ``None`` if none was found."""
    params, _ = _drawn(bound)
    below = np.flatnonzero(_values(bound) < 0)
    return at(params, int(below[0]), bound) if len(below) else None


def steps(bound: Statement, entry: Notation) -> Steps:
    """Return how the bound changes as one word grows, from random parameters."""
    params, others = _drawn(bound)
    word = entry.word
    low = {**params, word: np.minimum(params[word], others[word])}
    high = {**params, word: np.maximum(params[word], others[word])}
    before, after = _evaluated(bound, low), _evaluated(bound, high)
    usable = np.isfinite(before) & np.isfinite(after) & (low[word] < high[word])
    scale = np.maximum(np.abs(before), np.abs(after))
    with np.errstate(all="ignore"):
        change = np.where(usable & (scale > 0), (after - before) / scale, 0.0)

    def extreme(index: int, size: float) -> Change | None:
        found = size > _RELATIVE
        return Change(at(low, index, bound), at(high, index, bound)) if found else None

    top, bottom = int(np.argmax(change)), int(np.argmin(change))
    return Steps(extreme(top, change[top]), extreme(bottom, -change[bottom]), int(usable.sum()))


@lru_cache(maxsize=8)
def _values(bound: Statement) -> FloatArray:
    return _evaluated(bound, _drawn(bound)[0])


def _evaluated(bound: Statement, params: dict[str, FloatArray]) -> FloatArray:
    with np.errstate(all="ignore"):
        value = evaluate_where_defined(bound, params)
    return np.broadcast_to(value, (CASES,))


@lru_cache(maxsize=8)
def _drawn(bound: Statement) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    generator = np.random.default_rng(_SEED)
    return sample(bound, CASES, generator), sample(bound, CASES, generator)
