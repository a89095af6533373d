"""Diffusion bounds against laws that are known in closed form, and simulated gradient flows."""

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.errors import ParameterError
from bounds.propagation import influence, propagate

LARGER_OF_TWO = 1.5936


def _value(name, **params):
    return bounds.get(name).evaluate(**params)


@pytest.mark.parametrize("shift", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("time", [0.1, 1.0, 5.0])
def test_a_constant_score_error(shift, time):
    """Stationary Ornstein-Uhlenbeck, score off by c: the sampler ends in N(2c (1 - e^-T), 1)."""
    mean = 2 * shift * -np.expm1(-time)
    risk = shift**2 * time
    assert mean**2 / 2 <= _value("diffusion-girsanov-kl", prior_kl=0, score_risk=risk)
    distance = _value("gaussian-shift", mean_shift=mean)
    assert distance <= _value("diffusion-girsanov", prior_kl=0, score_risk=risk)


@pytest.mark.parametrize("mean", [0.3, 2.0])
def test_the_prior_as_model_attains_the_kl_bound(mean):
    """Data N(m, 1), model score that of the prior N(0, 1): the model is the prior itself."""
    early, late = 0.1, 2.0
    prior = mean**2 / 2 * np.exp(-2 * late)
    risk = mean**2 / 2 * (np.exp(-2 * early) - np.exp(-2 * late))
    bound = _value("diffusion-girsanov-kl", prior_kl=prior, score_risk=risk)
    assert bound == pytest.approx(mean**2 / 2 * np.exp(-2 * early), rel=1e-13)


def test_tv_of_kl_holds_for_coins_and_switches_where_it_should():
    p = np.linspace(1e-6, 1 - 1e-6, 400)[:, None]
    q = p.T
    kl = np.maximum(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)), 0)
    bound = _value("diffusion-girsanov", prior_kl=0, score_risk=kl)
    assert (np.abs(p - q) <= bound + 1e-12).all()
    assert (bound < 1).all() or np.isclose(bound.max(), 1)
    below, above = 0.999 * LARGER_OF_TWO, 1.001 * LARGER_OF_TWO
    assert _value("diffusion-girsanov", prior_kl=0, score_risk=below) == np.sqrt(below / 2)
    assert _value("diffusion-girsanov", prior_kl=0, score_risk=above) < np.sqrt(above / 2)


def test_tv_of_a_tiny_kl_keeps_its_digits():
    assert _value("diffusion-girsanov", prior_kl=0, score_risk=1e-30) == pytest.approx(
        np.sqrt(0.5e-30), rel=1e-14
    )


def _flow(target, covariance, time):
    """Weights of the flow from zero on tr(T S T') - 2 tr(T C'): one eigendecomposition."""
    values, vectors = np.linalg.eigh(covariance)
    positive = np.maximum(values, 1e-300)
    gain = np.where(values > 1e-12, -np.expm1(-2 * values * time) / positive, 2 * time)
    return target @ vectors * gain @ vectors.T


class _Problem:
    """Linear regression: true weights, population and empirical second moments."""

    def __init__(self, seed, points=60, features=8, outputs=2):
        random = np.random.default_rng(seed)
        root = random.normal(size=(features, features)) / np.sqrt(features)
        self.S = root @ root.T
        self.T = random.normal(size=(outputs, features))
        x = random.multivariate_normal(np.zeros(features), self.S, size=points)
        y = x @ self.T.T + 0.5 * random.normal(size=(points, outputs))
        self.S_hat, self.C, self.C_hat = x.T @ x / points, self.T @ self.S, y.T @ x / points

    def population(self, time):
        return _flow(self.C, self.S, time)

    def empirical(self, time):
        return _flow(self.C_hat, self.S_hat, time)

    def risk(self, weights):
        off = weights - self.T
        return np.trace(off @ self.S @ off.T)

    def gap(self, time):
        steps = (self.population(s) for s in np.linspace(0, time, 400))
        residuals = (2 * (W @ (self.S_hat - self.S) - (self.C_hat - self.C)) for W in steps)
        return max(np.linalg.norm(r) for r in residuals)


def _root_norm(off, covariance):
    return np.sqrt(np.trace(off @ covariance @ off.T))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("time", [0.1, 1.0, 10.0, 100.0])
def test_gradient_flows_stay_within_their_bounds(seed, time):
    problem = _Problem(seed)
    population, empirical = problem.population(time), problem.empirical(time)
    off, gap = empirical - population, problem.gap(time)
    norm, risk = np.linalg.norm(problem.T), problem.risk(population)
    assert risk <= _value(
        "gradient-flow-risk-well-specified", training_time=time, comparator_norm=norm
    )
    for scale in (0.0, 0.5, 1.0):
        assert risk <= _value(
            "gradient-flow-risk",
            training_time=time,
            comparator_risk=problem.risk(scale * problem.T),
            comparator_norm=scale * norm,
        )
    words = {"training_time": time, "gradient_gap": gap}
    difference = np.linalg.norm(problem.S_hat - problem.S, 2)
    assert np.linalg.norm(off) <= _value("gradient-flow-drift", **words)
    assert _root_norm(off, problem.S_hat) <= _value("gradient-flow-drift-empirical", **words)
    drift = _value("gradient-flow-drift-population", covariance_gap=difference, **words)
    assert _root_norm(off, problem.S) <= drift
    total = _value(
        "diffusion-early-stopping",
        prior_kl=0,
        comparator_risk=0,
        comparator_norm=norm,
        covariance_gap=difference,
        **words,
    )
    assert np.sqrt(problem.risk(empirical) / 2) <= total


@pytest.mark.parametrize("name", ["empirical", "population"])
def test_drifts_of_one_feature_come_close_to_their_bounds(name):
    """Targets of one feature of variance v differ by M/2; at v t = 0.63 no drift is larger.

    (1 - e^{-2 v t}) / (2 sqrt(v t)) is 0.451 at most, and its bound e^{-1/2} = 0.607.
    """
    variance, time, gap = 0.7, 0.63 / 0.7, 0.3
    off = gap / 2 * -np.expm1(-2 * variance * time) / variance
    words = {"training_time": time, "gradient_gap": gap}
    words |= {"covariance_gap": 0.0} if name == "population" else {}
    share = np.sqrt(variance) * off / _value(f"gradient-flow-drift-{name}", **words)
    assert 0.74 < share < 0.75


def test_the_drift_of_a_flat_direction_attains_its_bound():
    gap, time, variance = 0.3, 5.0, 1e-12
    off = gap / 2 * -np.expm1(-2 * variance * time) / variance
    bound = _value("gradient-flow-drift", training_time=time, gradient_gap=gap)
    assert off == pytest.approx(bound, rel=1e-9)


def test_the_covariance_gap_joins_under_the_root():
    words = {"training_time": 3.0, "gradient_gap": 0.3}
    drift = _value("gradient-flow-drift-population", covariance_gap=0.2, **words)
    assert drift == pytest.approx(0.3 * np.sqrt(3.0 * (np.exp(-1) + 3.0 * 0.2)), rel=1e-14)


def test_the_well_specified_risk_is_attained():
    """One feature of variance v, trained for 1/(4v): the slowest direction for its time."""
    variance, weight, time = 0.7, 3.0, 1 / (4 * 0.7)
    risk = variance * (weight * np.exp(-2 * variance * time)) ** 2
    bound = _value("gradient-flow-risk-well-specified", training_time=time, comparator_norm=weight)
    # e^{-4 v t} v maximised at t = 1/(4 v)
    assert risk == pytest.approx(bound, rel=1e-13)


def test_balance_of_training_time_gives_the_quartic_rate():
    """M = c/sqrt(n), no covariance gap: the best sum of the two terms falls like n^(-1/4)."""
    times = np.logspace(-2, 6, 4001)
    least = [
        _value(
            "diffusion-early-stopping",
            prior_kl=0,
            comparator_risk=0,
            comparator_norm=1,
            gradient_gap=1 / np.sqrt(points),
            covariance_gap=0,
            training_time=times,
        ).min()
        for points in (1e4, 1e8)
    ]
    assert np.log(least[1] / least[0]) / np.log(1e4) == pytest.approx(-0.25, abs=1e-3)


def test_the_loop_is_the_recursion():
    cycle = cycles.fresh_real(n=100, share="1/3")
    kl, bias = np.array([0.01, 0.5, 3.0, 0.1]), np.array([0.01, 0.02, 0.03, 0.04])
    errors = bias + _value("diffusion-girsanov", prior_kl=0, score_risk=kl)
    value = _value(
        "diffusion-early-stopping-loop",
        generation=4,
        influence=influence(cycle, 4)[-1],
        smoothing_bias=bias,
        path_kl=kl,
    )
    assert value == pytest.approx(propagate(cycle, errors)[-1], rel=1e-13)


def test_the_rate_along_a_loop_is_the_recursion():
    words = {"dimension": 2, "training_time": 30, "neurons": 500, "prior_kl": 1e-4, "delta": 0.05}
    cycle = cycles.accumulating(n=1000)
    one = words | {"delta": 0.05 / 10}
    errors = _value("diffusion-rate", n=1000 * np.arange(1, 6), **one)
    loop = _value("diffusion-rate-loop", cycle=cycle, generation=5, horizon=10, **words)
    assert loop == pytest.approx(propagate(cycle, errors)[-1], rel=1e-13)


def test_generalisation_falls_like_the_fifth_of_n_squared_at_its_best_time():
    """Theory notes A3: tau = n^(2/5), m = n, KL ~ n^(-2/5), TV ~ n^(-1/5)."""
    points = np.array([1e10, 1e15])
    words = {"n": points, "neurons": points, "training_time": points**0.4}
    rest = {"comparator_risk": 0, "prior_kl": 0}
    kl = _value("diffusion-generalization", **words, **rest)
    tv = _value("diffusion-generalization-tv", **words, **rest)
    assert np.log(kl[1] / kl[0]) / np.log(1e5) == pytest.approx(-0.4, abs=1e-3)
    assert np.log(tv[1] / tv[0]) / np.log(1e5) == pytest.approx(-0.2, abs=1e-3)


def test_a_wrong_width_is_named():
    with pytest.raises(ParameterError, match=r"^neurons = 0"):
        _value(
            "diffusion-generalization",
            n=10,
            neurons=0,
            training_time=1,
            comparator_risk=0,
            prior_kl=0,
        )
