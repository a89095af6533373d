"""Slacks, splits of alpha and ends of ranges: each is planted just inside and just outside."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from bounds import Side, Statistic, cycles
from bounds.kde import Along
from empirics.closed_form import GaussianMean
from empirics.distances import certified as samples
from empirics.distances.betting import betting_greater
from verify import Control, Runs, Verdict, check
from verify.checking import build_case
from verify.claim import Loop, Measured
from verify.controls import control_outcomes
from verify.estimates import Estimate, Term, log_contrast
from verify.judging import (
    Case,
    all_generations_tests,
    each_generation_tests,
    every_run_tests,
    judge,
    mean_tests,
    share_left,
)
from verify.statements import RiseAndFall, at_most
from verify.statistics import MeanInterval, betting_p
from verify.verdict import Fate

CYCLE = cycles.full_synthetic(n=100)
RNG = np.random.default_rng(8)


def case(tv, value, side=Side.UPPER, statistic=Statistic.MEAN, slack=0.0, error=0.0, **more):
    tv = np.asarray(tv, dtype=float)
    runs = Runs(
        cycle=CYCLE,
        tv=tv,
        tv_error=error,
        error_confidence=more.pop("error_confidence", 1.0),
    )
    values = Along(np.full(tv.shape[1], value), np.full(tv.shape[1], slack))
    return Case(runs, values, side, statistic, alpha=0.05, limit_alpha=0.05, **more)


@pytest.mark.parametrize(
    ("side", "value", "vacuous"),
    [
        (Side.UPPER, 1.0, True),
        (Side.UPPER, 1.5, True),
        (Side.UPPER, 1 - 1e-9, False),
        (Side.LOWER, 0.0, True),
        (Side.LOWER, -0.5, True),
        (Side.LOWER, 1e-9, False),
        (Side.PREDICTION, 1.5, False),
        (Side.EXACT, 1.5, False),
    ],
)
def test_a_bound_is_vacuous_from_one_or_zero_on(side, value, vacuous):
    (row,) = judge(case(RNG.uniform(0.2, 0.3, (50, 1)), value, side))
    assert (row.verdict is Verdict.VACUOUS) is vacuous


def test_a_value_that_is_no_number_is_not_judged():
    (row,) = judge(case(RNG.uniform(0.2, 0.3, (50, 1)), np.nan))
    assert row.verdict is Verdict.HYPOTHESES_UNMET
    assert row.detail == "it is not a number"


VALUES = RNG.beta(20, 80, (200, 1))
P_OF = {  # what a test of the mean must equal: values at their worst against a value at its worst
    "violation": lambda low, high, value, slack: betting_p(low, value + slack, 0.05),
    "support": lambda low, high, value, slack: betting_p(1 - high, 1 - (value - slack), 0.05),
}


@pytest.mark.parametrize("side", [Side.UPPER, Side.LOWER])
@pytest.mark.parametrize("error", [0.0, 0.01])
@pytest.mark.parametrize("slack", [0.0, 0.01])
def test_errors_weaken_both_conclusions_on_a_mean(side, error, slack):
    value = np.array([0.2])
    tests = mean_tests(case(VALUES, 0.2, side, slack=slack, error=error))
    low, high = np.maximum(VALUES - error, 0), np.minimum(VALUES + error, 1)
    above = P_OF["violation"](low, high, value, slack)
    below = P_OF["support"](low, high, value, slack)
    expected = (above, below) if side is Side.UPPER else (below, above)
    found = np.array([tests.p_violation, tests.p_support])
    assert found == pytest.approx(np.array(expected))
    exact = mean_tests(case(VALUES, 0.2, side))
    assert np.all(tests.p_violation >= exact.p_violation)
    assert np.all(tests.p_support >= exact.p_support)


@pytest.mark.parametrize("method", list(MeanInterval))
@pytest.mark.parametrize(("error", "slack"), [(0.02, 0.0), (0.0, 0.02), (0.01, 0.01)])
def test_an_error_as_large_as_the_gap_leaves_a_mean_undecided(method, error, slack):
    """The mean is 0.2; values 0.02 beyond are refuted or supported only with a smaller error."""
    tv = 0.2 + 1e-4 * RNG.standard_normal((2000, 1))
    for value, side, decided in (
        (0.18, Side.UPPER, "p_violation"),
        (0.22, Side.UPPER, "p_support"),
        (0.22, Side.LOWER, "p_violation"),
        (0.18, Side.LOWER, "p_support"),
    ):
        large = mean_tests(case(tv, value, side, slack=1.01 * slack, error=1.01 * error))
        assert getattr(mean_tests(case(tv, value, side)), decided)[0] < 1e-6
        assert getattr(large, decided)[0] > 0.5


def test_upper_and_lower_values_of_a_run_stay_in_the_unit_interval():
    found = case([[0.005, 0.5, 0.995]], 0.5, error=0.01)
    assert found.least == pytest.approx(np.array([[0.0, 0.49, 0.985]]))
    assert found.most == pytest.approx(np.array([[0.015, 0.51, 1.0]]))


def test_multiples_of_a_bound_count_both_errors():
    tv = [[0.3]]
    assert case(tv, 0.2, slack=0.05, error=0.1).ratios == pytest.approx(0.2 / 0.25)
    low = case(tv, 0.2, Side.LOWER, slack=0.05, error=0.1)
    assert low.ratios == pytest.approx(0.4 / 0.15)


@pytest.mark.parametrize("side", [Side.UPPER, Side.LOWER])
@pytest.mark.parametrize(("error", "slack"), [(0.01, 0.0), (0.0, 0.01), (0.006, 0.004)])
def test_every_run_is_beyond_or_within_only_past_both_errors(side, error, slack):
    sign = -1 if side is Side.LOWER else 1
    for gap, violated, supported in (
        (0.0101, True, False),
        (0.0099, False, False),
        (-0.0099, False, False),
        (-0.0101, False, True),
    ):
        tv = np.full((20, 1), 0.3 - sign * 0.1)
        tv[7] = 0.3 + sign * gap
        every = case(tv, 0.3, side, Statistic.EVERY_RUN, slack=slack, error=error)
        tests = every_run_tests(every)
        assert tests.p_violation[0] == (0.0 if violated else 1.0)
        assert tests.p_support[0] == (0.0 if supported else 1.0)
        one = replace(every, statistic=Statistic.EACH_GENERATION, delta=0.01)
        share = each_generation_tests(one)
        assert share.measured[0] == pytest.approx(0.05 if violated else 0.0)
        assert share.p_support[0] == pytest.approx(stats.binom.cdf(0 if supported else 1, 20, 0.01))


def test_failures_of_intervals_add_up_over_runs_and_estimates():
    """Generation j rests on its own estimate and those of j one-step errors, in every run."""
    tv = np.full((50, 3), 0.1)
    tv[:4] = 0.4
    doubtful = case(tv, 0.2, statistic=Statistic.EVERY_RUN, error_confidence=0.99)
    expected = [stats.binom.sf(3, 50, 0.01 * (1 + j)) for j in (1, 2, 3)]
    assert every_run_tests(doubtful).p_violation == pytest.approx(expected)
    within = case(np.full((50, 3), 0.1), 0.2, statistic=Statistic.EVERY_RUN, error_confidence=0.99)
    assert every_run_tests(within).p_support == pytest.approx([0.02, 0.03, 0.04])
    share = replace(doubtful, statistic=Statistic.EACH_GENERATION, delta=0.05)
    assert each_generation_tests(share).p_violation == pytest.approx(stats.binom.sf(3, 50, 0.06))
    assert each_generation_tests(share).p_support == pytest.approx(
        stats.binom.cdf(4, 50, 0.05 * 0.99)
    )
    together = all_generations_tests(share).p_violation
    assert together == pytest.approx([stats.binom.sf(3, 50, 0.05 + 0.01 * j) for j in (1, 2, 3)])


def test_what_is_left_open_by_runs_that_all_obey():
    """Were this share of all runs to break the bound, so many would all obey with chance alpha."""
    left = share_left(100, 0.05)
    assert (1 - left) ** 100 == pytest.approx(0.05)
    rows = judge(case(np.full((100, 1), 0.1), 0.2, statistic=Statistic.EVERY_RUN))
    assert "held by each of the 100 runs; at 0.95 confidence at most 2.95%" in rows[0].detail
    broken = judge(case(np.full((100, 1), 0.3), 0.2, statistic=Statistic.EVERY_RUN))
    assert not broken[0].detail


def test_a_rate_that_one_run_exceeds_is_exceeded():
    """One run of twenty beyond the one-step rate is enough; later generations follow."""
    import bounds

    step = np.full((20, 3), 0.1)
    step[4, 1] = 0.5
    runs = Runs(cycle=CYCLE, tv=np.full((20, 3), 0.2), one_step_tv=step)
    rows = check(bounds.get("full-synthetic"), runs, constant=1, gamma="1/4", controls=()).rows
    assert [r.verdict for r in rows] == [Verdict.SUPPORTED, *[Verdict.HYPOTHESES_UNMET] * 2]
    assert rows[2].detail == (
        "one-step rate exceeded: in generation 2 a model is at least 0.5 in TV from what it"
        " learned, C n^-gamma allows 0.3162"
    )
    for error, unmet in ((0.18, True), (0.19, False)):  # the rate is 0.3162
        doubt = replace(runs, one_step_error=error)
        rows = check(bounds.get("full-synthetic"), doubt, constant=1, gamma="1/4", controls=()).rows
        assert (rows[1].verdict is Verdict.HYPOTHESES_UNMET) is unmet


def test_controls_are_chosen_on_one_half_and_tested_on_the_other():
    """Runs 0, 2, 4, ... are far higher: only from them is anything false, so nothing is caught."""
    tv = np.full((200, 1), 0.1) + 1e-3 * RNG.standard_normal((200, 1))
    tv[::2] += 0.2
    runs = Runs(cycle=CYCLE, tv=tv)
    found = build_case(at_most(0.5), runs, 0.05)
    (scaled,) = control_outcomes(found, at_most(0.5), {}, [True], (Control.SCALED,))
    assert scaled.fate is Fate.SURVIVED  # 0.27, held against runs of 0.1
    swapped = Runs(cycle=CYCLE, tv=np.roll(tv, 1, axis=0))
    found = build_case(at_most(0.5), swapped, 0.05)
    (scaled,) = control_outcomes(found, at_most(0.5), {}, [True], (Control.SCALED,))
    assert scaled.fate is Fate.CAUGHT  # 0.09, held against runs of 0.3


def test_a_scaled_mean_must_be_caught_in_every_generation():
    """Generation 2 is so noisy that its control survives; generation 1 alone is not enough."""
    tv = np.column_stack([0.2 + 1e-4 * RNG.standard_normal(120), RNG.uniform(0, 1, 120)])
    found = build_case(at_most(0.9), Runs(cycle=CYCLE, tv=tv), 0.05)
    both, first = (
        control_outcomes(found, at_most(0.9), {}, tested, (Control.SCALED,))[0]
        for tested in ([True, True], [True, False])
    )
    assert (both.fate, first.fate) == (Fate.SURVIVED, Fate.CAUGHT)


@pytest.mark.parametrize("side", [Side.UPPER, Side.LOWER])
def test_a_probability_bound_is_scaled_at_its_own_quantile(side):
    """TV uniform on [0.2, 0.8], delta = 0.1: the quantile that may fail is 0.74, or 0.26."""
    tv = np.random.default_rng(0).uniform(0.2, 0.8, (4000, 1))
    bound = replace(at_most(0.5), side=side, statistic=Statistic.EACH_GENERATION)
    found = build_case(bound, Runs(cycle=CYCLE, tv=tv), 0.05, delta=0.1)
    (outcome,) = control_outcomes(found, bound, {"delta": 0.1}, [True], (Control.SCALED,))
    assert outcome.fate is Fate.CAUGHT
    from verify.controls import _ratio

    quantile = 0.26 if side is Side.LOWER else 0.74
    assert _ratio(found) * 0.5 == pytest.approx(quantile, abs=0.02)


def test_an_estimate_is_beyond_only_past_its_slack():
    """A numerical error of 0.1 takes all evidence from a distance of 0.1, on either side."""
    sure = Estimate(1.0, 0.01, 50.0, slack=0.1)
    assert sure.p_above(0.9) == pytest.approx(0.5)
    assert sure.p_below(1.1) == pytest.approx(0.5)
    assert sure.p_above(0.85) < 1e-4 < 0.4 < sure.p_above(0.901)
    half = stats.t.ppf(0.975, 50) * 0.01 + 0.1
    assert sure.limits(0.05) == pytest.approx((1 - half, 1 + half))
    exact = Estimate(1.0, 0.0, 50.0, slack=0.1)
    assert (exact.p_above(0.91), exact.p_above(0.89)) == (1.0, 0.0)


def test_the_slack_of_a_contrast_is_that_of_its_parts():
    tv = np.full((10, 2), 0.2) + 0.01 * RNG.standard_normal((10, 2))
    runs = Runs(cycle=CYCLE, tv=tv, tv_error=0.002)
    found = log_contrast([Term(runs, np.array([1.0, -2.0]))])
    mean = tv.mean(axis=0)
    assert found.slack == pytest.approx(0.002 / mean[0] + 2 * 0.002 / mean[1])


def test_a_peak_is_chosen_on_runs_that_do_not_test_it():
    """No bump, but the first quarter of one loop is high: chosen there, it is not seen again."""
    generator = np.random.default_rng(3)
    measured = []
    for x in (0.0, 1.0, 4.0, 64.0):
        tv = 0.1 + 0.001 * generator.standard_normal((400, 1))
        if x == 4.0:
            tv[:100] *= 3
        loop = Loop("flat", GaussianMean(cycle=CYCLE, generations=1), x, "lambda")
        measured.append(Measured(loop, Runs(cycle=CYCLE, tv=tv)))
    rows = RiseAndFall((1,)).rows(measured, 0.01, 0.01)
    assert all("lambda 4" in row.where for row in rows)
    assert all(row.measured == pytest.approx(1, abs=0.01) for row in rows)


def _false_alarm(limit, alpha, m):
    """Exact chance that a one-sided binomial limit of ``Binomial(m, 1/2)`` exceeds one half."""
    counts = np.arange(m + 1)
    wrong = np.array([limit(int(c), m, alpha) for c in counts])
    return float(stats.binom.pmf(counts[wrong], m, 0.5).sum())


def test_both_masses_of_an_audit_have_half_of_the_error_rate():
    """Its limits are Clopper and Pearson's at alpha / 2 each: the level of either is known."""
    m, alpha = 1000, 0.1

    def low_is_wrong(count, size, level):
        hits = np.arange(size) < count
        nothing = np.zeros(size, dtype=bool)
        high = stats.beta.ppf(1 - level / 2, 1, size)
        return samples._binomial(hits, nothing, level) + high > 0.5

    def high_is_wrong(count, size, level):
        hits = np.arange(size) < count
        every = np.ones(size, dtype=bool)
        low = stats.beta.ppf(level / 2, size, 1)
        return low - samples._binomial(every, hits, level) < 0.5

    for wrong in (low_is_wrong, high_is_wrong):
        rate = _false_alarm(wrong, alpha, m)
        assert 0.8 * alpha / 2 < rate <= alpha / 2


def _half_for_the_set(a, b):
    (a_train, a_test), (b_train, b_test) = (np.array_split(x, 2) for x in (a, b))
    inside = samples.letters_set(a_train, b_train, 4)
    return samples._limit(inside(a_test), inside(b_test), 0.05, "betting")[0]


def test_limits_of_letters_share_the_error_rate():
    """Half for the lower limit; a quarter for each deviation of the upper one."""
    generator = np.random.default_rng(0)
    p, q = generator.integers(0, 4, (2, 400))
    found = samples.tv_interval(p, q, 0.9, letters=4)
    shuffle = np.random.default_rng(0)
    a, b = (shuffle.permutation(x[:, None].astype(float)) for x in (p, q))
    reach = 2 * samples.deviation(400, 4, 0.025)
    assert found.high == pytest.approx(samples.plug_in(a, b, 4) + reach)
    assert found.low == pytest.approx(_half_for_the_set(a, b))
    r = np.where(generator.random(400) < 0.7, 0, p)
    far = samples.tv_interval(p, r, 0.9, letters=4)
    shuffle = np.random.default_rng(0)
    a, b = (shuffle.permutation(x[:, None].astype(float)) for x in (p, r))
    assert far.low == pytest.approx(_half_for_the_set(a, b))
    assert far.low > 0.2


def test_known_tails_make_bets_sharper_and_keep_them_valid():
    """Values that are all within 0.05 of 0.3; a law with far tails would not be told by them."""
    values = 0.3 + 0.05 * RNG.uniform(-1, 1, (100, 1))
    scale = np.array([0.1])  # Hoeffding: a range of 0.1
    shorter, plain = (betting_p(1 - values, np.array([0.68]), 0.05, s) for s in (scale, None))
    assert shorter[0] < 0.05 < plain[0]
    generator, wrong = np.random.default_rng(0), 0
    for _ in range(400):
        tv = 0.3 + 0.05 * np.where(generator.random((30, 1)) < 0.5, 1, -1)
        wrong += bool(betting_p(1 - tv, np.array([0.7]), 0.05, scale)[0] <= 0.05)
        wrong += bool(betting_p(tv, np.array([0.3]), 0.05, scale)[0] <= 0.05)
    assert stats.binomtest(wrong, 800, 0.05, alternative="greater").pvalue > 1e-4


def test_bets_of_columns_are_the_bets_of_each():
    values = RNG.beta(2, 8, (60, 4))
    thresholds = np.array([0.1, 0.15, 0.2, 0.25])
    together = betting_greater(values, thresholds, 0.05)
    assert together.tolist() == [
        betting_greater(column, t, 0.05) for column, t in zip(values.T, thresholds, strict=True)
    ]


def test_student_needs_thirty_runs():
    from bounds.errors import ParameterError

    runs = Runs(cycle=CYCLE, tv=RNG.beta(2, 8, (29, 1)))
    with pytest.raises(ParameterError, match=r"^replicates = 29: Student's test needs at least 30"):
        check(at_most(0.5), runs, method="student")
    enough = Runs(cycle=CYCLE, tv=RNG.beta(2, 8, (30, 1)))
    found = check(at_most(0.5), enough, method="student", controls=())
    assert "Student's test over 30 runs: assumes" in repr(found)
    assert "bets: for every law of TV on [0, 1]" in repr(check(at_most(0.5), enough, controls=()))


def test_a_bound_that_may_fail_needs_its_delta():
    from bounds.errors import ParameterError

    bound = replace(at_most(0.5), statistic=Statistic.EACH_GENERATION, expression=sp.Float(0.5))
    with pytest.raises(ParameterError, match=r"^delta: missing"):
        check(bound, Runs(cycle=CYCLE, tv=np.full((40, 1), 0.2)))
