"""The error-propagation bound is attained, exactly, by every data cycle."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from bounds import cycles
from bounds.errors import ParameterError
from bounds.propagation import influence_symbolic, propagate
from bounds.worst_case import aligned_errors

_REAL = (Fraction(7, 10), Fraction(2, 10), Fraction(1, 10))


@settings(max_examples=60)
@given(data=st.data())
def test_aligned_errors_attain_the_bound_exactly(data, any_cycle, generations):
    cycle = data.draw(any_cycle)
    small = st.fractions(0, Fraction(1, 10), max_denominator=1000)
    errors = data.draw(st.lists(small, min_size=generations, max_size=generations))
    worst = aligned_errors(cycle, errors, _REAL)
    exact = influence_symbolic(cycle, generations) * sp.Matrix([sp.Rational(e) for e in errors])
    assert [sp.Rational(d) for d in worst.distances] == list(exact)
    np.testing.assert_allclose(
        [float(d) for d in worst.distances], propagate(cycle, errors), atol=1e-13
    )
    for law in worst.laws:
        assert sum(law) == 1
        assert min(law) >= 0


def test_float_weights_still_give_probability_laws():
    cycle = cycles.fresh_real(n=1, share=0.1)
    worst = aligned_errors(cycle, ["1/20"] * 6)
    assert all(sum(law) == 1 for law in worst.laws)
    np.testing.assert_allclose(
        [float(d) for d in worst.distances], propagate(cycle, [0.05] * 6), rtol=1e-14
    )


@pytest.mark.parametrize(
    ("errors", "real", "message"),
    [
        (["1/2", "1/2", "1/10"], (1, 0), r"errors\[2\] = 1/10: must be in \[0, 0\]"),
        (["-1/2"], (1, 0), r"errors\[0\] = -1/2"),
        ([], (1, 1), "real = .*sum 1"),
        ([], (1,), "two or more"),
    ],
)
def test_impossible_laws_are_refused(errors, real, message):
    with pytest.raises(ParameterError, match=message):
        aligned_errors(cycles.full_synthetic(n=1), errors, real)
