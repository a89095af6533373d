"""What is measured of one generation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["Record"]

Array = np.ndarray


@dataclass(frozen=True)
class Record:
    """What is measured of one generation; one entry per replicate.

    ``tv`` is the distance to the target, ``one_step_tv`` to the mixture that was learned, each
    with a bound on its error; ``noise`` is the computable bound on the expected stochastic error
    given the past (``s_j`` of ``kde-noise``), NaN where the data is not fresh or it was not
    computed.
    """

    tv: Float[Array, "replicates"]
    tv_error: Float[Array, "replicates"]
    one_step_tv: Float[Array, "replicates"]
    one_step_error: Float[Array, "replicates"]
    noise: Float[Array, "replicates"]
    mass_defect: Float[Array, "replicates"]
