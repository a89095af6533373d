"""Scales of computation, for claims and for figures."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

__all__ = ["Scale"]


class Scale(StrEnum):
    """Quick takes some minutes on two cores, paper some tens of minutes."""

    QUICK = "quick"
    PAPER = "paper"

    def pick(self, quick: Any, paper: Any) -> Any:
        """One of two values."""
        return quick if self is Scale.QUICK else paper
