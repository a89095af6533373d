"""Errors for a user's mistakes: one line each, naming argument, value and requirement."""

__all__ = ["HypothesisError", "ParameterError", "UnknownNameError", "UserError"]


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
