"""Shared parts of the diffusion figures: targets, looks, and a loop."""

from __future__ import annotations

import numpy as np
import polars as pl

import bounds
from bounds.cycles import DataCycle
from bounds.errors import HypothesisError
from drawing.style import Look
from empirics import Experiment, Result, targets
from empirics.means import mean_with_limits
from empirics.models import Diffusion
from empirics.runs import Runs
from empirics.targets import Target
from paper_figures.spec import tidy
from verify import along
from verify.recorded import recorded_values
from verify.settings import STANDARD, diffusion
from verify.values import response_of

__all__ = [
    "LOOKS",
    "TWO",
    "at_sizes",
    "known_beforehand",
    "loop",
    "order",
    "predicted",
    "recorded",
]

TWO = targets.GaussianMixture((0.5, 0.5), (-0.9, 0.9), (0.4359, 0.4359))
"""Two modes, mean zero, variance one."""

LOOKS = {
    "measured": Look("measured mean TV, 95 % interval", "#000000", "", "o"),
    "recursion": Look("recursion, measured one-step errors", "#D55E00", "--"),
    "girsanov": Look("Girsanov bound along the cycle", "#0072B2"),
    "direct": Look("Girsanov straight to the real law", "#009E73"),
    "sharpest": Look("from the exact KL (path identity)", "#56B4E9"),
    "one step": Look("one step: bound from KL (Girsanov)", "#0072B2"),
    "early stopping": Look("early-stopping bound, for the rate", "#CC79A7", "-."),
    "explicit": Look("explicit bound, known beforehand", "#E69F00", "--", "D"),
    "clt": Look("linear response, a prediction", "#000000", ":"),
    "risk": Look("direct bound of the predicted risk", "#009E73", ":"),
    "sde": Look("reverse SDE", "#0072B2", "-", "o"),
    "ode": Look("probability-flow ODE", "#E69F00", "--", "s"),
}


def loop(
    cycle: DataCycle,
    model: Diffusion,
    replicates: int,
    generations: int = 1,
    target: Target = STANDARD,
    sampling: str | None = None,
) -> Experiment:
    """A loop of diffusion models, of one generation if nothing else is said."""
    return diffusion(model, cycle, generations, replicates, target, sampling)


def recorded(result: Result, bound: str) -> np.ndarray:
    """The mean over runs of a bound on every run, by what they recorded, its error counted."""
    found = recorded_values(bounds.get(bound), Runs.of(result), {})
    return np.asarray(np.minimum(found.value + found.error, 1.0).mean(axis=0))


def known_beforehand(experiment: Experiment) -> float:
    """The explicit bound on generation 1; not a number where there is none."""
    try:
        return min(float(along(bounds.get("diffusion-explicit"), experiment).value[0]), 1.0)
    except HypothesisError:
        return np.nan


def predicted(panel: str, series: str, bound: str, experiment: Experiment) -> pl.DataFrame:
    """A prediction by linear response, for the generations for which there is one."""
    response = response_of(experiment)
    x = np.arange(1, response.trusted + 1)
    values = [bounds.get(bound).evaluate(response=response, generation=int(j)) for j in x]
    return tidy(panel, series, x, values)


def at_sizes(panel: str, series: str, x: float, result: Result, column: str) -> pl.DataFrame:
    """Mean of a column in the last generation as one point of a curve."""
    mean, low, high = mean_with_limits(result.matrix(column)[:, -1])
    return tidy(panel, series, [x], [mean], [low], [high])


def order(frame: pl.DataFrame, x: str = "x") -> float:
    """Slope of a curve in logarithms."""
    return float(np.polyfit(np.log(frame[x]), np.log(frame["y"]), 1)[0])


def power(n: int) -> str:
    """A size in a formula: a power of ten where it is one."""
    exponent = round(np.log10(n))
    return f"10^{{{exponent}}}" if n == 10**exponent and exponent > 2 else f"{n}"
