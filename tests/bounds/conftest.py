"""Data cycles for the property tests: every kind, with rational weights."""

from fractions import Fraction

import pytest
from hypothesis import strategies as st

from bounds import cycles
from bounds.cycles.accumulating_with_share import AccumulatingWithShare
from bounds.cycles.weighted_real import WeightedReal

GENERATIONS = 7


@st.composite
def _custom(draw):
    rows = []
    for j in range(1, GENERATIONS + 1):
        parts = draw(st.lists(st.integers(0, 9), min_size=j, max_size=j).filter(any))
        rows.append([Fraction(p, sum(parts)) for p in parts])
    sizes = draw(st.lists(st.integers(1, 10**6), min_size=GENERATIONS, max_size=GENERATIONS))
    return cycles.custom(rows=rows, n=sizes)


_SIZES = st.integers(1, 10**6)
_SHARES = st.fractions(0, 1, max_denominator=50)
_RATIOS = st.fractions(0, 100, max_denominator=20)

_ANY = st.one_of(
    st.builds(cycles.full_synthetic, n=_SIZES),
    st.builds(cycles.fresh_real, n=_SIZES, share=_SHARES),
    st.builds(cycles.balanced, n=_SIZES),
    st.builds(cycles.accumulating, n=_SIZES),
    st.builds(cycles.real_plus_synthetic, n=_SIZES, lam=_RATIOS, real_start=st.booleans()),
    st.builds(AccumulatingWithShare, n=_SIZES, share=_SHARES),
    st.builds(WeightedReal, n=_SIZES, share=_SHARES, lam=st.integers(1, 20)),
    _custom(),
)


@pytest.fixture(scope="session")
def any_cycle():
    """Strategy: a data cycle of any kind, defined for at least ``generations`` models."""
    return _ANY


@pytest.fixture(scope="session")
def generations():
    return GENERATIONS
