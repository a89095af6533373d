"""Bounds fed with what every run recorded: one-step errors, smoothing, divergence of the path.

The recursion past operators is one of them: one-step errors as recorded, constants as proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds import Bound
from bounds.errors import HypothesisError, ParameterError
from bounds.kde import Along
from bounds.notation import NOTATION
from bounds.propagation import influence, mixture_biases, operator_influence
from empirics.errors import InputError
from empirics.passing import Terms, terms_of
from empirics.runs import Runs
from verify.facts import refuse_determined

__all__ = [
    "column",
    "evaluated",
    "is_recorded",
    "one_step",
    "operator_values",
    "quantity_of",
    "recorded_values",
    "unmet_where_refused",
]

Array = np.ndarray
_Pair = tuple[Float[Array, "runs generations"], Float[Array, "runs generations"]]
_MOST_KL = 1e6
"""More than tells anything of TV."""
_CYCLE = {"generation", "influence"}
_DETERMINED = ("operator_influence", "mixture_bias", "one_step_error")


@contextmanager
def unmet_where_refused(hypothesis: str = "") -> Iterator[None]:
    """Raise as an unmet hypothesis what an experiment is refused for.

    Raises:
        HypothesisError: in place of an ``InputError``, whose words it repeats.
    """
    try:
        yield
    except InputError as refused:
        prefix = f"{hypothesis}: " if hypothesis else ""
        raise HypothesisError(f"{prefix}{refused}") from None


def column(runs: Runs, name: str, bound: Bound) -> Float[Array, "runs generations"]:
    """The values that the runs recorded under this name.

    Raises:
        ParameterError: they did not.
    """
    values = getattr(runs, name)
    if values is None:
        raise ParameterError(f"{name}: missing from the runs, needed by {bound.title!r}")
    return np.asarray(values)


def one_step(runs: Runs, bound: Bound) -> _Pair:
    """TV of every model to what it learned, and its numerical error."""
    error = runs.tv_error if runs.one_step_error is None else runs.one_step_error
    return column(runs, "one_step_tv", bound), np.asarray(error)


def quantity_of(name: str, runs: Runs, bound: Bound) -> _Pair:
    """A quantity of the laws that was recorded on request, and the bound on its error.

    Raises:
        ParameterError: it was not.
    """
    if name not in runs.recorded:
        raise ParameterError(
            f"{name}: missing from the runs, needed by {bound.title!r}; ask for it by"
            f" record=[{name.replace('_', '-')!r}]"
        )
    return np.asarray(runs.recorded[name]), np.asarray(runs.recorded[f"{name}_error"])


def _tv(runs: Runs, bound: Bound) -> _Pair:
    del bound
    return runs.tv, np.asarray(runs.tv_error)


def _path(runs: Runs, bound: Bound) -> _Pair:
    risk, error = _of_path("score_risk", runs, bound)
    return _of_path("kl_prior", runs, bound)[0] + risk, error


def _real_kl(runs: Runs, bound: Bound) -> _Pair:
    values, error = quantity_of("kl_from_real", runs, bound)
    return np.minimum(values, _MOST_KL), np.minimum(error, _MOST_KL)


def _of_path(name: str, runs: Runs, bound: Bound) -> _Pair:
    """A term of Girsanov's bound; the records of the probability-flow ODE have none.

    Raises:
        HypothesisError: there is none.
    """
    values = getattr(runs, name)
    if values is None:
        raise HypothesisError(
            f"SDE sampler: {bound.title!r} speaks of the reverse SDE of a diffusion model; these"
            f" runs recorded no {name}"
        )
    return values, np.broadcast_to(getattr(runs, f"{name}_error", 0.0), values.shape)


_WORDS: dict[str, Callable[[Runs, Bound], _Pair]] = {
    "one_step_error": one_step,
    "smoothing_bias": partial(_of_path, "smoothing"),
    "prior_kl": partial(_of_path, "kl_prior"),
    "score_risk": partial(_of_path, "score_risk"),
    "path_kl": _path,
    "stopping_bias": partial(_of_path, "smoothing"),
    "real_prior_kl": partial(_of_path, "kl_prior_real"),
    "real_kl": _real_kl,
    "real_score_risk": partial(_of_path, "score_risk_real"),
    "total_variation": _tv,
    "scarce_mass": partial(quantity_of, "hallucinated_real"),
}
"""The column of the runs for each word of a bound, and that of its numerical error."""


def is_recorded(bound: Bound) -> bool:
    """Whether the runs and their cycle alone determine the bound."""
    words = set(bound.parameters)
    return bool(words & _WORDS.keys()) and words <= _WORDS.keys() | _CYCLE


def recorded_values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    """Values of every run; their error is what numerical errors add to them.

    Raises:
        HypothesisError: the runs are not of a model that the theorem speaks of.
        ParameterError: the runs did not record what is needed.
    """
    refuse_determined(_WORDS, params)
    pairs = {w: _WORDS[w](runs, bound) for w in bound.parameters if w in _WORDS}
    measured = {word: value for word, (value, _) in pairs.items()}
    enlarged = {word: value + error for word, (value, error) in pairs.items()}
    values, upper = (evaluated(bound, runs, words | params) for words in (measured, enlarged))
    return Along(values, upper - values)


def evaluated(bound: Bound, runs: Runs, words: dict[str, Any]) -> Array:
    """The bound's values; where it has influences, sums over the models that reach a generation."""
    if "influence" not in bound.parameters:
        return np.asarray(bound.evaluate(**words))
    return _summed(bound, words, "influence", influence(runs.cycle, runs.generations))


def _summed(bound: Bound, words: dict[str, Any], weight: str, rows: Array) -> Array:
    """Values of every generation, whose own row of ``rows`` stands for the word ``weight``."""
    values = [
        bound.evaluate(**_at(j, words) | {weight: row, "generation": j + 1})
        for j, row in enumerate(rows)
    ]
    return np.stack([np.asarray(v) for v in values], axis=-1)


def _at(j: int, words: dict[str, Any]) -> dict[str, Any]:
    """Sequences as they are, of everything else what generation ``j + 1`` recorded."""
    each = {w for w, value in words.items() if np.ndim(value) == 2 and not _is_sequence(w)}
    return {word: value[:, j] if word in each else value for word, value in words.items()}


def _is_sequence(word: str) -> bool:
    return word in NOTATION and NOTATION[word].is_sequence


def operator_values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    """Values of every run; their error is what numerical errors add to them.

    Raises:
        HypothesisError: an operator has no certified constant, or no known bias.
        ParameterError: the runs did not record the distance to what each model learned.
    """
    refuse_determined(_DETERMINED, params)
    terms, (step, error) = _terms(runs), one_step(runs, bound)
    rows = operator_influence(runs.cycle, terms.constants, runs.generations)

    def weighed(steps: Array, biases: Array) -> Array:
        drift = np.minimum(mixture_biases(runs.cycle, biases, runs.generations), 1.0)
        words = {**params, "mixture_bias": drift, "one_step_error": steps}
        return _summed(bound, words, "operator_influence", rows)

    values = weighed(step, terms.biases)
    upper = weighed(step + error, np.minimum(terms.biases + terms.errors, 1.0))
    return Along(values, upper - values)


def _terms(runs: Runs) -> Terms:
    if runs.experiment is None:
        known = None if runs.facts is None else runs.facts.operators
        if known is None and runs.facts is not None and runs.facts.between:
            raise HypothesisError(f"operator: no constant of {runs.facts.between} is known")
        plain = np.zeros(runs.generations)
        return Terms(plain + 1, plain, plain) if known is None else Terms(*known, plain)
    with unmet_where_refused("operator"):
        return terms_of(runs.experiment)
