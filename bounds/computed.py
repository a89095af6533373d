"""Quantities that something else has computed: a theorem's words, asked of an object by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bounds.errors import ParameterError

__all__ = ["response_quantities", "terms_quantities"]


class _Terms(Protocol):
    """The terms of a bound on one generation."""

    def quantities(self) -> Mapping[str, Any]:
        """Their values, by word."""


class _Response(Protocol):
    """The response of a loop to the noise of its training sets."""

    def quantities(self, generation: int) -> Mapping[str, Any]:
        """The quantities that a theorem may ask for in one generation, by word."""


def terms_quantities(*, terms: _Terms) -> Mapping[str, Any]:
    """Return the words of a theorem on one generation.

    Args:
        terms: what :func:`empirics.diffusion.explicit.explicit_terms` returns for an experiment.

    Raises:
        ParameterError: another object.
    """
    _check("terms", terms)
    return terms.quantities()


def response_quantities(*, response: _Response, generation: Any = 1) -> Mapping[str, Any]:
    """Return the words of a prediction for one generation.

    Args:
        response: what :func:`empirics.diffusion.linearising.linear_response` returns.
        generation: the model, a single integer.

    Raises:
        ParameterError: another object, or a generation that it does not have.
    """
    _check("response", response)
    return response.quantities(int(generation))


def _check(word: str, value: Any) -> None:
    if not callable(getattr(value, "quantities", None)):
        raise ParameterError(f"{word} = {value!r}: must be an object with quantities()")
