"""Data cycles as typed tables."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bounds import cycles
from bounds.cycles import DataCycle, Protocol
from empirics.sweeps.parts import Count, Numbers, Own, Part

__all__ = ["CyclePart"]

Share = Annotated[float, Meta(ge=0, le=1)]


class _Sized(Part, frozen=True, kw_only=True):
    n: Count
    data: Protocol = Protocol.FRESH


class FullSyntheticPart(_Sized, frozen=True, kw_only=True, tag="full-synthetic"):
    """Each model is trained on the one before it."""

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.FullSynthetic`."""
        return cycles.full_synthetic(n=self.n, data=self.data)


class FreshRealPart(_Sized, frozen=True, kw_only=True, tag="fresh-real"):
    """A share of real points beside the last model."""

    share: Share

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.FreshReal`."""
        return cycles.fresh_real(n=self.n, data=self.data, share=self.share)


class BalancedPart(_Sized, frozen=True, kw_only=True, tag="balanced"):
    """Equal weight on the real data and all earlier models."""

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.Balanced`."""
        return cycles.balanced(n=self.n, data=self.data)


class AccumulatingPart(_Sized, frozen=True, kw_only=True, tag="accumulating"):
    """All data is kept."""

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.Accumulating`."""
        return cycles.accumulating(n=self.n, data=self.data)


class RealPlusSyntheticPart(_Sized, frozen=True, kw_only=True, tag="real-plus-synthetic"):
    """``n`` real points and ``lam * n`` of the last model."""

    lam: Annotated[float, Meta(ge=0, le=10**9)]
    real_start: bool = True

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.RealPlusSynthetic`."""
        return cycles.real_plus_synthetic(
            n=self.n, data=self.data, lam=self.lam, real_start=self.real_start
        )


class CustomPart(Part, frozen=True, kw_only=True, tag="custom"):
    """Any rows of weights, with one size or one for each row."""

    rows: Annotated[list[Numbers], Meta(min_length=1, max_length=1000)]
    n: Count | list[Count]
    data: Protocol = Protocol.FRESH

    def build(self) -> DataCycle:
        """See :class:`bounds.cycles.Custom`."""
        return cycles.custom(rows=self.rows, n=self.n, data=self.data)


CyclePart = (
    FullSyntheticPart
    | FreshRealPart
    | BalancedPart
    | AccumulatingPart
    | RealPlusSyntheticPart
    | CustomPart
    | Own
)
