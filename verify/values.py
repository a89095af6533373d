"""A bound's values along a run: computed from its experiment, or from what the run recorded."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from bounds import Bound, Constants, Statistic
from bounds.errors import HypothesisError, ParameterError
from bounds.kde import Along, Setting, along, kde_quantities, one_generation_quantities
from bounds.propagation import influence
from empirics import Experiment, Result
from empirics.models import Kde

__all__ = ["bound_values", "kde_setting"]

_PER_RUN = (Statistic.EACH_GENERATION, Statistic.ALL_GENERATIONS)


def bound_values(bound: Bound, result: Result, params: dict[str, Any]) -> Along:
    """Values of shape ``(generations,)``, or ``(replicates, generations)`` if runs differ.

    Raises:
        HypothesisError: the cycle or the model is not one that the theorem speaks of.
        ParameterError: a parameter is missing, such as the free constant.
    """
    bound.check_hypotheses(result.experiment.cycle)
    if bound.quantities in (kde_quantities, one_generation_quantities):
        return _kde(bound, result, params)
    if "one_step_error" in bound.parameters:
        return _propagated(bound, result, params)
    return _from_words(bound, result.experiment, params)


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


def _kde(bound: Bound, result: Result, params: dict[str, Any]) -> Along:
    experiment = result.experiment
    recorded = {"noise": result.matrix("noise")} if bound.statistic in _PER_RUN else {}
    return along(bound, kde_setting(experiment), **recorded, **params)


def _propagated(bound: Bound, result: Result, params: dict[str, Any]) -> Along:
    """The recursion fed with every run's own measured one-step errors."""
    steps = result.experiment.generations
    rows = influence(result.experiment.cycle, steps)
    measured, numerical = result.matrix("one_step_tv"), result.matrix("one_step_error")

    def value(errors: np.ndarray, j: int) -> np.ndarray:
        given = {"influence": rows[j], "one_step_error": errors, "generation": j + 1}
        return np.asarray(bound.evaluate(**given, **params))

    values = np.stack([value(measured, j) for j in range(steps)], axis=-1)
    upper = np.stack([value(measured + numerical, j) for j in range(steps)], axis=-1)
    return Along(values, upper - values)


def _from_words(bound: Bound, experiment: Experiment, params: dict[str, Any]) -> Along:
    if bound.constants is Constants.FREE and "constant" not in params:
        raise ParameterError(
            f"constant: {bound.title!r} has a free constant; give constant=... (a constant fitted"
            " to the same runs proves nothing)"
        )
    cycle = experiment.cycle
    words = {f.name: getattr(cycle, f.name) for f in fields(cycle)}
    words["generation"] = np.arange(1, experiment.generations + 1)
    given = {w: v for w, v in words.items() if w in bound.parameters} | params
    value = np.broadcast_to(bound.evaluate(**given), experiment.generations)
    return Along(value, np.zeros(value.shape))
