"""Real points beside synthetic ones, with a weight that is not their share of the points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Meta

from bounds.cycles import DataCycle, Protocol, Share, checked_ratio, checked_share, rounded_size
from bounds.discovery import Written
from bounds.errors import ParameterError

__all__ = ["KINDS", "WeightedReal"]


@dataclass(frozen=True, kw_only=True, repr=False)
class WeightedReal(DataCycle):
    """``n`` real points with weight ``a`` in all, ``lam * n`` of the last model with ``1 - a``.

    Every generation draws both batches anew (``data = "renewed"``), or keeps its real batch
    (``"reused"``), or draws from that weighted pool (``"resampled"``); generation 1 has its ``n``
    real points. Points drawn from the mixture itself (``"fresh"``) have no weights.

    Args:
        share: ``a`` in [0, 1], whatever the numbers of points.
        lam: synthetic points per real point, ``> 0``.

    Source: He, Xu and Cheng, 2025 (arXiv 2502.18049).
    """

    share: Share
    lam: Annotated[Any, Written(Annotated[float, Meta(gt=0, le=10**9)])] = 1
    data: Annotated[Protocol | str, Written(Protocol)] = Protocol.RENEWED

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "share", checked_share(self.share))
        object.__setattr__(self, "lam", checked_ratio(self.lam))
        if self.lam == 0:
            raise ParameterError(
                f"lam = {self.lam}: must be > 0, for the weight has to lie on points"
            )
        if self.data not in (Protocol.RENEWED, Protocol.REUSED, Protocol.RESAMPLED):
            raise ParameterError(
                f"data = {str(self.data)!r}: weights that are no shares of the points need batches;"
                " use data = 'renewed', 'reused' or 'resampled'"
            )

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``(share, 0, ..., 0, 1 - share)``; ``(1,)`` for the first model."""
        if j == 1:
            return (Fraction(1),)
        return (self.share, *(Fraction(0),) * (j - 2), 1 - self.share)

    def size(self, j: int) -> Any:
        """``(1 + lam) n``; ``n`` in generation 1."""
        return self.n if j == 1 else self.n + self.batch_size(j)

    def batch_size(self, k: int) -> Any:
        """``n`` real points; ``lam * n`` of each model."""
        return self.n if k == 0 else rounded_size(self.n * self.lam)


KINDS = (WeightedReal,)
