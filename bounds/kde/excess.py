r"""What a cell hides of a bias that is known by its mean: the excess of an even convex function.

All integrands of the kernel-density bounds are even and convex in the bias ``b``: ``|b|``,
``sqrt(b^2 + V)`` and the mean size of a normal variable with mean ``b`` and variance ``V``, all
three between ``|b|`` and ``|b| + sqrt(V)``. Over a cell with mean ``m`` and variance ``s^2`` of
``b`` they exceed their value at ``m`` by no more than their value at

.. math:: \min\bigl(m^2 + \theta s^2,\; M^2 + 2 M \sqrt V\bigr)^{1/2}, \qquad
          M = |m| + D \Bigl(1 - \frac{|m|}{r}\Bigr)_+, \qquad
          \theta = \min\Bigl(1, \frac{V \sqrt{m^2 + V}}{(b_{\min}^2 + V)^{3/2}}\Bigr),

does, with ``b_min`` the least ``|b|`` in the cell, ``D`` the mean and ``r`` the largest size of
``b - m``.

Derived: the functions are concave in ``b^2`` (first term with ``theta = 1``, by Jensen's
inequality), their second derivative is at most ``V (b_min^2 + V)^{-3/2}`` (a factor 1.6 more for
the normal mean), and ``E|b| <= M`` as ``(y - |m|)_+ <= y (1 - |m|/r)`` for ``0 <= y <= r``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bounds.kde.cells import TargetCells, bend, slope

__all__ = ["absolute_at_most", "at_most"]

Array = np.ndarray
_TINY = 1e-300
_SAFETY = 2.0
"""Factor on what is hidden: neighbours tell a cell's inside to leading order, parts to their width,
and the second derivative of the normal mean is up to 1.6 times the root's."""


@dataclass(frozen=True)
class _Within:
    """A bias inside its cells: its least size, root mean square deviation, excess of ``|b|``."""

    least: Array
    rms: Array
    hidden: Array


def at_most(bias: Array, variance: Array, target: TargetCells) -> Array:
    """A bias per cell at which the integrands are at least their mean over the cell."""
    inside, size = _within(bias, target), np.abs(bias)
    low = inside.least**2 + variance
    share = np.minimum(1.0, _SAFETY * np.sqrt((size**2 + variance) / low) * variance / low)
    curved = size**2 + _SAFETY * share * inside.rms**2
    whole = size + _SAFETY * inside.hidden
    return np.sqrt(np.minimum(curved, whole**2 + 2 * whole * np.sqrt(variance)))


def absolute_at_most(bias: Array, target: TargetCells) -> Array:
    """At least the mean of ``|bias|`` over each cell."""
    inside, size = _within(bias, target), np.abs(bias)
    root = np.sqrt(size**2 + _SAFETY * inside.rms**2)
    most = np.minimum(size + _SAFETY * inside.hidden, root)
    return np.where(inside.least > 0, size, most)


def _within(bias: Array, target: TargetCells) -> _Within:
    """From the parabola of the mean law's neighbours, that of the target, and what it misses."""
    axes, mean = range(bias.ndim), bias + target.mean
    tilt = [np.abs(slope(mean, i) - target.slopes[i]) for i in axes]
    bent = [np.abs(bend(mean, i) - target.bends[i]) for i in axes]
    reach = sum(t / 2 + b / 12 for t, b in zip(tilt, bent, strict=True)) + target.most_off
    square = sum(t**2 / 12 + b**2 / 720 for t, b in zip(tilt, bent, strict=True))
    deviation = sum(t / 4 + b / 30 for t, b in zip(tilt, bent, strict=True))
    size, reach = np.abs(bias), _SAFETY * reach
    outside = np.maximum(1 - size / np.maximum(reach, _TINY), 0.0)
    return _Within(
        np.maximum(size - reach, 0.0),
        np.sqrt(square) + target.rms_off,
        (deviation + target.mean_off) * outside,
    )
