"""Errors for a user's mistakes: one line each, naming argument, value and requirement."""

__all__ = ["HypothesisError", "ParameterError", "UnknownNameError", "UserError", "one_line"]


class UserError(ValueError):
    """A mistake in what was asked for; its text is one line fit for a terminal."""


class ParameterError(UserError):
    """A parameter is missing, unknown, not a number, or outside its range."""


class HypothesisError(UserError):
    """A theorem was applied where one of its hypotheses does not hold."""


class UnknownNameError(UserError, KeyError):
    """No catalogue entry has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


def one_line(text: str) -> str:
    """Return ``text`` fit for one line of a terminal: what is not printable is written escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
