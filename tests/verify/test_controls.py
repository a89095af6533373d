"""Negative controls, the factor that would be refuted, and what is said when power is lacking."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds import cycles
from empirics.closed_form import GaussianMean
from verify import Control, Verdict, check
from verify.planted import normal_bound
from verify.verdict import Fate

FULL = GaussianMean(cycle=cycles.full_synthetic(n=100), generations=5, replicates=20_000)


@pytest.fixture(scope="module")
def runs():
    return FULL.run()


def fates(outcome):
    return {c.name: c.fate for c in outcome.controls}


def test_every_control_that_is_false_is_caught(runs):
    outcome = check(normal_bound(Fraction(13, 10)), runs)
    assert outcome.verdict is Verdict.SUPPORTED
    assert fates(outcome) == {
        Control.SCALED.value: Fate.CAUGHT,
        Control.EXPONENT.value: Fate.IDLE,  # no noise term by that name in the expression
        Control.GENERATION.value: Fate.CAUGHT,
        Control.SIDE.value: Fate.CAUGHT,
    }


def test_a_flipped_equality_is_not_false_and_stays_idle(runs):
    outcome = check(normal_bound(), runs, controls=(Control.SIDE,))
    assert fates(outcome) == {Control.SIDE.value: Fate.IDLE}


def test_a_surviving_control_withholds_support_and_says_what_is_enough(runs):
    few = runs.only(slice(0, 200))
    outcome = check(normal_bound(Fraction(3)), few)
    assert {row.verdict for row in outcome.rows} == {Verdict.SUPPORTED}
    assert outcome.verdict is Verdict.INCONCLUSIVE
    enough = int(re.search(r"about (\d+) replicates", outcome.survivors[0].detail).group(1))
    assert check(normal_bound(Fraction(3)), runs.only(slice(0, 2 * enough))).verdict is (
        Verdict.SUPPORTED
    )
    assert "false bound not caught: scaled" in repr(outcome)


def test_numerical_error_beyond_a_tenth_leaves_no_power_at_any_size(runs):
    blunt = replace(runs, tv_error=0.2 * runs.tv)
    outcome = check(normal_bound(Fraction(3)), blunt, controls=(Control.SCALED,))
    assert "the numerical error must fall" in outcome.survivors[0].detail


@pytest.mark.parametrize("method", ["student", "betting"])
def test_refuted_below_is_where_the_bound_begins_to_be_refuted(runs, method):
    few = runs.only(slice(0, 400))
    row = check(normal_bound(), few, method=method, controls=()).rows[-1]
    for factor, refuted in ((0.995, True), (1.005, False)):
        scaled = normal_bound(Fraction(factor * row.refuted_below).limit_denominator(10**6))
        p = check(scaled, few, method=method, controls=()).rows[-1].p_violation
        assert (p <= 0.05 / FULL.generations) is refuted


def test_refuted_below_of_a_probability_bound(runs):
    few = replace(runs.only(slice(0, 300)), one_step_tv=None)
    bound = replace(normal_bound(), statistic=bounds.Statistic.ALL_GENERATIONS)
    row = check(bound, few, delta=0.05, controls=()).rows[-1]
    for factor, refuted in ((0.995, True), (1.005, False)):
        scaled = replace(bound, expression=sp.Float(factor * row.refuted_below) * bound.expression)
        p = check(scaled, few, delta=0.05, controls=()).rows[-1].p_violation
        assert (p <= 0.05) is refuted


def test_a_lower_bound_is_refuted_from_above(runs):
    lower = normal_bound(Fraction(1, 2), bounds.Side.LOWER)
    outcome = check(lower, runs)
    assert outcome.verdict is Verdict.SUPPORTED
    assert np.all([row.refuted_below > 1.5 for row in outcome.rows])
    assert fates(outcome)[Control.SCALED.value] is Fate.CAUGHT


def test_p_values_and_verdicts_agree_with_the_limits(runs):
    for row in check(normal_bound(), runs, method="student").rows:
        assert row.p_violation + row.p_support == pytest.approx(1, abs=1e-6)
        assert row.low <= row.measured <= row.high
    for row in check(normal_bound(), runs).rows:
        assert max(row.p_violation, row.p_support) > 0.5
        assert row.low <= row.measured <= row.high
