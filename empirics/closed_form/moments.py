r"""The variance of a linear estimate along a loop, for every data cycle.

Model ``j``'s estimate is the mean of its training points, so in units of one point's variance

.. math:: C_{jl} = \sum_k w_{j-1,k} C_{kl} \ (l < j), \qquad
          C_{jj} = c_{n_j}\, w^\top C w + \frac1{n_j}

for fresh data, and for reused data the same with the batch means in place of the laws' means.
``c_n`` is 1 if the training points keep the variance of a real one (Gaussian mean, stratified) and
``1 - 1/n`` if their variance is what the learned law has left (discrete resampling). Where samples
of model ``k`` pass an operator that takes its mean to ``a_k mu_k + b_k`` and its variance to
``v_k``, ``w_k a_k`` takes the place of ``w_k`` in front of ``C``, and ``sum_k w_k v_k / n_j`` that
of ``1/n_j``.

Derived: as the entries ``gaussian-mean`` and ``discrete-resampling``, for a general weight matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from empirics.errors import InputError, integer
from empirics.experiment import check_cycle
from empirics.operators import NormalImage

__all__ = ["check_loop", "error_variances", "refuse_protocols"]

Array = np.ndarray
_MOST = 10**15


def error_variances(
    cycle: DataCycle,
    generations: int,
    *,
    shrinking: bool = False,
    images: Sequence[NormalImage] | None = None,
) -> Float[Array, "generations"]:
    """Variance of the estimates of models 1, 2, ... in units of one real point's variance.

    Args:
        cycle: with numeric parameters, data fresh, reused or renewed.
        generations: number of models.
        shrinking: whether a learned law has less variance than the real one (``c_n = 1 - 1/n``).
        images: what samples of models 1, 2, ... pass to; as they are if ``None``. Of laws whose
            variance is known (not ``shrinking``).

    Raises:
        InputError: the data is resampled from a pool.
    """
    refuse_protocols(cycle, Protocol.FRESH, Protocol.REUSED, Protocol.RENEWED)
    rows = cycle.weight_matrix(generations)
    passed = _Passed.of(images, len(rows))
    if cycle.data is Protocol.FRESH:
        return _drawn_anew(rows, cycle.sizes(generations), shrinking, passed)
    if cycle.data is Protocol.RENEWED:
        return _renewed(rows, cycle, shrinking, passed)
    return _reused(rows, cycle, shrinking, passed)


@dataclass(frozen=True, eq=False)
class _Passed:
    """Factors of the means of models 0, 1, ..., and what their points' variance exceeds 1 by."""

    slopes: Float[Array, "laws"]
    excess: Float[Array, "laws"]

    @classmethod
    def of(cls, images: Sequence[NormalImage] | None, steps: int) -> _Passed:
        slopes, excess = np.ones(steps + 1), np.zeros(steps + 1)
        if images is not None:
            slopes[1:] = [image.slope for image in images]
            excess[1:] = [image.variance - 1 for image in images]
        return cls(slopes, excess)


def _drawn_anew(rows: Array, sizes: Array, shrinking: bool, passed: _Passed) -> Array:
    steps = len(rows)
    C = np.zeros((steps + 1, steps + 1))
    for j in range(1, steps + 1):
        w, n = rows[j - 1, :j] * passed.slopes[:j], sizes[j - 1]
        C[j, :j] = C[:j, j] = w @ C[:j, :j]
        C[j, j] = (1 - shrinking / n) * (w @ C[:j, :j] @ w) + 1 / n
        C[j, j] += rows[j - 1, :j] @ passed.excess[:j] / n
    return np.diag(C)[1:]


def _renewed(rows: Array, cycle: DataCycle, shrinking: bool, passed: _Passed) -> Array:
    """A batch of every law is drawn anew around its mean by each generation that uses it."""
    steps = len(rows)
    C = np.zeros((steps + 1, steps + 1))
    for j in range(1, steps + 1):
        w = rows[j - 1, :j]
        moved = w * passed.slopes[:j]
        C[j, :j] = C[:j, j] = moved @ C[:j, :j]
        C[j, j] = moved @ C[:j, :j] @ moved
        for k in np.flatnonzero(w).tolist():
            own = 1 - C[k, k] if shrinking else 1.0 + passed.excess[k]
            C[j, j] += w[k] ** 2 * own / cycle.batch_size(k)
    return np.diag(C)[1:]


def _reused(rows: Array, cycle: DataCycle, shrinking: bool, passed: _Passed) -> Array:
    """``B`` is the covariance of the batch means, each drawn once around its law's mean."""
    steps = len(rows)
    B, out = np.zeros((steps + 1, steps + 1)), np.zeros(steps)
    B[0, 0] = 1 / cycle.batch_size(0)
    for j in range(1, steps + 1):
        w, slope = rows[j - 1, :j], passed.slopes[j]
        out[j - 1] = w @ B[:j, :j] @ w
        B[j, :j] = B[:j, j] = slope * (w @ B[:j, :j])
        if j < steps and rows[j:, j].any():
            n = cycle.batch_size(j)
            B[j, j] = (1 - shrinking / n) * slope**2 * out[j - 1] + (1 + passed.excess[j]) / n
    return out


def check_loop(loop: Any, *protocols: Protocol) -> None:
    """Refuse a loop in closed form whose arguments are out of range.

    Raises:
        InputError: names the argument, or the protocols that have a closed form.
    """
    if not isinstance(loop.cycle, DataCycle):
        raise InputError(f"cycle = {loop.cycle!r}: must be a DataCycle (see bounds.cycles)")
    for name in ("generations", "replicates"):
        integer(name, getattr(loop, name), at_least=1, at_most=_MOST)
    integer("seed", loop.seed, at_least=0)
    refuse_protocols(loop.cycle, *protocols)
    check_cycle(loop.cycle, loop.generations)


def refuse_protocols(cycle: DataCycle, *allowed: Protocol) -> None:
    """Refuse a cycle whose training points come in another way.

    Raises:
        InputError: names the protocols that have a closed form.
    """
    if cycle.data not in allowed:
        words = ", ".join(repr(p.value) for p in allowed)
        raise InputError(f"data = {str(cycle.data)!r}: no closed form; must be one of {words}")
