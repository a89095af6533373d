"""The recursion past operators along runs: one-step errors as recorded, constants as proved."""

from __future__ import annotations

from typing import Any

import numpy as np

from bounds import Bound
from bounds.errors import HypothesisError
from bounds.kde import Along
from bounds.propagation import mixture_biases, operator_influence
from empirics.errors import InputError
from empirics.passing import Terms, terms_of
from empirics.runs import Runs
from verify.recorded import one_step
from verify.words import refuse_determined

__all__ = ["operator_values", "passes_operators"]

_DETERMINED = ("operator_influence", "mixture_bias", "one_step_error")


def passes_operators(bound: Bound) -> bool:
    """Whether a bound weighs one-step errors by the constants of operators."""
    return "operator_influence" in bound.parameters


def operator_values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    """Values of every run; their error is what numerical errors add to them.

    Raises:
        HypothesisError: an operator has no certified constant, or no known bias.
        ParameterError: the runs did not record the distance to what each model learned.
    """
    refuse_determined(_DETERMINED, params)
    terms, (step, error) = _terms(runs), one_step(runs, bound)
    rows = operator_influence(runs.cycle, terms.constants, runs.generations)
    values, upper = (
        _chained(bound, runs, rows, measured, biases, params)
        for measured, biases in (
            (step, terms.biases),
            (step + error, np.minimum(terms.biases + terms.errors, 1.0)),
        )
    )
    return Along(values, upper - values)


def _terms(runs: Runs) -> Terms:
    if runs.experiment is None:
        known = None if runs.facts is None else runs.facts.operators
        if known is None and runs.facts is not None and runs.facts.between:
            raise HypothesisError(f"operator: no constant of {runs.facts.between} is known")
        plain = np.zeros(runs.generations)
        return Terms(plain + 1, plain, plain) if known is None else Terms(*known, plain)
    try:
        return terms_of(runs.experiment)
    except InputError as unmet:
        raise HypothesisError(f"operator: {unmet}") from None


def _chained(
    bound: Bound, runs: Runs, rows: Any, step: Any, biases: Any, params: dict[str, Any]
) -> Any:
    drift = np.minimum(mixture_biases(runs.cycle, biases, runs.generations), 1.0)
    values = [
        bound.evaluate(
            generation=j + 1,
            operator_influence=rows[j],
            mixture_bias=drift,
            one_step_error=step,
            **params,
        )
        for j in range(runs.generations)
    ]
    return np.stack([np.asarray(v) for v in values], axis=-1)
