"""Hypotheses without which a statement is false, refused by name."""

from fractions import Fraction

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.errors import HypothesisError, ParameterError
from bounds.source import Side

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


def test_contraction_is_no_bound_from_afar():
    """Bernoulli laws in their logit: from afar the distance shrinks less than the factor says."""
    lam, best, logit = 0.4, 0.0, 10.0
    mean = (1 / (1 + np.exp(-best)) + lam / (1 + np.exp(-logit))) / (1 + lam)
    claimed = bounds.get("bertrand-contraction").evaluate(
        generation=1,
        initial_error=logit,
        lam=lam,
        curvature=0.25,
        hessian_lipschitz=0,
        model_distance=0,
    )
    near = 1e-4
    beside = (0.5 + lam / (1 + np.exp(-near))) / (1 + lam)
    assert abs(np.log(beside / (1 - beside))) < near * claimed / logit
    assert mean > 0.5
    assert bounds.get("bertrand-contraction").side is Side.PREDICTION
    names = [h.name for h in bounds.get("bertrand-contraction").hypotheses]
    assert "near the best parameter" in names


def _names(name):
    return {hypothesis.name for hypothesis in bounds.get(name).hypotheses}


def test_rates_of_one_estimate_say_what_they_need():
    for order in ("second-order", "smooth", "first-order"):
        needed = {"integrable root", "smoothness", "best bandwidth"}
        assert _names(f"kde-rate-{order}") >= needed
    for name in ("kde-best-error", "kde-best-error-smooth", "sample-size-kde"):
        assert "best bandwidth" in _names(name)
    assert "best bandwidth" not in _names("kde-bandwidth")
