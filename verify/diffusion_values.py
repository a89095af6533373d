"""Bounds on diffusion loops, their terms computed: early-stopped training, and linear response."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from bounds import Bound
from bounds.errors import HypothesisError
from bounds.kde import Along
from empirics import Experiment, InputError
from empirics.diffusion.early_stopping import EarlyStopping, training_terms
from empirics.diffusion.explicit import Explicit, explicit_terms
from empirics.diffusion.linearising import linear_response
from empirics.diffusion.response import LinearResponse
from empirics.runs import Runs
from verify.facts import refuse_determined

__all__ = [
    "EARLY_STOPPING",
    "early_stopping_values",
    "explicit_value",
    "response_of",
    "response_values",
]

EARLY_STOPPING = "diffusion-early-stopping"
_COMPUTED = ("n", "bias", "variance", "cell")


def early_stopping_values(bound: Bound, runs: Runs) -> Along:
    """The bound on generation 1 of every run, from its own training set; NaN later on.

    The training sets are drawn again from the experiment's seed. Later generations learn mixtures
    that the runs do not keep.

    Raises:
        HypothesisError: the runs are not those of an experiment with a diffusion model of frozen
            features on the line.
    """
    values = np.full(runs.tv.shape, np.nan)
    values[:, 0] = np.concatenate([bound.evaluate(**t.words) for t in _terms(bound, runs)])
    return Along(values, np.zeros(values.shape))


def _terms(bound: Bound, runs: Runs) -> list[EarlyStopping]:
    experiment = runs.experiment
    if experiment is None or experiment.replicates != runs.replicates:
        raise HypothesisError(
            f"frozen features: {bound.title!r} needs all runs of an experiment, to draw their"
            " training sets again"
        )
    try:
        return training_terms(experiment)
    except InputError as unmet:
        raise HypothesisError(f"frozen features: {unmet}") from None


def explicit_value(bound: Bound, experiment: Experiment, params: dict[str, Any]) -> Along:
    """The bound on the mean of generation 1, numerical errors added; NaN later on.

    Raises:
        HypothesisError: the theorem does not speak of the experiment.
        ParameterError: a term is given, which the experiment determines.
    """
    refuse_determined(bound.parameters, params)
    values = np.full(experiment.generations, np.nan)
    values[0] = bound.evaluate(terms=_explicit(experiment))
    return Along(values, np.zeros(values.shape))


@lru_cache(maxsize=64)
def _explicit(experiment: Experiment) -> Explicit:
    try:
        return explicit_terms(experiment)
    except InputError as unmet:
        raise HypothesisError(f"computed terms: {unmet}") from None


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
