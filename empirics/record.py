"""What is measured of one generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from jaxtyping import Float

__all__ = ["Record"]

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is measured of one generation; one entry per replicate.

    ``tv`` is the distance to the target, ``one_step_tv`` to the mixture that was learned, each
    with a bound on its error, which is cut to what [0, 1] leaves; ``noise`` is the computable
    bound on the expected stochastic error given the past (``s_j`` of ``kde-noise``), NaN where the
    data is not fresh or it was not computed; ``recorded`` are the columns of the quantities asked
    for.
    """

    tv: Float[Array, "replicates"]
    tv_error: Float[Array, "replicates"]
    one_step_tv: Float[Array, "replicates"]
    one_step_error: Float[Array, "replicates"]
    noise: Float[Array, "replicates"]
    mass_defect: Float[Array, "replicates"]
    recorded: Mapping[str, Float[Array, "replicates"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value, name in ((self.tv, "tv_error"), (self.one_step_tv, "one_step_error")):
            most = np.maximum(value, 1 - value)
            object.__setattr__(self, name, np.minimum(getattr(self, name), most))

    @property
    def columns(self) -> dict[str, Float[Array, "replicates"]]:
        """All that was measured, by name."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "recorded"}
        return {**own, **self.recorded}


@dataclass(frozen=True, kw_only=True)
class LimitsRecord(Record):
    """Certified limits of a generation whose law, or the target's, is known by samples alone.

    ``tv`` and ``one_step_tv`` and their errors are NaN; TV to the target lies in
    ``[tv_low, tv_high]``, TV to the mixture in ``[one_step_low, one_step_high]``. Upper limits are
    one unless points are letters.
    """

    tv_low: Float[Array, "replicates"]
    tv_high: Float[Array, "replicates"]
    one_step_low: Float[Array, "replicates"]
    one_step_high: Float[Array, "replicates"]
