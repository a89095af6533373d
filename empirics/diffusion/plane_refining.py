"""Square grids of cells, coarsened and refined."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy import fft

from empirics.grid import Axis

__all__ = ["coarser", "doubled", "paired"]

Array = np.ndarray


def coarser(axis: Axis, level: int = 1) -> Axis:
    """Cells ``2^level`` times as wide."""
    return Axis(axis.low, axis.step * 2**level, axis.cells // 2**level)


def paired(masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch half half"]:
    """Masses of cells twice as wide."""
    batch, cells, _ = masses.shape
    return masses.reshape(batch, cells // 2, 2, cells // 2, 2).sum(axis=(2, 4))


def doubled(masses: Float[Array, "batch half half"]) -> Float[Array, "batch cells cells"]:
    """Every cell split in four by the band-limited law with these masses, which keeps mass."""
    cells = masses.shape[-1]
    w = 2 * np.pi * fft.rfftfreq(cells)
    # From masses of whole cells to those of halves, whose first centre lies a quarter lower.
    factor = np.exp(-0.25j * w) * np.sinc(w / (4 * np.pi)) / np.sinc(w / (2 * np.pi))
    factor[-1] /= 1 + (cells % 2 == 0)
    for _ in range(2):
        spectrum = fft.rfft(masses, axis=-1) * factor
        masses = fft.irfft(spectrum, 2 * cells, axis=-1).transpose(0, 2, 1)
    return masses
