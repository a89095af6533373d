"""All data kept, and a share of real points in every new batch."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bounds.cycles import DataCycle, Protocol, Share, checked_share
from bounds.errors import ParameterError

__all__ = ["KINDS", "AccumulatingWithShare"]


@dataclass(frozen=True, kw_only=True, repr=False)
class AccumulatingWithShare(DataCycle):
    """All data is kept; of every new batch of ``n`` points a share ``a`` is real and fresh.

    With ``c = 1 - a`` the weights are ``w[j-1, k] = c/j`` for ``1 <= k < j`` and
    ``w[j-1, 0] = 1 - c (j-1)/j``; generation ``j`` has ``j n`` points. Data is drawn anew from the
    mixture: one real batch drawn once could not grow with the generations.

    Args:
        share: ``a`` in [0, 1]; 0 for the accumulating cycle.

    Source: Wang, Niu and Li, 2026 (arXiv 2602.16065).
    """

    share: Share

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "share", checked_share(self.share))
        if self.data is not Protocol.FRESH:
            raise ParameterError(
                f"data = {str(self.data)!r}: real data grows with every generation here, but a kept"
                " batch is drawn once; use data = 'fresh'"
            )

    @property
    def name(self) -> str:
        """The catalogue's word for this cycle."""
        return "accumulating, fresh real share"

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``(1 - c (j-1)/j, c/j, ..., c/j)``."""
        each = (1 - self.share) * Fraction(1, j)
        return (1 - (j - 1) * each, *(each,) * (j - 1))

    def size(self, j: int) -> Any:
        """``j n`` in generation ``j``."""
        return j * self.n


KINDS = (AccumulatingWithShare,)
