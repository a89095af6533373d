"""What a command says: results on the standard output, everything else beside it."""

from __future__ import annotations

import sys

__all__ = ["say", "warn"]


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """A line about how it went."""
    sys.stderr.write(f"{text}\n")
