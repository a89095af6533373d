"""Counts of independent points in cells, which are multinomial whatever their number is.

Where cells expect few points, NumPy inverts the distribution function of one cell's binomial count
after another. Compiled lines, where numba is installed, invert at the same uniform numbers and
spend no logarithm on a cell that stays empty. Where cells expect many, NumPy rejects.

Between the two, counts come from tabulated Poisson laws. Independent Poisson counts with means in
proportion to the cells' masses are multinomial given their total (Devroye, Non-Uniform Random
Variate Generation, 1986, XI.1.4). So counts with a total mean a little below the number of points
are drawn, and the points that are missing are added one by one; a total out of reach is drawn
again, which leaves the law given the total as it is. The Poisson count of a cell is that of its
mean rounded down to six binary digits, from a table by Walker's alias method (ACM Trans. Math.
Softw. 3, 1977), and what was rounded off: one Poisson number of points for all cells together. The
law is exact but for the rounding of tables, 1e-15 of a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt64

from empirics.compiled import Work, compiled

__all__ = ["MOST", "PoissonTables", "Streams", "drawn_counts", "tables"]

Array = np.ndarray
Streams = Sequence[np.random.Generator]
_NEGLIGIBLE = 1e-16
"""Cells with less mass than this are never drawn at both ends of the grid."""
_FEW = 20.0
"""Expected points of a cell up to which NumPy inverts: 30, less what chance may add."""
MOST = 256.0
"""Expected points of a cell below which there are tables."""
_LEAST = 0.125
"""Smaller means are all rounded off."""
_CUT = 52 - 5
"""Binary digits of a float that rounding drops: five are left behind the leading one."""
_ZERO = int(np.array(_LEAST).view(np.int64)) >> _CUT
_BEYOND = int(np.array(MOST).view(np.int64)) >> _CUT
"""Numbers that rounding leaves of the least mean with a table, and of the first that has none."""
_SLOTS = 9
"""Binary logarithm of the slots of the longest table, which is chosen by a word's first digits."""
_FIRST, _REST = np.uint64(64 - _SLOTS), np.uint64(2 ** (64 - _SLOTS) - 1)
_TO_UNIT = np.uint64(11)
_ALL = np.iinfo(np.uint64).max
_NEVER = 2.0**-60
"""Probability below which a count is left out."""
_MISSING, _MOST_MISSING = 2.0, 4.0
"""Standard deviations by which totals fall short of the number of points, in the mean and at most:
one draw in twenty-two is repeated."""
_INVERTED, _TABULATED = Work(2**27), Work(2**24)
"""Cells whose counts are inverted, and those whose counts come from tables."""


def drawn_counts(
    streams: Streams, size: int, masses: Float[Array, "replicates cells"]
) -> Float[Array, "replicates cells"]:
    """Multinomial counts of ``size`` points, each replicate from its own stream and masses alone.

    Args:
        streams: one random generator per replicate.
        size: number of points.
        masses: cell masses, non-negative and in proportion.
    """
    probabilities = masses / masses.sum(axis=1, keepdims=True)
    most = size * probabilities.max(axis=1)
    few, many = most <= _FEW, most >= MOST
    counts = np.empty(masses.shape)
    for rows, draw in ((few, _few), (many, _many), (~(few | many), _tabulated)):
        if rows.all():
            return draw(streams, size, probabilities)
        if chosen := np.flatnonzero(rows).tolist():
            counts[chosen] = draw([streams[r] for r in chosen], size, probabilities[chosen])
    return counts


def _many(streams: Streams, size: int, probabilities: Array) -> Array:
    """Counts drawn by NumPy."""
    counts = np.zeros(probabilities.shape)
    for r, (stream, cells) in enumerate(zip(streams, _occupied(probabilities), strict=True)):
        counts[r, cells] = stream.multinomial(size, probabilities[r, cells])
    return counts


def _few(streams: Streams, size: int, probabilities: Array) -> Array:
    """Counts by inversion, a uniform number for each cell until no point is left."""
    if not (_INVERTED.pays(probabilities.size) and all(map(_can_go_back, streams))):
        return _many(streams, size, probabilities)
    counts, cells = np.zeros(probabilities.shape), _occupied(probabilities)
    uniform = np.empty(probabilities.shape)
    for stream, row, own in zip(streams, uniform, cells, strict=True):
        stream.random(out=row[own])
    ends = np.array([(own.start, own.stop) for own in cells])
    left = np.empty(len(cells), dtype=np.intp)
    compiled(_invert)(uniform, size, probabilities, ends, counts, left)
    for stream, spare in zip(streams, left.tolist(), strict=True):
        stream.bit_generator.advance(-spare)  # type: ignore[attr-defined]
    return counts


def _occupied(probabilities: Array) -> list[slice]:
    """The cells of each row that are drawn, of which the last takes the rest of the points."""
    held = probabilities > _NEGLIGIBLE
    first, behind = held.argmax(axis=1), held.shape[1] - held[:, ::-1].argmax(axis=1)
    return [slice(*ends) for ends in zip(first.tolist(), behind.tolist(), strict=True)]


def _can_go_back(stream: np.random.Generator) -> bool:
    """Whether numbers that were not used can be given back: half a one must not be kept."""
    state = stream.bit_generator.state
    return state["bit_generator"] == "PCG64" and not state["has_uint32"]


class PoissonTables(NamedTuple):
    """Alias tables of Poisson laws, one behind the other.

    The table of a mean starts at slot ``start`` and has ``2^(9 - shift)`` slots. Each stands for
    the count ``own`` with probability ``2^-55 accept``, else for ``alias``.
    """

    start: Int[Array, "means"]
    shift: UInt64[Array, "means"]
    accept: UInt64[Array, "slots"]
    own: Int[Array, "slots"]
    alias: Int[Array, "slots"]


@cache
def tables() -> PoissonTables:
    """Tables of the means from 1/8 to 256 with six binary digits."""
    means = (np.arange(_ZERO, _BEYOND) << _CUT).view(np.float64)
    parts = [_alias_table(*_poisson(mean)) for mean in means.tolist()]
    accept, own, alias = (np.concatenate(part) for part in zip(*parts, strict=True))
    sizes = np.array([len(part[0]) for part in parts])
    shift = (_SLOTS - np.log2(sizes)).astype(np.uint64)
    return PoissonTables(np.cumsum(sizes) - sizes, shift, accept, own, alias)


def _poisson(mean: float) -> tuple[int, Float[Array, "counts"]]:
    """The least count and the probabilities of all that ever occur."""
    mode, reach = int(mean), int(40 + 10 * np.sqrt(mean))
    above = np.cumprod(mean / np.arange(mode + 1, mode + reach))
    below = np.cumprod(np.arange(mode, max(mode - reach, 0), -1) / mean)
    law = np.concatenate([below[::-1], [1.0], above])
    law /= law.sum()
    occurs = np.flatnonzero(law > _NEVER)
    kept = law[occurs[0] : occurs[-1] + 1]
    return mode - len(below) + int(occurs[0]), kept / kept.sum()


def _alias_table(least: int, law: Array) -> tuple[Array, Array, Array]:
    """Vose's construction: slots that are short of a mean one are filled up from another."""
    slots = 1 << int(np.ceil(np.log2(len(law))))
    height = np.zeros(slots)
    height[: len(law)] = slots * law
    heights, alias = height.tolist(), list(range(slots))
    short = [i for i in range(slots) if heights[i] < 1]
    tall = [i for i in range(slots) if heights[i] >= 1]
    while short and tall:
        filled, giver = short.pop(), tall[-1]
        alias[filled] = giver
        heights[giver] -= 1 - heights[filled]
        if heights[giver] < 1:
            short.append(tall.pop())
    for i in short + tall:
        heights[i] = 1.0
    accept = np.rint(np.array(heights) * 2.0 ** (64 - _SLOTS)).astype(np.uint64)
    count = least + np.arange(slots, dtype=np.int16)
    return accept, count, count[alias]


class _Means(NamedTuple):
    """Means of the cells' counts, by replicate."""

    sums: Float[Array, "replicates cells"]
    """Cumulative masses."""
    rest: Float[Array, "replicates cells"]
    """Cumulative sums of what is rounded off the means."""
    level: Int[Array, "replicates cells"]
    """Number of the table, negative where there is none."""


def _tabulated(
    streams: Streams, size: int, masses: Float[Array, "replicates cells"]
) -> Float[Array, "replicates cells"]:
    """Counts from tables: no cell has more than a share of ``MOST / size``."""
    lines = (_prepared, _looked_up, _added)
    if _TABULATED.pays(masses.size):
        lines = (compiled(_prepare), compiled(_look_up), compiled(_add))
    prepare, look_up, add = lines
    sums, rest = np.empty((2, *masses.shape))
    means = _Means(sums, rest, np.empty(masses.shape, dtype=np.int64))
    prepare(masses, max(size - _MISSING * np.sqrt(size), 0.0), means)
    own = np.count_nonzero(means.level >= 0, axis=1)
    most = int(_MOST_MISSING * np.sqrt(size))
    counts = np.empty(masses.shape)
    todo = np.arange(len(masses))
    while len(todo):
        drawing = [streams[r] for r in todo.tolist()]
        rounded = _poisson_counts(drawing, rest[todo, -1])
        lengths = own[todo] + rounded + most
        words = _words(drawing, lengths)
        begins = np.cumsum(lengths) - lengths
        look_up(todo, words, begins, means, tables(), counts)
        missing = size - rounded - counts[todo].sum(axis=1).astype(int)
        good = (missing >= 0) & (missing <= most)
        singly = np.stack([rounded, missing], axis=1)[good]
        add(todo[good], words, (begins + own[todo])[good], singly, means, counts)
        todo = todo[~good]
    return counts


def _poisson_counts(streams: Streams, means: Array) -> Int[Array, "streams"]:
    return np.array([s.poisson(mean) for s, mean in zip(streams, means, strict=True)])


def _words(streams: Streams, lengths: Array) -> UInt64[Array, "words"]:
    """Random words of 64 bits, one stream's behind another's."""
    each = zip(streams, lengths.tolist(), strict=True)
    return np.concatenate([s.integers(_ALL, None, k, np.uint64, endpoint=True) for s, k in each])


def _prepared(masses: Array, total: float, means: _Means) -> None:
    """Fill in the means of counts with this total."""
    sums, rest, level = means
    np.cumsum(masses, axis=1, out=sums)
    each = masses * (total / sums[:, -1:])
    np.right_shift(each.view(np.int64), _CUT, out=level)
    floors = (level << _CUT).view(np.float64)
    level -= _ZERO
    each -= np.where(level >= 0, floors, 0.0)
    np.cumsum(each, axis=1, out=rest)


def _looked_up(
    rows: Array, words: Array, begins: Array, means: _Means, tables: PoissonTables, counts: Array
) -> None:
    """Counts from tables of some rows, whose words begin at these places."""
    levels = means.level[rows]
    has_table = levels >= 0
    own = np.count_nonzero(has_table, axis=1)
    first = np.concatenate([words[k : k + n] for k, n in zip(begins, own, strict=True)])
    table = levels[has_table]
    slots = tables.start[table] + (first >> _FIRST >> tables.shift[table]).view(np.int64)
    accepted = first & _REST < tables.accept[slots]
    found = np.zeros(levels.shape)
    found[has_table] = np.where(accepted, tables.own[slots], tables.alias[slots])
    counts[rows] = found


def _added(
    rows: Array, words: Array, begins: Array, singly: Array, means: _Means, counts: Array
) -> None:
    """Add single points to some rows: those that were rounded off, and those that are missing."""
    for r, k, (rounded, missing) in zip(rows, begins, singly, strict=True):
        numbers = (words[k : k + rounded + missing] >> _TO_UNIT) * 2.0**-53
        for sums, own in ((means.rest[r], numbers[:rounded]), (means.sums[r], numbers[rounded:])):
            places = np.minimum(np.sort(own) * sums[-1], np.nextafter(sums[-1], 0))
            counts[r] += np.bincount(sums.searchsorted(places, "right"), minlength=len(sums))


def _invert(
    uniform: Array, size: int, probabilities: Array, ends: Array, counts: Array, spare: Array
) -> None:
    """Binomial counts of what is left, cell by cell; how many uniform numbers that spared."""
    for r in range(len(counts)):
        first, last = ends[r, 0], ends[r, 1] - 1
        left, mass, k = size, 1.0, first
        for i in range(first, last):
            share = probabilities[r, i] / mass
            mass -= probabilities[r, i]
            if share <= 0:
                continue
            below = uniform[r, k]
            k += 1
            # (1 - share)^left >= 1 - left share: most cells of a tail stay empty.
            if share <= 0.5 and below <= (1 - left * share) * (1 - 1e-12):
                continue
            rare = min(share, 1 - share)
            odds, reached, at = rare / (1 - rare), 0, np.exp(left * np.log(1 - rare))
            while below > at and reached < left:
                below -= at
                reached += 1
                at *= (left - reached + 1) * odds / reached
            counts[r, i] = reached if share <= 0.5 else left - reached
            left -= int(counts[r, i])
            if left <= 0:
                break
        counts[r, last] += left
        spare[r] = last + 1 - k


def _prepare(masses: Array, total: float, means: _Means) -> None:
    """:func:`_prepared`, compiled."""
    sums, rest, level = means
    rows, cells = masses.shape
    floors = np.empty(cells)
    bits = floors.view(np.int64)
    for r in range(rows):
        reached = 0.0
        for i in range(cells):
            reached += masses[r, i]
            sums[r, i] = reached
        factor = total / reached
        for i in range(cells):
            floors[i] = masses[r, i] * factor
        for i in range(cells):
            table = bits[i] >> _CUT
            level[r, i] = table - _ZERO
            bits[i] = table << _CUT if table >= _ZERO else 0
        left = 0.0
        for i in range(cells):
            left += masses[r, i] * factor - floors[i]
            rest[r, i] = left


def _look_up(
    rows: Array, words: Array, begins: Array, means: _Means, tables: PoissonTables, counts: Array
) -> None:
    """:func:`_looked_up`, compiled."""
    for t in range(len(rows)):
        r, k = rows[t], begins[t]
        for i in range(counts.shape[1]):
            table = means.level[r, i]
            counts[r, i] = 0
            if table >= 0:
                word = words[k]
                k += 1
                slot = tables.start[table] + np.int64(word >> _FIRST >> tables.shift[table])
                accepted = word & _REST < tables.accept[slot]
                counts[r, i] = tables.own[slot] if accepted else tables.alias[slot]


def _add(
    rows: Array, words: Array, begins: Array, singly: Array, means: _Means, counts: Array
) -> None:
    """:func:`_added`, compiled; a search starts where all places before its own have ended."""
    cells = counts.shape[1]
    guide = np.empty(cells, dtype=np.intp)
    for t in range(len(rows)):
        r, k = rows[t], begins[t]
        for kind in range(2):
            sums = means.rest[r] if kind == 0 else means.sums[r]
            whole, at = sums[-1], 0
            for g in range(cells):
                while at < cells - 1 and sums[at] <= whole * g / cells * (1 - 1e-12):
                    at += 1
                guide[g] = at
            last = np.nextafter(whole, 0)
            for _ in range(singly[t, kind]):
                number = (words[k] >> _TO_UNIT) * 2.0**-53
                k += 1
                at = guide[min(int(number * cells), cells - 1)]
                while sums[at] <= min(number * whole, last):
                    at += 1
                counts[r, at] += 1
