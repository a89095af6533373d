"""Holm's procedure: the textbook numbers, and chains of nested hypotheses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from verify.multiplicity import holm

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
