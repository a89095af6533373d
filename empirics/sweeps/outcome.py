"""What becomes of one cell."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What became of one cell: the bytes of its file, or why there are none."""

    key: str
    data: bytes | None
    error: str = ""
