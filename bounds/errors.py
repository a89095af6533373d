"""Errors for a user's mistakes: one line each, naming argument, value and requirement."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

__all__ = [
    "HypothesisError",
    "ParameterError",
    "UnknownNameError",
    "UserError",
    "did_you_mean",
    "no_such",
    "refuse_other",
    "shortened",
]

_SHOWN = 60
_LONGEST = 1000
"""Characters of a message: those of one that lists all parameters are fewer."""
_NAMED = 3
"""Names that are offered in the place of an unknown one."""


class UserError(ValueError):
    """A mistake in what was asked for; its text is one line fit for a terminal.

    Line ends become spaces, and of a text that is too long the middle is left out.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_line(arg) if isinstance(arg, str) else arg for arg in args))


class ParameterError(UserError):
    """A parameter is missing, unknown, not a number, or outside its range."""


class HypothesisError(UserError):
    """A theorem was applied where one of its hypotheses does not hold."""


class UnknownNameError(UserError, KeyError):
    """No catalogue entry has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


def refuse_other(name: str, value: Any, kind: type, must: str) -> None:
    """Refuse a value of another kind.

    Raises:
        ParameterError: it is one; the message says what it ``must`` be.
    """
    if not isinstance(value, kind):
        raise ParameterError(f"{name} = {value!r}: must be {must}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to ``word``, or nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def no_such(kind: str, name: str, known: Iterable[str], listed: str) -> str:
    """Return the message for an unknown name: the closest known ones and the command for all.

    >>> no_such("bound", "fresh-rael", ["fresh-real", "balanced"], "python -m bounds list")
    "no bound is called 'fresh-rael'; did you mean 'fresh-real'? python -m bounds list names all 2"
    """
    every = list(known)
    if not isinstance(name, str):
        return f"no {kind} is called {shortened(name)}: a name is a text"
    close = get_close_matches(name, every, n=_NAMED)
    close += [k for k in every if name and name.lower() in k.lower() and k not in close]
    offered = " or ".join(repr(k) for k in close[:_NAMED])
    question = f"; did you mean {offered}?" if close else ";"
    return f"no {kind} is called {shortened(name)}{question} {listed} names all {len(every)}"


def shortened(value: Any) -> str:
    """Return ``repr(value)`` in printable characters, its middle left out where it is long."""
    text = value if isinstance(value, str) and len(value) <= _SHOWN else _cut(value)
    return repr(text) if isinstance(value, str) else text


def _line(text: str) -> str:
    line = " ".join(map(str.strip, text.splitlines())) if "\n" in text else text
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} ... {line[-half:]}"


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else " ".join(repr(value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 4 :]}"
