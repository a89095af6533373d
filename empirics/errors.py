"""The error for a user's mistake: one line naming argument, value and requirement."""

__all__ = ["InputError"]


class InputError(ValueError):
    """A mistake in what was asked for; its text is one line fit for a terminal."""
