"""Statistics over runs: p-values and intervals as in textbooks, and valid; Holm's procedure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bounds.errors import ParameterError
from empirics.distances.betting import betting_greater
from verify.statistics import (
    MeanInterval,
    at_least,
    at_most,
    greater,
    holm,
    less,
    mean_interval,
    proportion_interval,
    student_lower,
)


def test_student_is_the_textbook_one_where_nothing_is_skewed():
    half = np.random.default_rng(0).beta(2, 8, (30, 2))
    values = np.concatenate([half, 2 * half.mean(axis=0) - half])
    expected = stats.ttest_1samp(values, 0.18, alternative="greater").pvalue
    assert greater(values, np.full(2, 0.18), MeanInterval.STUDENT, 0.05) == pytest.approx(expected)
    other = less(values, np.full(2, 0.18), MeanInterval.STUDENT, 0.05)
    assert other == pytest.approx(1 - expected)


def test_the_limit_is_where_the_test_decides():
    values = np.random.default_rng(0).gamma(1, 0.02, (40, 3))
    limit = student_lower(values, 0.01)
    assert greater(values, limit, MeanInterval.STUDENT, 0.05) == pytest.approx(0.01)


@pytest.mark.parametrize("method", list(MeanInterval))
def test_equal_values_are_no_proof(method):
    """Ten runs of 0.1 happen with chance .99^10 where one run in a hundred is 1."""
    values = np.full((10, 3), 0.1)
    above = greater(values, np.array([0.05, 0.1, 0.2]), method, 0.05)
    assert above[0] < 1
    assert above[1:].tolist() == [1.0, 1.0]
    assert less(values, np.full(3, 0.109), method, 0.05)[0] > 0.99**10


def test_binomial_tails_are_exact():
    counts = np.arange(6)
    expected = [stats.binomtest(k, 5, 0.3, alternative="greater").pvalue for k in counts]
    assert at_least(counts, 5, 0.3) == pytest.approx(expected)
    expected = [stats.binomtest(k, 5, 0.3, alternative="less").pvalue for k in counts]
    assert at_most(counts, 5, 0.3) == pytest.approx(expected)
    assert at_least(np.array([0, 1]), 5, 0.0).tolist() == [1.0, 0.0]


def test_a_bet_is_a_valid_test_even_for_rare_large_values():
    """1000 samples of 40 values that are 1 with probability 0.03: Student's test fails here.

    False-alarm rate of this test below 1e-4.
    """
    generator = np.random.default_rng(1)
    samples = (generator.random((1000, 40)) < 0.03).astype(float)
    wrong = sum(betting_greater(1 - s, 0.97, 0.05) <= 0.05 for s in samples)
    assert stats.binomtest(wrong, 1000, 0.05, alternative="greater").pvalue > 1e-4
    samples = np.clip(samples + generator.normal(0, 1e-3, samples.shape), 0, 1)
    student = less(samples.T, np.full(1000, 0.0303), MeanInterval.STUDENT, 0.05)
    assert (student <= 0.05).mean() > 0.2


def test_a_bet_has_power():
    values = np.random.default_rng(2).beta(20, 80, 200)
    assert betting_greater(values, 0.15, 0.05) < 1e-6
    assert betting_greater(values, 0.25, 0.05) == pytest.approx(1, abs=0.5)


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def textbook(p):
    order = np.argsort(p, kind="stable")
    raised = (len(p) - np.arange(len(p))) * np.asarray(p)[order]
    out = np.empty(len(p))
    out[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return out


@given(P_VALUES)
def test_without_groups_it_is_the_textbook(p):
    assert holm(p) == pytest.approx(textbook(p))


@given(P_VALUES)
def test_one_chain_costs_nothing(p):
    assert holm(p, ["chain"] * len(p)) == pytest.approx(p)


@given(P_VALUES)
def test_adjusted_lie_between_raw_and_bonferroni(p):
    adjusted = holm(p)
    assert np.all(adjusted >= np.asarray(p) - 1e-15)
    assert np.all(adjusted <= np.minimum(len(p) * np.asarray(p), 1) + 1e-15)


def test_chains_keep_the_family_wise_rate():
    """Two chains of three true nested hypotheses (p falls along a chain) and one true cell.

    20000 families at alpha 0.05; false-alarm rate of this test below 1e-4.
    """
    generator = np.random.default_rng(0)
    groups = ["a"] * 3 + ["b"] * 3 + ["c"]
    families, wrong = 20_000, 0
    for u in generator.random((families, 3)):
        p = [min(3 * u[0], 1), min(2 * u[0], 1), u[0], min(3 * u[1], 1), min(2 * u[1], 1), u[1]]
        wrong += bool((holm([*p, u[2]], groups) <= 0.05).any())
    assert stats.binomtest(wrong, families, 0.05, alternative="greater").pvalue > 1e-4


@pytest.mark.parametrize("method", list(MeanInterval))
def test_mean_interval_covers_at_least_at_its_level(method):
    """600 samples of 60 Beta(2, 30) values at level 0.9; false-alarm rate below 1e-4."""
    generator = np.random.default_rng(1)
    truth, repeats = 2 / 32, 600
    low, high = mean_interval(generator.beta(2, 30, (60, repeats)), 0.9, method)
    hits = int(((low <= truth) & (truth <= high)).sum())
    # Skewness costs Student's interval about one percent of coverage at 60 runs.
    assert stats.binomtest(hits, repeats, 0.89, alternative="less").pvalue > 1e-4


def test_student_interval_is_the_textbook_one():
    values = np.array([[0.1], [0.2], [0.4]])
    low, high = mean_interval(values, 0.95, MeanInterval.STUDENT)
    expected = stats.t.interval(0.95, 2, values.mean(), stats.sem(values[:, 0]))
    assert (low[0], high[0]) == pytest.approx(expected)


def test_betting_interval_is_wider_than_student_at_few_runs():
    values = np.random.default_rng(0).beta(2, 30, (50, 1))
    student = mean_interval(values, 0.95, MeanInterval.STUDENT)
    betting = mean_interval(values, 0.95, MeanInterval.BETTING)
    assert betting[0] < student[0]
    assert betting[1] > student[1]


def test_one_run_has_no_interval():
    with pytest.raises(ParameterError, match=r"^replicates = 1: at least 2"):
        mean_interval(np.array([[0.1]]), 0.95, MeanInterval.STUDENT)


def test_proportion_interval_is_exact():
    """Zero of 59 runs: the upper end p solves (1 - p)^59 = 0.025."""
    low, high = proportion_interval(0, 59, 0.95)
    assert low == 0
    assert (1 - high) ** 59 == pytest.approx(0.025)
