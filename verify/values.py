"""A bound's values along a run: computed from its experiment, or from what the run recorded."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bounds import Bound, Constants, Statistic
from bounds.cycles import DataCycle
from bounds.errors import HypothesisError, ParameterError
from bounds.kde import Along, Setting, along, kde_quantities, one_generation_quantities
from bounds.source import ONE_STEP_TV
from empirics import Experiment
from empirics.models import Kde
from empirics.runs import Runs
from verify.early_stopping import EARLY_STOPPING, early_stopping_values
from verify.recorded import column, is_recorded, one_step, recorded_values

__all__ = ["bound_values", "compared", "kde_setting"]

_PER_RUN = (Statistic.EACH_GENERATION, Statistic.ALL_GENERATIONS)


def bound_values(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    """Values of shape ``(generations,)``, or ``(runs, generations)`` if runs differ.

    Raises:
        HypothesisError: the cycle or the model is not one that the theorem speaks of.
        ParameterError: a parameter is missing, such as the free constant, or contradicts the runs.
    """
    bound.check_hypotheses(runs.cycle)
    _refuse_contradictions(runs.cycle, params)
    if bound.quantities in (kde_quantities, one_generation_quantities):
        return _kde(bound, runs, params)
    if is_recorded(bound):
        return recorded_values(bound, runs, params)
    if bound.name == EARLY_STOPPING:
        return early_stopping_values(bound, runs)
    return _from_words(bound, runs, params)


def compared(bound: Bound, runs: Runs) -> Runs:
    """The runs with the distance that the bound speaks of as their TV.

    Raises:
        HypothesisError: models learned a noised mixture, of which no distance is recorded.
        ParameterError: the runs did not record the distance to what each model learned.
    """
    if bound.quantity != ONE_STEP_TV:
        return runs
    if runs.smoothing is not None and np.any(runs.smoothing):
        raise HypothesisError(
            f"no early stop of the noising: {bound.title!r} speaks of the noised mixture; the runs"
            " recorded the distance to the mixture itself"
        )
    step, error = one_step(runs, bound)
    return replace(runs, tv=step, tv_error=error)


def _refuse_contradictions(cycle: DataCycle, params: dict[str, Any]) -> None:
    for word in {f.name for f in fields(cycle)} & params.keys():
        if params[word] != getattr(cycle, word):
            raise ParameterError(f"{word} = {params[word]}: the runs were made with {cycle!r}")


def kde_setting(experiment: Experiment) -> Setting:
    """The loop of an experiment as the KDE theorems see it.

    Raises:
        HypothesisError: the model is not a kernel density estimate in one or two dimensions.
    """
    model, cycle, target = experiment.model, experiment.cycle, experiment.target
    if not (isinstance(model, Kde) and experiment.on_grid):
        raise HypothesisError(
            f"kernel density estimate: the bound is computed for a Kde model in one or two"
            f" dimensions, not for {type(model).__name__} in {target.dimension}"
        )
    widths = model.bandwidths(cycle, experiment.generations, target.dimension)
    return Setting(cycle, target, tuple(widths.tolist()), model.kernel)


def _kde(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    if runs.experiment is None:
        raise ParameterError(
            f"experiment: missing, needed by {bound.title!r} for the target and the bandwidths;"
            " give Runs(..., experiment=...)"
        )
    setting = kde_setting(runs.experiment)
    if bound.statistic in _PER_RUN:
        noise = column(runs, "noise", bound)
        return along(bound, setting, noise=noise, **params)
    return _computed(bound, setting, tuple(sorted(params.items())))


@lru_cache(maxsize=256)
def _computed(bound: Bound, setting: Setting, params: tuple[tuple[str, Any], ...]) -> Along:
    """Quadrature done once, whichever checks and controls ask for it."""
    return along(bound, setting, **dict(params))


def _from_words(bound: Bound, runs: Runs, params: dict[str, Any]) -> Along:
    if bound.constants is Constants.FREE and "constant" not in params:
        raise ParameterError(
            f"constant: {bound.title!r} has a free constant; give constant=... (a constant fitted"
            " to the same runs proves nothing)"
        )
    cycle = runs.cycle
    words = {f.name: getattr(cycle, f.name) for f in fields(cycle)}
    words["generation"] = np.arange(1, runs.generations + 1)
    if bound.statistic in _PER_RUN and "delta" not in bound.parameters:
        params = {word: value for word, value in params.items() if word != "delta"}
    given = {w: v for w, v in words.items() if w in bound.parameters} | params
    value = np.broadcast_to(bound.evaluate(**given), runs.generations)
    return Along(value, np.zeros(value.shape))
