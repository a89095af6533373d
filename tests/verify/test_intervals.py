"""Intervals cover at their stated level."""

import numpy as np
import pytest
from scipy import stats

from bounds.errors import ParameterError
from verify.intervals import MeanInterval, mean_interval, proportion_interval


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
