"""What is measured of one generation of a diffusion loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.record import Record

__all__ = ["DiffusionRecord", "divergence_to_tv"]

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class DiffusionRecord(Record):
    r"""A record with divergences, each one entry per replicate.

    ``kl`` is :math:`KL(\tilde p_{t_0} \| p_\theta)` from the (early-stopped) mixture that was
    learned, ``kl_error`` an estimate of how far from it that divergence may be (from two
    resolutions, see :mod:`empirics.diffusion.divergence`; no bound uses it), infinite where the
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
