"""Numbers written as text, read exactly and within limits, so that no text costs time or memory."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["fraction_of"]

_LONGEST = 1000
_LARGEST_EXPONENT = 5000
"""Beyond it lies no float and no certified end."""
_EXPONENT = re.compile(r"[eE]([+-]?[0-9_]+)")


def fraction_of(text: str) -> Fraction:
    """Return the rational number that ``text`` says: ``"12"``, ``"0.1"``, ``"1/4"``, ``"1e-3"``.

    Args:
        text: of at most 1000 characters, its decimal exponent at most 5000 in size.

    Raises:
        ValueError: no such number, division by zero included.
    """
    found = _EXPONENT.search(text[: _LONGEST + 1])
    if len(text) > _LONGEST or (found and abs(int(found[1])) > _LARGEST_EXPONENT):
        raise ValueError("longer than a number may be")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError("divides by zero") from None
