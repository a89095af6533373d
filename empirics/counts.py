"""Counts of independent points in cells, which are multinomial whatever their number is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from empirics.poisson_tables import MOST, poissonised

__all__ = ["drawn_counts"]

Array = np.ndarray
Streams = Sequence[np.random.Generator]
_NEGLIGIBLE = 1e-16
"""Cells with less mass than this are never drawn at both ends of the grid."""
_FEW = 20.0
"""Expected points of a cell up to which NumPy is as fast: from 30 on it rejects proposals."""


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
    tabulated = (most > _FEW) & (most < MOST)
    if tabulated.all():
        return poissonised(streams, size, probabilities)
    counts = np.zeros(masses.shape)
    for rows, draw in ((tabulated, poissonised), (~tabulated, _one_by_one)):
        if chosen := np.flatnonzero(rows).tolist():
            counts[chosen] = draw([streams[r] for r in chosen], size, probabilities[chosen])
    return counts


def _one_by_one(streams: Streams, size: int, probabilities: Array) -> Array:
    """Counts drawn by NumPy, one cell after another; the last that holds mass takes the rest."""
    counts = np.zeros(probabilities.shape)
    held = probabilities > _NEGLIGIBLE
    first, behind = held.argmax(axis=1), held.shape[1] - held[:, ::-1].argmax(axis=1)
    for r, stream in enumerate(streams):
        cells = slice(first[r], behind[r])
        counts[r, cells] = stream.multinomial(size, probabilities[r, cells])
    return counts
