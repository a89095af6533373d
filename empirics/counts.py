"""Counts of independent points in cells, which are multinomial whatever their number is.

Where cells expect few points, NumPy inverts the distribution function of one cell's binomial count
after another. Compiled lines, where numba is installed, invert at the same uniform numbers and
spend no logarithm on a cell that stays empty. Where they expect more, there are tables.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from empirics.compiled import Work, compiled
from empirics.poisson_tables import MOST, Streams, poissonised

__all__ = ["drawn_counts"]

Array = np.ndarray
_NEGLIGIBLE = 1e-16
"""Cells with less mass than this are never drawn at both ends of the grid."""
_FEW = 20.0
"""Expected points of a cell up to which NumPy inverts: 30, less what chance may add."""
_WORK = Work(2**27)
"""Cells of which few points are expected."""


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
    for rows, draw in ((few, _few), (many, _many), (~(few | many), poissonised)):
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
    if not (_WORK.pays(probabilities.size) and all(map(_can_go_back, streams))):
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
