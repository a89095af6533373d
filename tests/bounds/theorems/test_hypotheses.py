"""Hypotheses without which a statement is false, refused by name."""

from fractions import Fraction

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.audit.sampling import sample
from bounds.errors import HypothesisError, ParameterError
from bounds.statement import Side

RATIOS = ("phase-transition", "phase-transition-real-start", "gaussian-mean-fresh")


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize(("n", "lam"), [(10, 0.04), (1, 0.49), (10, Fraction(1, 3))])
def test_sizes_that_a_loop_rounds_are_refused(name, n, lam):
    start = name != "phase-transition"
    cycle = cycles.real_plus_synthetic(n=n, lam=lam, real_start=start)
    with pytest.raises(HypothesisError, match=r"^whole sizes: "):
        bounds.get(name).check_hypotheses(cycle)


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize(("n", "lam"), [(10, 0.1), (30, 0.1), (3, Fraction(1, 3)), (7, 0)])
def test_whole_sizes_are_accepted(name, n, lam):
    start = name != "phase-transition"
    bounds.get(name).check_hypotheses(cycles.real_plus_synthetic(n=n, lam=lam, real_start=start))


def _growing(sizes):
    return cycles.custom(rows=[[0] * k + [1] for k in range(len(sizes))], n=sizes)


@pytest.mark.parametrize(
    "sizes",
    [[100, 400, 900, 1600], [10, 10, 10], [7], [100, 50], [100, 150, 190], [1, 3, 9, 27]],
)
def test_sizes_grow_as_a_power_of_the_generation(sizes):
    bound, steps = bounds.get("full-synthetic-growing"), len(sizes)
    fits = sizes in ([100, 400, 900, 1600], [10, 10, 10], [7], [100, 150, 190])
    if not fits:
        with pytest.raises(HypothesisError, match=r"^growing sizes: "):
            bound.check_hypotheses(_growing(sizes))
        return
    bound.check_hypotheses(_growing(sizes))
    growth = min((np.log(m / sizes[0]) / np.log(k) for k, m in enumerate(sizes[1:], 2)), default=0)
    added = sum(m**-0.25 for m in sizes)
    value = bound.evaluate(n=sizes[0], generation=steps, growth=growth, constant=1)
    assert added <= value * (1 + 1e-12)


def test_the_bias_at_the_real_law_takes_no_generation():
    bound = bounds.get("kde-bias-exact")
    with pytest.raises(ParameterError, match=r"^generation: unknown"):
        bound.evaluate(bandwidth=0.3, generation=5)
    first = bounds.get("kde-sandwich-lower").evaluate(bandwidth=0.3, n=10, generation=1)
    assert bound.evaluate(bandwidth=0.3) == first


def _logistic(logit):
    return 1 / (1 + np.exp(-logit))


def _bernoulli_distances(best, first, lam, generations):
    """Distances of retrained Bernoulli laws to the best one, in their logit; no sampling error."""
    logit = first
    for _ in range(generations):
        mean = (_logistic(best) + lam * _logistic(logit)) / (1 + lam)
        logit = np.log(mean / (1 - mean))
        yield abs(logit - best)


def test_contraction_is_no_bound_from_afar():
    """Bernoulli laws in their logit: from afar the distance shrinks less than the factor says."""
    lam, bound = 0.4, bounds.get("bertrand-contraction")
    words = {"lam": lam, "curvature": 0.25, "hessian_lipschitz": 0, "model_distance": 0}
    steps = np.arange(1, 4)
    claimed = bound.evaluate(generation=steps, initial_error=10, **words)
    true = list(_bernoulli_distances(10.0, 0.0, lam, 3))
    np.testing.assert_allclose(claimed, [6.67, 4.44, 2.96], atol=0.005)
    np.testing.assert_allclose(true, [8.21, 6.84, 5.56], atol=0.005)
    near = list(_bernoulli_distances(0.0, 1e-4, lam, 3))
    assert (near < bound.evaluate(generation=steps, initial_error=1e-4, **words)).all()
    assert bound.side is Side.PREDICTION
    assert "near the best parameter" in _names("bertrand-contraction")


def _names(name):
    return {hypothesis.name for hypothesis in bounds.get(name).hypotheses}


def test_rates_of_one_estimate_say_what_they_need():
    for order in ("second-order", "smooth", "first-order"):
        needed = {"integrable root", "smoothness", "best bandwidth"}
        assert _names(f"kde-rate-{order}") >= needed
    for name in ("kde-best-error", "kde-best-error-smooth", "sample-size-kde"):
        assert "best bandwidth" in _names(name)
    assert "best bandwidth" not in _names("kde-bandwidth")


@pytest.mark.parametrize(
    ("name", "inside", "outside", "told"),
    [
        (
            "kde-bias-hoelder",
            {"dimension": 1, "bandwidth": 0.1, "smoothness": 1, "hoelder_constant": 1},
            {"smoothness": 1.5},
            "smoothness = 1.5: must be such that smoothness <= 1",
        ),
        (
            "seddik-collapse",
            {"n": 10, "generation": 3, "collision_probability": "1/49", "support_size": 49},
            {"support_size": 48},
            "support_size = 48: must be such that collision_probability >= 1/support_size",
        ),
        (
            "seddik-collapse-time-lower",
            {"n": 10, "collision_probability": "1/3", "support_size": 3},
            {"collision_probability": 0.25},
            "collision_probability = 0.25, support_size = 3",
        ),
    ],
)
def test_a_hypothesis_between_words_is_asked(name, inside, outside, told):
    bound = bounds.get(name)
    assert bound.evaluate(**inside) == pytest.approx(float(bound.enclose(**inside).middle))
    for ask in (bound.evaluate, bound.enclose, bound.is_vacuous, bound.explain):
        with pytest.raises(ParameterError, match=told):
            ask(**inside | outside)
    several = {word: [value, outside.get(word, value)] for word, value in inside.items()}
    with pytest.raises(ParameterError, match=told):
        bound.evaluate(**several)


def test_random_parameters_satisfy_what_is_between_words():
    bound = bounds.get("kde-bias-hoelder")
    drawn = sample(bound, 500, np.random.default_rng(3))
    assert (drawn["smoothness"] <= 1).all()
    assert np.isfinite(bound.evaluate(**drawn)).all()
