"""Verdicts: right on true bounds, wrong ones caught, and silent where a theorem does not apply."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

import bounds
import empirics
from bounds import Bound, Constants, Side, Statistic, cycles
from bounds.errors import ParameterError
from bounds.hypotheses import Hypothesis
from bounds.statement import Evidence, Source
from empirics.models import Kde, PowerRule
from verify import Verdict, check

THREE_MODES = empirics.targets.gaussian_mixture([0.3, 0.4, 0.3], [-2, 0, 1.5], [0.5, 0.3, 0.6])
MEAN_BOUNDS = ("kde-sandwich", "kde-sandwich-lower", "kde-recursion")
HIGH_PROBABILITY = ("kde-high-probability", "kde-high-probability-single")


def loop(cycle, generations=4, replicates=200, seed=0):
    return empirics.run(
        empirics.Experiment(
            target=THREE_MODES,
            model=Kde(PowerRule(0.55)),
            cycle=cycle,
            generations=generations,
            replicates=replicates,
            seed=seed,
        )
    )


@pytest.fixture(scope="module")
def fresh():
    return loop(cycles.fresh_real(n=1000, share=0.3))


@pytest.fixture(scope="module")
def reused():
    return loop(cycles.fresh_real(n=1000, share=0.3, data="reused"))


def scaled(bound, factor):
    return dataclasses.replace(bound, name="scaled", expression=factor * bound.expression)


def verdicts(outcome):
    return [row.verdict for row in outcome.rows]


@pytest.mark.parametrize("name", MEAN_BOUNDS)
def test_proved_mean_bounds_are_supported(fresh, name):
    """False-alarm rate 5 % per bound at most by design; the seed is fixed."""
    outcome = check(bounds.get(name), fresh)
    assert outcome.verdict is Verdict.SUPPORTED
    assert [row.generation for row in outcome.rows] == [1, 2, 3, 4]


def test_prediction_is_supported_within_its_tolerance_and_refuted_outside(fresh):
    prediction = bounds.get("kde-clt")
    assert check(prediction, fresh, tolerance=0.05).verdict is Verdict.SUPPORTED
    assert check(scaled(prediction, sp.Rational(4, 5)), fresh).verdict is Verdict.VIOLATED


@pytest.mark.parametrize("name", HIGH_PROBABILITY)
def test_high_probability_bounds_are_supported(fresh, name):
    outcome = check(bounds.get(name), fresh, delta=0.05)
    assert outcome.verdict is Verdict.SUPPORTED
    assert outcome.rows[-1].measured <= 0.05


def test_reused_data_meets_the_sandwich_but_not_the_theorems_for_fresh_data(reused):
    """Trap D4: reused data breaks independence."""
    for name in ("kde-sandwich", "kde-sandwich-lower"):
        assert check(bounds.get(name), reused).verdict is Verdict.SUPPORTED
    for name in HIGH_PROBABILITY:
        outcome = check(bounds.get(name), reused, delta=0.05)
        assert outcome.verdict is Verdict.HYPOTHESES_UNMET
        assert "fresh data" in outcome.rows[0].detail
    assert check(bounds.get("kde-recursion"), reused).verdict is Verdict.HYPOTHESES_UNMET


@pytest.mark.parametrize(
    ("name", "factor"), [("kde-sandwich", 0.75), ("kde-sandwich-lower", 2), ("kde-recursion", 0.5)]
)
def test_a_false_bound_is_caught(fresh, name, factor):
    false = scaled(bounds.get(name), sp.Rational(factor))
    assert Verdict.VIOLATED in verdicts(check(false, fresh))


@pytest.mark.parametrize("name", HIGH_PROBABILITY)
def test_a_false_high_probability_bound_is_caught(fresh, name):
    false = scaled(bounds.get(name), sp.Rational(1, 3))
    assert check(false, fresh, delta=0.05).verdict is Verdict.VIOLATED


def test_the_wrong_side_is_caught(fresh):
    upper = bounds.get("kde-sandwich")
    flipped = dataclasses.replace(upper, side=Side.LOWER)
    assert check(flipped, fresh).verdict is Verdict.VIOLATED


def test_the_recursion_holds_in_every_run_with_its_own_errors(fresh):
    outcome = check(bounds.get("error-propagation"), fresh)
    assert outcome.verdict is Verdict.SUPPORTED
    assert outcome.rows[0].tightness == pytest.approx(1)
    false = scaled(bounds.get("error-propagation"), sp.Rational(9, 10))
    assert check(false, fresh).rows[0].verdict is Verdict.VIOLATED


def test_one_generation_bound_speaks_of_generation_one_only(fresh):
    outcome = check(bounds.get("kde-one-step"), fresh)
    assert outcome.rows[0].verdict is Verdict.SUPPORTED
    assert set(verdicts(outcome)[1:]) == {Verdict.HYPOTHESES_UNMET}


def test_a_free_constant_must_be_given_and_its_rate_must_hold(fresh):
    rate = bounds.get("fresh-real")
    with pytest.raises(ParameterError, match=r"^constant: .*free constant"):
        check(rate, fresh)
    assert check(rate, fresh, constant=2).verdict is Verdict.SUPPORTED
    assert check(rate, fresh, constant="1/10").verdict is Verdict.HYPOTHESES_UNMET


def test_a_bound_for_another_cycle_is_refused_by_name(fresh):
    outcome = check(bounds.get("balanced"), fresh, constant=1)
    assert outcome.verdict is Verdict.HYPOTHESES_UNMET
    assert "data cycle" in outcome.rows[0].detail


def test_a_table_without_numbers_has_no_columns_for_them(fresh):
    """Nothing was measured for a theorem that does not speak of the loop: no limits, no level."""
    text = str(check(bounds.get("balanced"), fresh, constant=1))
    assert "hypotheses-unmet" in text
    assert "data cycle: 'Balanced data' requires that the data cycle is Balanced" in text
    for word in ("–", "limits", "measured", "tightness", "bets"):
        assert word not in text
    assert "limits hold at 95% together" in str(check(bounds.get("kde-sandwich"), fresh))


def test_a_bound_above_one_is_vacuous_not_supported():
    full = loop(cycles.full_synthetic(n=30), generations=8, replicates=20)
    outcome = check(bounds.get("kde-recursion"), full)
    assert outcome.rows[0].verdict is Verdict.SUPPORTED
    assert outcome.rows[-1].bound >= 1
    assert outcome.rows[-1].verdict is Verdict.VACUOUS


def test_few_runs_are_inconclusive_not_supported():
    few = loop(cycles.fresh_real(n=1000, share=0.3), replicates=8)
    assert check(bounds.get("kde-high-probability-single"), few, delta=0.05).verdict is (
        Verdict.INCONCLUSIVE
    )


def test_betting_needs_more_runs_than_student(fresh):
    """The distribution-free interval reaches further, so it supports less."""
    sandwich = bounds.get("kde-sandwich")
    student = check(sandwich, fresh, method="student").rows[0]
    betting = check(sandwich, fresh, method="betting").rows[0]
    assert betting.high > student.high
    assert betting.verdict in (Verdict.SUPPORTED, Verdict.INCONCLUSIVE)


def test_numerical_error_widens_the_limits(fresh):
    noisy = dataclasses.replace(
        fresh, frame=fresh.frame.with_columns(tv_error=fresh.frame["tv_error"] + 0.01)
    )
    exact, wide = (check(bounds.get("kde-sandwich"), r).rows[0] for r in (fresh, noisy))
    assert wide.low == pytest.approx(exact.low - 0.01)
    assert wide.high == pytest.approx(exact.high + 0.01)


def test_limits_hold_for_all_generations_together(fresh):
    one = loop(fresh.experiment.cycle, generations=1)
    alone = check(bounds.get("kde-sandwich"), one).rows[0]
    together = check(bounds.get("kde-sandwich"), fresh).rows[0]
    assert together.high > alone.high


def test_a_users_bound_is_checked_like_any_other(fresh):
    n, generation = bounds.notation.n, bounds.notation.j
    mine = Bound(
        name="mine",
        title="A user's bound",
        statement="Mean TV is below 2 j n^(-2/5).",
        expression=2 * generation * n ** sp.Rational(-2, 5),
        hypotheses=(Hypothesis("none", "nothing is required"),),
        source=Source("a user", "conjecture", Evidence.HEURISTIC),
        side=Side.UPPER,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
    )
    assert check(mine, fresh).verdict is Verdict.SUPPORTED
    assert check(scaled(mine, sp.Rational(1, 4)), fresh).rows[0].verdict is Verdict.VIOLATED


def test_monte_carlo_estimates_never_refute_a_statement_about_single_runs():
    """Their error is a confidence half-width, which a single run may exceed by chance."""
    result = empirics.run(
        empirics.Experiment(
            target=empirics.targets.normal(3),
            model=Kde(PowerRule(0.5)),
            cycle=cycles.full_synthetic(n=200),
            generations=2,
            replicates=3,
            numerics=empirics.Numerics(draws=400),
        )
    )
    assert check(bounds.get("error-propagation"), result).verdict is Verdict.INCONCLUSIVE
    assert check(bounds.get("kde-sandwich"), result).verdict is Verdict.HYPOTHESES_UNMET


@pytest.mark.parametrize("shape", [0.5, 0.9, 1.2])
def test_proved_bounds_hold_where_a_density_has_a_pole_or_a_steep_end(shape):
    result = empirics.run(
        empirics.Experiment(
            target=empirics.targets.beta(shape, shape),
            model=Kde(0.05),
            cycle=cycles.full_synthetic(n=10_000),
            generations=2,
            replicates=32,
        )
    )
    for name in MEAN_BOUNDS:
        assert check(bounds.get(name), result).verdict is not Verdict.VIOLATED


def test_one_generation_bound_does_not_speak_of_resampled_points():
    """Resampling a batch of n adds as much variance again."""
    result = loop(cycles.balanced(n=300, data="resampled"), generations=1)
    outcome = check(bounds.get("kde-one-step"), result)
    assert outcome.verdict is Verdict.HYPOTHESES_UNMET
    same = loop(cycles.balanced(n=300, data="reused"), generations=1)
    assert check(bounds.get("kde-one-step"), same).verdict is Verdict.SUPPORTED


def test_vacuous_rows_report_what_their_caption_says():
    """Shares of runs stay shares where the bound is above one."""
    full = loop(cycles.full_synthetic(n=30), generations=6, replicates=60)
    outcome = check(bounds.get("kde-high-probability"), full, delta=0.05)
    assert outcome.rows[-1].verdict is Verdict.VACUOUS
    assert [row.measured for row in outcome.rows] == [0.0] * 6


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"tolerance": -1}, "tolerance = -1: must be a number >= 0"),
        ({"confidence_level": "0.9"}, "confidence_level = '0.9': must be in (0, 1)"),
        ({"confidence_level": 1.0}, "confidence_level = 1.0: must be in (0, 1)"),
        ({"method": "guess"}, "method = 'guess': must be one of 'betting', 'student'"),
        ({"lamb": 3}, "lamb: unknown"),
    ],
)
def test_mistakes_get_one_line(fresh, kwargs, message):
    with pytest.raises(ParameterError) as caught:
        check(bounds.get("kde-sandwich"), fresh, **kwargs)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_delta_is_taken_as_text_too(fresh):
    bound = bounds.get("kde-high-probability")
    assert check(bound, fresh, delta="1/20").rows == check(bound, fresh, delta=0.05).rows


def test_a_name_is_not_a_bound(fresh):
    with pytest.raises(ParameterError, match=r"^bound = 'kde-clt': must be a Bound"):
        check("kde-clt", fresh)


@pytest.mark.parametrize("name", ["gaussian-mean", "sample-size", "seddik-collapse"])
def test_bounds_on_other_quantities_are_refused(fresh, name):
    with pytest.raises(ParameterError, match=rf"^bound = '{name}': speaks of"):
        check(bounds.get(name), fresh)


def test_delta_must_be_given(fresh):
    with pytest.raises(ParameterError, match=r"^delta: missing"):
        check(bounds.get("kde-high-probability"), fresh)


def test_verdicts_print_a_table_and_give_a_frame(fresh):
    outcome = check(bounds.get("kde-sandwich"), fresh)
    assert "supported" in repr(outcome)
    assert outcome.frame["verdict"].to_list() == ["supported"] * 4
    assert np.all(outcome.frame["low"].to_numpy() < outcome.frame["high"].to_numpy())
