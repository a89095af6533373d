"""A bound's values along a run: computed from its experiment, or from what the run recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from bounds import Bound
from bounds.errors import HypothesisError, ParameterError, refuse_other
from bounds.hypotheses import LoopFacts
from bounds.kde import Along, Setting, kde_quantities, one_generation_quantities
from bounds.kde import along as along_setting
from bounds.statement import ONE_STEP_TV
from bounds.theorems._diffusion import response_quantities, terms_quantities
from empirics import Experiment
from empirics.diffusion.early_stopping import EarlyStopping, training_terms
from empirics.diffusion.explicit import Explicit, explicit_terms
from empirics.diffusion.response import LinearResponse, linear_response
from empirics.models import Kde
from empirics.runs import Runs
from verify.facts import (
    DETERMINED,
    facts_of,
    facts_of_experiment,
    refuse_contradictions,
    refuse_determined,
    words_of,
)
from verify.recorded import (
    column,
    evaluated,
    is_recorded,
    one_step,
    operator_values,
    quantity_of,
    recorded_values,
    unmet_where_refused,
)

__all__ = [
    "BOUND",
    "EARLY_STOPPING",
    "along",
    "bound_values",
    "compared",
    "kde_setting",
    "response_of",
]

BOUND = "a Bound, such as bounds.get('kde-clt')"
EARLY_STOPPING = "diffusion-early-stopping"
_COMPUTED = ("n", "bias", "variance", "cell")
_OF_SIZE = {"n", "size", "variance", "kernel_variance", "noise"}
"""Words whose value depends on how many points a model learns from."""
_OF_KDE = _OF_SIZE | {"bias", "smoothing_bias", "cell", "horizon", "influence"}
"""Words that are computed from a kernel density loop."""
_KNOWN: WeakKeyDictionary[Runs, dict[Any, Along]] = WeakKeyDictionary()
"""Values of bounds along runs, for as long as there are the runs."""


def bound_values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    """Values of shape ``(generations,)``, or ``(runs, generations)`` if runs differ.

    They are computed once for the same runs, whichever rows and controls ask for them.

    Raises:
        HypothesisError: the cycle or the model is not one that the theorem speaks of.
        ParameterError: a parameter is missing, such as the free constant, or contradicts the runs.
    """
    key = (bound, tuple(sorted(params.items())))
    try:
        known = _KNOWN.setdefault(runs, {}).get(key)
    except TypeError:  # a parameter that is an array
        return _values(bound, runs, params)
    if known is None:
        known = _KNOWN[runs][key] = _values(bound, runs, params)
    return known


def _values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    facts = facts_of(runs)
    refuse_determined(DETERMINED, params)
    bound.check_hypotheses(runs.cycle, facts)
    _refuse_infinite_size(bound, facts)
    words = words_of(bound, runs, facts)
    refuse_contradictions(words, params, runs)
    bound.check_hypotheses(runs.cycle, facts, words | params)
    if bound.quantities in (kde_quantities, one_generation_quantities):
        return _kde(bound, runs, params)
    if of_diffusion := _OF_DIFFUSION.get(bound.quantities):
        return of_diffusion(bound, _experiment_of(bound, runs), params)
    if "operator_influence" in bound.parameters:
        return operator_values(bound, runs, params)
    if is_recorded(bound):
        return recorded_values(bound, runs, params)
    if bound.name == EARLY_STOPPING:
        return _early_stopping_values(bound, runs)
    return _from_words(bound, runs, words, params)


def compared(bound: Bound, runs: Runs) -> Runs:
    """The runs with what the bound speaks of as their TV.

    Raises:
        HypothesisError: models learned a noised mixture, of which no distance is recorded.
        ParameterError: the runs did not record the distance to what each model learned, or another
            quantity that the bound speaks of.
    """
    if name := bound.quantity.column:
        value, error = quantity_of(name, runs, bound)
        return replace(runs, tv=np.clip(value, 0.0, 1.0), tv_error=error)
    if bound.quantity != ONE_STEP_TV:
        return runs
    if runs.smoothing is not None and np.any(runs.smoothing):
        raise HypothesisError(
            f"no early stop of the noising: {bound.title!r} speaks of the noised mixture; the runs"
            " recorded the distance to the mixture itself"
        )
    step, error = one_step(runs, bound)
    return replace(runs, tv=step, tv_error=error)


def _refuse_infinite_size(bound: Bound, facts: LoopFacts) -> None:
    """Refuse a bound of finite n for models that learned their mixtures themselves."""
    if facts.population and not _OF_SIZE.isdisjoint(bound.parameters):
        raise HypothesisError(
            f"finite n: {bound.title!r} speaks of n training points per generation; with"
            " sampling = 'population' there are infinitely many"
        )


def along(bound: Bound, experiment: Experiment, **params: Any) -> Along:
    """A bound along the generations of an experiment, which is not run.

    >>> import bounds, empirics, verify
    >>> from empirics.models import Kde
    >>> loop = empirics.Experiment(
    ...     target=empirics.targets.normal(),
    ...     model=Kde(),
    ...     cycle=bounds.cycles.full_synthetic(n=1000),
    ...     generations=2,
    ... )
    >>> verify.along(bounds.get("kde-sandwich"), loop).value.round(3)
    array([0.053, 0.081])

    Args:
        bound: one of the catalogue's KDE bounds, ``diffusion-clt``, ``diffusion-risk-prediction``,
            ``diffusion-explicit`` (of generation 1, NaN later on), or the user's own of their
            quantities.
        experiment: its model is a kernel density estimate in one or two dimensions, or a
            ``Diffusion`` on the line.
        **params: see :func:`bounds.kde.along`.

    Raises:
        HypothesisError: the model is another, or the theorem does not speak of the loop.
        ParameterError: see :func:`bounds.kde.along`.
    """
    refuse_other("bound", bound, Bound, BOUND)
    refuse_other("experiment", experiment, Experiment, "an Experiment")
    bound.check_hypotheses(experiment.cycle, facts_of_experiment(experiment))
    if of_diffusion := _OF_DIFFUSION.get(bound.quantities):
        return of_diffusion(bound, experiment, params)
    return along_setting(bound, kde_setting(experiment), **params)


def kde_setting(experiment: Experiment) -> Setting:
    """The loop of an experiment as the KDE theorems see it.

    Raises:
        HypothesisError: the model is not a kernel density estimate in one or two dimensions.
    """
    refuse_other("experiment", experiment, Experiment, "an Experiment")
    model, cycle, target = experiment.model, experiment.cycle, experiment.target
    if not (isinstance(model, Kde) and experiment.on_grid):
        raise HypothesisError(
            f"kernel density estimate: the bound is computed for a Kde model in one or two"
            f" dimensions, not for {type(model).__name__} in {target.dimension}"
        )
    widths = model.bandwidths(cycle, experiment.generations, target.dimension)
    return Setting(cycle, target, tuple(widths.tolist()), model.kernel)


def _experiment_of(bound: Bound, runs: Runs) -> Experiment:
    if runs.experiment is None:
        raise ParameterError(
            f"experiment: missing, needed by {bound.title!r} for the target and the model;"
            " give Runs(..., experiment=...)"
        )
    return runs.experiment


def _kde(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    setting = kde_setting(_experiment_of(bound, runs))
    refuse_determined(_OF_KDE, params)
    if bound.statistic.is_of_shares:
        noise = column(runs, "noise", bound)
        return along_setting(bound, setting, noise=noise, **params)
    return _computed(bound, setting, tuple(sorted(params.items())))


@lru_cache(maxsize=256)
def _computed(bound: Bound, setting: Setting, params: tuple[tuple[str, Any], ...]) -> Along:
    """Quadrature done once, whichever checks and controls ask for it."""
    return along_setting(bound, setting, **dict(params))


def _from_words(bound: Bound, runs: Runs, words: dict[str, Any], params: dict[str, Any]) -> Along:
    bound.refuse_free(params)
    if bound.statistic.is_of_shares and "delta" not in bound.parameters:
        params = {word: value for word, value in params.items() if word != "delta"}
    shaped = _shaped(bound, runs, evaluated(bound, runs, words | params))
    return Along(shaped, np.zeros(shaped.shape))


def _shaped(bound: Bound, runs: Runs, value: np.ndarray) -> np.ndarray:
    """One value per generation, or per run and generation."""
    shape = runs.tv.shape if value.ndim > 1 else runs.tv.shape[1:]
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        raise ParameterError(
            f"parameters of {bound.title!r}: give values of shape {value.shape}; must fit"
            f" {runs.replicates} runs x {runs.generations} generations"
        ) from None


def _early_stopping_values(bound: Bound, runs: Runs) -> Along:
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
    with unmet_where_refused("frozen features"):
        return training_terms(experiment)


def _explicit_value(bound: Bound, experiment: Experiment, params: dict[str, Any]) -> Along:
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
    with unmet_where_refused("computed terms"):
        return explicit_terms(experiment)


def _response_values(bound: Bound, experiment: Experiment, params: dict[str, Any]) -> Along:
    """A prediction along the generations, with the numerical error of the mean laws.

    Raises:
        HypothesisError: there is no linear response, or second order matters in some generation.
        ParameterError: a quantity is given, which the experiment determines.
    """
    refuse_determined((*_COMPUTED, *bound.parameters), params)
    response = response_of(experiment)
    with unmet_where_refused():
        known = [response.quantities(j) for j in range(1, experiment.generations + 1)]
    values = [bound.evaluate(**{w: words[w] for w in bound.parameters}) for words in known]
    errors = np.array([model.error for model in response.models])
    return Along(np.array(values, dtype=float), errors)


@lru_cache(maxsize=64)
def response_of(experiment: Experiment) -> LinearResponse:
    """The linear response, computed once.

    Raises:
        HypothesisError: the loop has none.
    """
    with unmet_where_refused():
        return linear_response(experiment)


_OF_DIFFUSION: dict[Any, Callable[[Bound, Experiment, dict[str, Any]], Along]] = {
    terms_quantities: _explicit_value,
    response_quantities: _response_values,
}
"""Functions that compute the words of bounds on diffusion loops from an experiment."""
