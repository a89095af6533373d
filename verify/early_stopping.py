"""The explicit early-stopping bound along the runs of a diffusion loop."""

from __future__ import annotations

import numpy as np

from bounds import Bound
from bounds.errors import HypothesisError
from bounds.kde import Along
from empirics import InputError
from empirics.diffusion.early_stopping import EarlyStopping, training_terms
from empirics.runs import Runs

__all__ = ["EARLY_STOPPING", "early_stopping_values"]

EARLY_STOPPING = "diffusion-early-stopping"


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
