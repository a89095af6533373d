"""Many parameter sets of a bound at once, in the ranges of the notation."""

import numpy as np

from bounds.notation import NOTATION

_LENGTH = 8
_GRID = 9
_LARGEST = {"generation": 60, "horizon": 60, "dimension": 20, "components": _LENGTH}
_MOST_POINTS = 10**7
_DECADES = (-4.0, 4.0)
_AT_AN_END = 0.1
_INSET = 1e-6


def parameter_sets(bound, count, generator):
    """Arrays of ``count`` values for each word of ``bound``; ends of a range come often."""
    entries = [NOTATION[word] for word in bound.parameters if word in NOTATION]
    has_sequence = any(entry.is_sequence for entry in entries)
    sets = {entry.word: _values(entry, count, generator, has_sequence) for entry in entries}
    if "cell" in bound.parameters:
        sets["cell"] = generator.uniform(1e-3, 1.0, count)
    if {"collision_probability", "support_size"} <= sets.keys():
        least = 1 / sets["support_size"]
        sets["collision_probability"] = np.maximum(sets["collision_probability"], least)
    if {"bias", "variance"} <= sets.keys():  # where both vanish, kde-clt has no value
        sets["variance"] = np.where(sets["bias"] == 0, 0.5, sets["variance"])
    return _met(bound, sets, count)


def _met(bound, sets, count):
    """Draws that a hypothesis between words rules out, replaced by others."""
    met = np.flatnonzero(np.broadcast_to(bound.meets(sets), count))
    if met.size == count:
        return sets
    return {word: values[met[np.arange(count) % met.size]] for word, values in sets.items()}


def _values(entry, count, generator, has_sequence):
    if entry.is_sequence:
        return _numbers(entry, (count, _LENGTH), generator, _MOST_POINTS)
    if entry.is_function:
        values = generator.uniform(max(entry.minimum, -1.0), 1.0, (count, _GRID))
        return np.where(generator.random(values.shape) < _AT_AN_END, 0.0, values)
    top = _LARGEST.get(entry.word, _MOST_POINTS)
    if has_sequence and entry.word == "generation":
        top = _LENGTH
    return _numbers(entry, (count,), generator, top)


def _numbers(entry, shape, generator, top):
    if entry.integer:
        low = entry.minimum
        wide = np.floor(np.exp(generator.uniform(np.log(low), np.log(top + 1), shape)))
        near = generator.integers(int(low), int(min(top, low + 20)) + 1, shape)
        return np.clip(np.where(generator.random(shape) < 0.5, wide, near), low, top)
    low, high = entry.minimum, entry.maximum
    if np.isfinite(high):
        value = low + (high - low) * generator.uniform(_INSET, 1 - _INSET, shape)
        near = low + (high - low) * 10 ** generator.uniform(-4, 0, shape) * (1 - _INSET)
        value = np.where(generator.random(shape) < 0.5, value, near)
    else:
        value = low + 10 ** generator.uniform(*_DECADES, shape)
    if not entry.open_minimum:
        value = np.where(generator.random(shape) < _AT_AN_END, low, value)
    if np.isfinite(high) and not entry.open_maximum:
        value = np.where(generator.random(shape) < _AT_AN_END, high, value)
    return value
