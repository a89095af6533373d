r"""Measurements of one generation of a diffusion loop, the divergence of its law among them.

KL between laws given by cell masses, one of them computed, is enclosed by

.. math:: \sum p \log\frac{p}{q + \delta} \le KL(p \| q) \le \sum p \log\frac{p}{q - \delta}

where masses ``q`` may be wrong by ``delta``. What cells of finite width leave out is of second
order in it, so that cells twice as wide lose more by three times as much (data processing gives the
sign). Where ``q`` is no larger than its own error nothing but a bound on KL limits it.

What is proved and what is estimated: the two sums hold for cell masses if every mass is within
``delta``; that KL is at most ``most`` is Girsanov's theorem. ``delta`` is an estimate, the
difference of two resolutions of the solver, and so is what finite cells leave out. No bound and no
verdict uses KL or its error: bounds on TV are made of the score risks, which have errors of their
own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.grid import paired
from empirics.result import Record

__all__ = ["DiffusionRecord", "Divergence", "cell_divergence", "divergence_to_tv"]

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class DiffusionRecord(Record):
    r"""A record with divergences, each one entry per replicate.

    ``kl`` is :math:`KL(\tilde p_{t_0} \| p_\theta)` from the (early-stopped) mixture that was
    learned, ``kl_error`` an estimate of how far from it that divergence may be (from two
    resolutions, see above; no bound uses it), infinite where the
    generated law is too small to be told from nothing and no bound speaks of it. ``kl_bound =
    kl_prior + score_risk`` bounds it for the SDE's law (NaN for the ODE's, of which the theorem
    does not speak). ``kl_prior_real`` and ``score_risk_real`` are the same terms for the real law
    in place of the mixture. ``smoothing`` is ``TV(P_{t0} p_0, p_0)``. ``tv_bound`` is the bound on
    ``tv`` that the terms of the mixtures make along the cycle, their numerical errors added.
    ``training_time`` is in the convention of :mod:`empirics.diffusion.flow`, NaN where training is
    no gradient flow.
    """

    kl: Float[Array, "replicates"]
    kl_error: Float[Array, "replicates"]
    kl_bound: Float[Array, "replicates"]
    kl_prior: Float[Array, "replicates"]
    score_risk: Float[Array, "replicates"]
    score_risk_error: Float[Array, "replicates"]
    kl_prior_real: Float[Array, "replicates"]
    score_risk_real: Float[Array, "replicates"]
    score_risk_real_error: Float[Array, "replicates"]
    smoothing: Float[Array, "replicates"]
    smoothing_error: Float[Array, "replicates"]
    tv_bound: Float[Array, "replicates"]
    training_time: Float[Array, "replicates"]


def divergence_to_tv(kl: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""TV from KL: :math:`\min(\sqrt{KL/2}, \sqrt{1 - e^{-KL}})`.

    Source: Pinsker; Bretagnolle and Huber, which is the smaller from KL = 1.594 on.
    """
    return np.minimum(np.sqrt(kl / 2), np.sqrt(-np.expm1(-kl)))


@dataclass(frozen=True, eq=False)
class Divergence:
    """A value, and how far from it the divergence may be; infinite where nothing limits it."""

    value: Float[Array, "batch"]
    error: Float[Array, "batch"]


def cell_divergence(
    p: Float[Array, "batch *cells"],
    q: Float[Array, "batch *cells"],
    doubt: Float[Array, "batch *cells"],
    most: Float[Array, "batch"],
    *,
    least: float,
    rounding: float,
) -> Divergence:
    """``sum p log(p / q)`` over the cells with more than ``least`` of ``p``.

    Args:
        p: cell masses of the law that is learned.
        q: those of the generated law; below ``rounding`` they are rounding of a solver.
        doubt: by how much each of ``q`` may be wrong.
        most: a bound on the divergence; NaN where there is none.
        least: mass of the cells that are left out.
        rounding: as above.
    """
    held = p > least
    value, doubt = _sum(p, q, held, rounding), np.maximum(doubt, rounding)
    left_out = _total(np.where(held, 0.0, np.abs(p))) * abs(np.log(rounding))
    wide = value - _sum(paired(p), paired(q), paired(p) > least, rounding)
    low = _sum(p, q + doubt, held, rounding) - left_out
    lost = np.any((held & (q <= doubt)).reshape(len(p), -1), axis=1)
    high = np.where(lost, np.inf, _sum(p, q - doubt, held, 0.0) + np.abs(wide) + left_out)
    limit = np.fmin(high, most)
    value = np.minimum(value, limit)
    return Divergence(value, np.maximum(np.maximum(limit - value, value - low), 0.0))


def _sum(p: Array, q: Array, held: Array, floor: float) -> Float[Array, "batch"]:
    safe = np.where(held, np.maximum(q, floor), 1.0)
    with np.errstate(divide="ignore"):
        ratio = np.log(np.where(held, p, 1.0)) - np.log(safe)
    return _total(np.where(held, p * ratio, 0.0))


def _total(values: Float[Array, "batch *cells"]) -> Float[Array, "batch"]:
    return np.asarray(values.sum(axis=tuple(range(1, values.ndim))))
