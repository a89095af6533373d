"""The parts of a diffusion model are checked, and targets with jumps need noise to be learned."""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats

from empirics import InputError, targets
from empirics.diffusion.accuracy import LOOP, PlaneAccuracy, check_jumps, law_axis, node_axis
from empirics.diffusion.line_laws import line_grid
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.diffusion.training_time import FixedTime, PowerTime
from empirics.models import Diffusion, TrainedDiffusion
from empirics.protocols import as_points


@dataclass(frozen=True)
class Halves(targets.Univariate):
    """Half a normal of deviation one left of 0.3, and half of another one right of it."""

    scale: float
    support = ((-np.inf, np.inf),)

    def window(self, tail):
        reach = -stats.norm.ppf(tail)
        return ((0.3 - reach, 0.3 + reach * max(1.0, self.scale)),)

    def density(self, x):
        z = np.asarray(x) - 0.3
        return np.where(z < 0, stats.norm.pdf(z), stats.norm.pdf(z, scale=self.scale))

    def interval_mass(self, edges):
        z = edges - 0.3
        return np.diff(stats.norm.cdf(z / np.where(z < 0, 1.0, self.scale)))

    def sample(self, size, generator):
        z = generator.standard_normal(size)
        return 0.3 + z * np.where(z < 0, 1.0, self.scale)


def needed(target):
    """The earliest stop at which two training cells are noised away."""
    least = 2 * node_axis(law_axis(target, LOOP)).step
    return -0.5 * np.log1p(-(least**2))


def check(target, stop):
    check_jumps(target, law_axis(target, LOOP), OrnsteinUhlenbeck(stop=stop))


@pytest.mark.parametrize(
    ("target", "what"),
    [
        (Halves(0.6), "jumps, kinks, poles"),
        (Halves(0.99), "jumps, kinks, poles"),
        (targets.Frozen(stats.dgamma(0.6, scale=0.7)), "jumps, kinks, poles"),
        (targets.Frozen(stats.laplace(scale=0.7)), "jumps, kinks, poles"),
        (targets.Frozen(stats.norm(scale=0.02)), "too narrow features"),
        (targets.truncated_mixture([1.0], [0.0], [1.0], (-1.0, 1.0)), "bounded support"),
        (targets.Frozen(stats.expon(-1)), "bounded support"),
    ],
)
def test_jumps_need_noise_before_they_are_learned(target, what):
    stop = needed(target)
    for early in (0.0, 0.99 * stop):
        with pytest.raises(InputError, match=f"a target with .*{what}.*use stop >= {stop:.2g}"):
            check(target, early)
    check(target, 1.01 * stop)


@pytest.mark.parametrize(
    "target",
    [
        targets.gaussian_mixture([0.5, 0.5], [-1.0, 1.0], [0.2, 0.4]),
        targets.Frozen(stats.t(30)),
        Halves(1.0),
    ],
)
def test_targets_without_jumps_are_learned_as_they_are(target):
    check(target, 0.0)


def test_the_risk_at_a_jump_is_right_once_it_is_noised():
    """The score of the prior, on cells half as wide and at other times."""
    target = Halves(0.6)
    process = OrnsteinUhlenbeck(stop=1.01 * needed(target))
    risks = []
    for accuracy in (LOOP, replace(LOOP, step=LOOP.step / 2, risk_times=48)):
        grid = line_grid(target, process, accuracy)
        scores = grid.scores(lambda x, t: -x[None])
        risks.append(grid.score_risk(scores, target.interval_mass(grid.axis.edges)[None]))
    (coarse, error), (fine, rest) = np.reshape(risks, (2, 2))
    assert abs(coarse - fine) <= error + rest
    assert error < 0.01 * coarse


def remade(part, **arguments):
    """With other arguments, past the types that tests check at every call."""
    part = copy(part)
    for name, value in arguments.items():
        object.__setattr__(part, name, value)
    part.__post_init__()
    return part


@pytest.mark.parametrize("model", [Diffusion(), TrainedDiffusion()])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": True}, "width = True: must be an integer >= 1"),
        ({"width": 2.0}, r"width = 2\.0"),
        ({"seed": -1}, "seed = -1: must be an integer >= 0"),
        ({"seed": 0.5}, r"seed = 0\.5"),
        ({"preset": ["tanh"]}, r"preset = \['tanh'\]: must be one of"),
        ({"sampler": None}, "sampler = None: must be one of"),
        ({"process": 8.0}, r"process = 8\.0: must be an OrnsteinUhlenbeck"),
        ({"accuracy": "report"}, "accuracy = 'report': must be an Accuracy"),
    ],
)
def test_mistaken_arguments_are_named(model, arguments, message):
    with pytest.raises(InputError, match=message):
        remade(model, **arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(LOOP, step=0.0), r"step = 0\.0: must be a number > 0"),
        (lambda: replace(LOOP, steps=63), "steps = 63: must be a multiple of 2"),
        (lambda: replace(LOOP, steps=0), "steps = 0: must be an integer >= 2"),
        (lambda: replace(LOOP, ode_steps=5), "ode_steps = 5: must be a multiple of 2"),
        (lambda: replace(LOOP, risk_times=30), "risk_times = 30: must be a multiple of 4"),
        (lambda: replace(LOOP, training_times=0), "training_times = 0"),
        (lambda: replace(LOOP, compression=-1e-9), "compression = -1e-09"),
        (lambda: remade(LOOP, plane=None), "plane = None: must be a PlaneAccuracy"),
        (lambda: PlaneAccuracy(16, 48, 16, 20, 24, 3.5), "cells = 16: must be an integer >= 32"),
        (lambda: PlaneAccuracy(384, 46, 16, 20, 24, 3.5), "steps = 46: must be a multiple of 4"),
        (lambda: PlaneAccuracy(384, 48, 16, 20, 22, 3.5), "risk_times = 22"),
        (lambda: PlaneAccuracy(384, 48, 16, 20, 24, 0.0), "per_bend"),
        (
            lambda: remade(OrnsteinUhlenbeck(), horizon="late"),
            "horizon = 'late': must be a number > 0",
        ),
        (lambda: remade(OrnsteinUhlenbeck(), stop=None), "stop = None"),
        (lambda: remade(OrnsteinUhlenbeck(), grading=10**400), "grading = 1000"),
        (lambda: remade(PowerTime(1.0), constant="one"), "constant = 'one'"),
        (lambda: remade(PowerTime(1.0), exponent="half"), "exponent = 'half': must be a number"),
        (lambda: PowerTime(1.0, np.inf), "exponent = inf"),
    ],
)
def test_mistaken_parts_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


class _Models:
    size, batch = 1000, 3


def test_times_are_powers_of_the_size_and_finite():
    np.testing.assert_allclose(PowerTime(2.0, 0.5).choose(_Models()), 2 * np.sqrt([1000.0] * 3))
    np.testing.assert_array_equal(FixedTime(7).choose(_Models()), [7.0] * 3)
    for exponent in (1000.0, 103.0):
        with pytest.raises(InputError, match=r"training_time = 1e\+10 \* n\^.*: is not finite"):
            PowerTime(1e10, exponent).choose(_Models())


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (["a"], "must be an array of numbers"),
        (None, "must be an array of numbers, not objects"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.zeros((5, 0)), r"shape \(5, 0\)"),
        (np.ma.masked_less([-1.0, 1.0], 0), "1 values are masked"),
    ],
)
def test_points_that_are_none_are_named(samples, message):
    with pytest.raises(InputError, match=message):
        as_points(samples)


def test_columns_are_points_of_the_line():
    assert as_points([[1], [2]]).tolist() == [1.0, 2.0]
    assert as_points(np.ma.masked_less([1.0, 2.0], 0)).tolist() == [1.0, 2.0]
    assert as_points(np.zeros((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("model", [Diffusion(width=8), TrainedDiffusion(width=8, steps=1)])
@pytest.mark.parametrize("samples", [np.zeros(0), np.array([0.0, np.nan])])
def test_points_that_cannot_be_trained_on_are_named(model, samples):
    with pytest.raises(InputError, match="must be finite numbers, at least one"):
        model.fit(samples, np.random.default_rng(0))
