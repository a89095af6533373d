"""Predictions for a diffusion loop from its linear response, without running it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from bounds import Bound
from bounds.errors import HypothesisError
from bounds.kde import Along
from empirics import Experiment, InputError
from empirics.diffusion.linearising import linear_response
from empirics.diffusion.response import LinearResponse
from verify.words import refuse_determined

__all__ = ["response_of", "response_values"]

_COMPUTED = ("n", "bias", "variance", "cell")


def response_values(bound: Bound, experiment: Experiment, params: dict[str, Any]) -> Along:
    """A prediction along the generations, with the numerical error of the mean laws.

    Raises:
        HypothesisError: there is no linear response, or second order matters in some generation.
        ParameterError: a quantity is given, which the experiment determines.
    """
    refuse_determined((*_COMPUTED, *bound.parameters), params)
    response = response_of(experiment)
    values = []
    for j in range(1, experiment.generations + 1):
        try:
            words = response.quantities(j)
        except InputError as unmet:
            raise HypothesisError(str(unmet)) from None
        values.append(bound.evaluate(**{word: words[word] for word in bound.parameters}))
    errors = np.array([model.error for model in response.models])
    return Along(np.array(values, dtype=float), errors)


@lru_cache(maxsize=64)
def response_of(experiment: Experiment) -> LinearResponse:
    """The linear response, computed once.

    Raises:
        HypothesisError: the loop has none.
    """
    try:
        return linear_response(experiment)
    except InputError as unmet:
        raise HypothesisError(str(unmet)) from None
