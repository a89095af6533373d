"""Cell masses of the probability-flow ODE's law in the plane, from its density on a lattice."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy import fft, ndimage

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.fokker_planck import SolvedLaw, widest
from empirics.diffusion.plane_law import clipped
from empirics.diffusion.probability_flow import flow_log_density
from empirics.grid import Axis

__all__ = ["plane_flow_law"]

Array = np.ndarray
_NEGLIGIBLE = 1e-9
"""Density, relative to the largest, below which the neighbourhood of a point is passed over."""
_EVERY = 4
_REMAINS = 1 / 4
"""Part of the difference from half as many steps; a fifteenth once they are short enough."""
_TOP = 0.75
"""Part of the band beyond which what is found tells the size of what lies outside."""


def plane_flow_law(
    features: RandomFeatures, theta: Float[Array, "2 features"], axis: Axis, steps: int
) -> SolvedLaw:
    """Masses of the cells, by change of variables at their centres.

    The density is continued between the centres as a band-limited function. Its error is
    estimated by the highest frequencies present, and by what half as many steps give.

    Args:
        features: of two coordinates.
        theta: output weights of one network.
        axis: cells along both axes, a multiple of four.
        steps: of Runge-Kutta, an even number.
    """
    density, sparse, cell = np.zeros((axis.cells, axis.cells)), _sparse(axis), axis.step**2
    fine, coarse = (_density(features, theta, axis, sparse, n) for n in (steps, steps // 2))
    density[sparse] = fine
    rest = _neighbourhood(density)
    density[rest] = _density(features, theta, axis, rest, steps)
    late, aliased = _REMAINS * np.abs(fine - coarse), np.abs(_aliased(density))
    error = 0.5 * cell * (_EVERY**2 * late.sum() + aliased.sum())
    in_time = np.zeros_like(density)
    in_time[sparse] = late
    doubt = widest(aliased[None]) + ndimage.maximum_filter(in_time, 2 * _EVERY + 1)
    return clipped(cell * _cell_means(density)[None], np.array([error]), cell * doubt)


def _sparse(axis: Axis) -> Bool[Array, "cells cells"]:
    """Every fourth cell along both axes."""
    chosen = np.arange(axis.cells) % _EVERY == _EVERY // 2
    return np.logical_and.outer(chosen, chosen)


def _neighbourhood(density: Float[Array, "cells cells"]) -> Bool[Array, "cells cells"]:
    """Cells without a value that are near one that matters."""
    seen = density > _NEGLIGIBLE * density.max()
    near = ndimage.maximum_filter(seen, 2 * _EVERY + 1)
    return near & (density == 0)


def _density(
    features: RandomFeatures, theta: Array, axis: Axis, chosen: Array, steps: int
) -> Float[Array, "points"]:
    """At the centres of the chosen cells."""
    points = axis.centres[np.argwhere(chosen)]
    logs = [flow_log_density(features, theta, part, steps) for part in features.parts(points)]
    return np.exp(np.concatenate(logs))


def _cell_means(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """Means over the cells of the band-limited function with these values at the centres."""
    box = np.sinc(fft.fftfreq(len(density)))
    spectrum = fft.rfft2(density) * box[:, None] * np.sinc(fft.rfftfreq(len(density)))
    return fft.irfft2(spectrum, s=density.shape)


def _aliased(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """Size of what beyond the band is taken for something within it, were it no smaller there.

    A wave ``f`` of the lattice has the values of one at ``1 - f``, but another mean over a cell.
    """
    f = np.abs(fft.fftfreq(len(density)))
    weight = np.where(f > _TOP / 2, np.sinc(f) - np.sinc(1 - f), 0.0)
    both = np.maximum(weight[:, None], weight[: len(f) // 2 + 1])
    return fft.irfft2(fft.rfft2(density) * both, s=density.shape)
