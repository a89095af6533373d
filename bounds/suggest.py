"""What an error message says of a user's input: the closest known word, the input cut short."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

__all__ = ["did_you_mean", "shortened"]

_SHOWN = 60


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to ``word``, or nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def shortened(value: Any) -> str:
    """Return ``repr(value)`` in printable characters, its middle left out where it is long."""
    text = value if isinstance(value, str) and len(value) <= _SHOWN else _cut(value)
    return repr(text) if isinstance(value, str) else text


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 4 :]}"
