"""Normal means whose samples pass operators: closed form, runs and simulated points agree.

False-alarm rate of a test for a fresh seed: about 1e-4 a generation; the seeds are fixed.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import stats

from bounds import cycles
from empirics import InputError, targets
from empirics.closed_form import Discrete, GaussianMean
from empirics.grid import Axis, Grid
from empirics.loop import PointDraws, generations
from empirics.operators import (
    Along,
    Composed,
    Exponential,
    KeepTop,
    Mixed,
    Noise,
    PerLetter,
    Rounding,
    Shrinking,
    Sigmoid,
    Tilt,
    Toward,
    of_normal,
)

Z = float(stats.norm.isf(1e-4 / 2))
STEPS = 4
TILT = Tilt(Exponential(Toward(0.4, 1.5)))
OPERATORS = {
    "noise": Noise(0.7),
    "shrinking": Shrinking(0.6, 0.3),
    "shrinking to the mean": Shrinking(0.5),
    "tilt": TILT,
    "composed": Composed((Noise(0.3), TILT, Shrinking(0.6, -0.4))),
    "one for each model": (None, TILT, Noise(0.5)),
}
CYCLES = {
    "full synthetic": cycles.full_synthetic(n=20),
    "fresh share": cycles.fresh_real(n=20, share=0.3),
    "accumulating": cycles.accumulating(n=20),
    "accumulating, reused": cycles.accumulating(n=20, data="reused"),
    "reused share": cycles.real_plus_synthetic(n=20, lam=1, data="reused"),
    "renewed share": cycles.fresh_real(n=20, share=0.3, data="renewed"),
}
EDGES = Axis(-14.0, 28 / 4096, 4096)


def agree(samples, expected):
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    return np.all(np.abs(samples.mean(axis=0) - expected) <= Z * error)


@pytest.mark.parametrize("between", OPERATORS.values(), ids=OPERATORS)
@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_runs_have_the_mean_distance_of_the_closed_form(cycle, between):
    loop = GaussianMean(cycle=cycle, generations=STEPS, replicates=20_000, seed=5, between=between)
    tv = loop.run().tv
    assert agree(tv, loop.mean_tv)
    plain = GaussianMean(cycle=cycle, generations=STEPS).mean_tv
    assert not agree(tv[:, 2:], plain[2:]), "an operator that is left out is noticed"


@dataclass(frozen=True)
class _Normal:
    mean: float

    def sample(self, size, generator):
        return self.mean + generator.standard_normal(size)


@dataclass
class Means:
    """Models ``N(mean of the points, 1)``, of points that are drawn and passed on one by one."""

    draws: PointDraws
    found: list[float] = field(default_factory=list)

    def learn(self, j, row, training):
        del j, row
        self.found.append(float(np.average(training.data.points, weights=training.data.weights)))
        self.draws.laws.append(_Normal(self.found[-1]))
        return self.found[-1]


@pytest.mark.parametrize(
    ("name", "cycle"),
    [
        ("noise", "full synthetic"),
        ("shrinking", "accumulating, reused"),
        ("tilt", "renewed share"),
        ("composed", "accumulating, reused"),
    ],
)
def test_points_that_pass_an_operator_have_the_closed_form_s_mean_distance(name, cycle):
    generator, runs = np.random.default_rng(6), 250
    means = []
    for _ in range(runs):
        draws = PointDraws(targets.normal(), generator, lambda k: OPERATORS[name])
        family = Means(draws)
        means.append(list(generations(CYCLES[cycle], 3, family.learn, draws)))
    tv = 2 * stats.norm.cdf(np.abs(means) / 2) - 1
    loop = GaussianMean(cycle=CYCLES[cycle], generations=3, between=OPERATORS[name])
    assert agree(tv, loop.mean_tv)


@pytest.mark.parametrize("name", ["noise", "shrinking", "tilt", "composed"])
def test_a_normal_law_s_image_is_what_the_grid_makes_of_it(name):
    """And its constant the one that the operator tells of the grid's law."""
    operator, grid = OPERATORS[name], Grid((EDGES,))
    law = np.diff(stats.norm.cdf(EDGES.edges, 0.25, 0.8))
    image = of_normal(operator, 0.25, 0.64)
    mean, deviation = image.slope * 0.25 + image.shift, np.sqrt(image.variance)
    expected = np.diff(stats.norm.cdf(EDGES.edges, mean, deviation))
    np.testing.assert_allclose(operator.act(law[None], grid)[0], expected, atol=1e-7)
    assert image.constant == pytest.approx(operator.constant(law, grid), rel=1e-5)


def test_distances_to_what_was_learned_are_those_of_points_on_a_grid():
    between = OPERATORS["composed"]
    loop = GaussianMean(
        cycle=cycles.balanced(n=6),
        generations=3,
        replicates=5,
        seed=2,
        one_step=True,
        between=between,
    )
    runs, means, image = loop.run(), loop._means(), of_normal(between, 0.0, 1.0)
    x = np.linspace(-15, 15, 300_001)
    for run in range(5):
        for j in (2, 3):
            passed = image.slope * means[run, 1:j] + image.shift
            laws = stats.norm.pdf(x[:, None], passed, np.sqrt(image.variance)).sum(axis=1)
            mixture = (stats.norm.pdf(x) + laws) / j
            gap = np.abs(stats.norm.pdf(x, means[run, j]) - mixture)
            exact = 0.5 * np.trapezoid(gap, x)
            assert abs(runs.one_step_tv[run, j - 1] - exact) <= runs.tv_error[run, j - 1] + 1e-7


class Own:
    def samples(self, points, generator):
        return points

    def __repr__(self):
        return "Own()"


@pytest.mark.parametrize(
    "operator",
    [
        Rounding(0.3),
        KeepTop(0.5, Along(1.0)),
        Tilt(Sigmoid(1.0)),
        Mixed(Noise(0.2), 0.5),
        Composed((Noise(0.2), Rounding(0.3))),
        Own(),
    ],
    ids=repr,
)
def test_what_takes_a_normal_law_to_another_kind_is_refused(operator):
    with pytest.raises(InputError, match="takes a normal law to one that is not normal") as refusal:
        GaussianMean(cycle=CYCLES["full synthetic"], generations=2, between=operator)
    assert "\n" not in str(refusal.value)


def test_a_bound_of_plain_letters_is_not_told_of_a_loop_with_operators():
    loop = Discrete(
        real=(0.5, 0.5),
        cycle=CYCLES["full synthetic"],
        generations=2,
        between=KeepTop(0.5, PerLetter((1.0, 0.0))),
    )
    with pytest.raises(InputError, match="bound on mean TV is one of plain samples"):
        _ = loop.mean_tv_bound
