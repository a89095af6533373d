"""p-values: the textbook ones, and valid ones."""

import numpy as np
import pytest
from scipy import stats

from empirics.distances.betting import betting_greater
from verify.intervals import MeanInterval
from verify.pvalues import at_least, at_most, greater, less, student_lower


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
