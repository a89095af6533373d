"""Data as JavaScript literals that are safe inside a script element."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["literal"]

_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
"""They could end the script element, or open a comment in it."""


def literal(data: Any) -> str:
    """Return ``data`` as a literal of printable ASCII without ``<``, ``>`` and ``&``.

    Args:
        data: plain data for JSON, without NaN and infinities.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)
