"""Cell masses of the probability-flow ODE's law in the plane, from its density on a lattice."""

from __future__ import annotations

from itertools import product

import numpy as np
from jaxtyping import Float
from scipy import fft, ndimage

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.fokker_planck import SdeLaw
from empirics.diffusion.plane_law import clipped
from empirics.diffusion.plane_refining import coarser, doubled
from empirics.diffusion.probability_flow import flow_log_density
from empirics.grid import Axis

__all__ = ["plane_flow_law"]

Array = np.ndarray
_NEGLIGIBLE = 1e-10
"""Density, relative to the largest, below which a lattice point's neighbours are not looked at."""
_ORDER = 15
"""Runge-Kutta of fourth order: halving the step leaves a sixteenth."""
_TOP = 0.75
"""Part of the band beyond which what is found is taken for the size of what aliases."""


def plane_flow_law(
    features: RandomFeatures, theta: Float[Array, "2 features"], axis: Axis, steps: int
) -> SdeLaw:
    """Masses of the cells, by change of variables at the centres of cells twice as wide.

    The density is continued between the centres as a band-limited function. Its error is
    estimated by the difference from half as many steps, and by the highest frequencies present.

    Args:
        features: of two coordinates.
        theta: output weights of one network.
        axis: cells along both axes, an even number.
        steps: of Runge-Kutta, an even number.
    """
    wide = coarser(axis)
    density, correction = _densities(features, theta, wide, steps)
    cell = wide.step**2
    error = 0.5 * cell * (np.abs(correction).sum() + np.abs(_top(density)).sum())
    return clipped(doubled(cell * _cell_means(density)[None]), np.array([error]))


def _densities(
    features: RandomFeatures, theta: Array, axis: Axis, steps: int
) -> tuple[Float[Array, "cells cells"], Float[Array, "cells cells"]]:
    """Extrapolated density at the centres, and the correction made to it.

    Every second point along each axis is looked at first, and the others near those that matter.
    """
    x, density = axis.centres, np.zeros((axis.cells, axis.cells))
    correction, todo = np.zeros_like(density), np.ones_like(density, dtype=bool)
    for shift in product((0, 1), repeat=2):
        part = np.ix_(*(np.arange(s, axis.cells, 2) for s in shift))
        chosen = np.zeros_like(todo)
        chosen[part] = todo[part]
        rows, columns = np.nonzero(chosen)
        points = np.column_stack([x[rows], x[columns]])
        fine, coarse = (_density(features, theta, points, n) for n in (steps, steps // 2))
        correction[rows, columns] = (fine - coarse) / _ORDER
        density[rows, columns] = fine + (fine - coarse) / _ORDER
        if shift == (0, 0):
            seen = density > _NEGLIGIBLE * density.max()
            todo = ndimage.binary_dilation(seen, np.ones((5, 5), dtype=bool))
    return density, correction


def _density(features: RandomFeatures, theta: Array, points: Array, steps: int) -> Array:
    logs = [flow_log_density(features, theta, part, steps) for part in features.parts(points)]
    return np.exp(np.concatenate(logs))


def _cell_means(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """Means over the cells of the band-limited function with these values at the centres."""
    box = np.sinc(fft.fftfreq(len(density)))
    spectrum = fft.rfft2(density) * box[:, None] * np.sinc(fft.rfftfreq(len(density)))
    return fft.irfft2(spectrum, s=density.shape)


def _top(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """The part with frequencies near the end of the band along either axis."""
    rows, columns = np.abs(fft.fftfreq(len(density))), fft.rfftfreq(len(density))
    high = (rows[:, None] > _TOP / 2) | (columns > _TOP / 2)
    return fft.irfft2(fft.rfft2(density) * high, s=density.shape)
