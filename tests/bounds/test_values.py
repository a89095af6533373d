"""Numbers as users write them."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from bounds.values import as_floats, percent, plain


@pytest.mark.parametrize(
    "value", [0.25, "1/4", "0.25", Fraction(1, 4), np.float32(0.25), sp.Rational(1, 4)]
)
def test_a_number_in_any_form_is_the_same_float(value):
    assert as_floats(value) == 0.25
    assert as_floats(value).shape == ()


def test_sequences_keep_their_shape():
    assert as_floats([["1/2", 1], [Fraction(3, 2), np.int64(2)]]).tolist() == [[0.5, 1], [1.5, 2]]
    assert as_floats(np.arange(3)).dtype == np.float64


@pytest.mark.parametrize(
    "value",
    [
        *("abc", "1/0", "nan", "", True, np.True_, None, 1j, float("nan"), float("inf"), 10**400),
        *([1, "x"], [1, True], np.array([True]), np.array([1.0, np.nan]), [[1], [1, 2]]),
        sp.Symbol("n"),
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(ValueError):
        as_floats(value)


def test_plain_returns_numbers_for_scalars_only():
    assert type(plain(np.array(2.0))) is float
    assert type(plain(np.array(2.0), integer=True)) is int
    assert plain(np.array([2.0]), integer=True).dtype == np.int64


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.95, "95%"), (0.5, "50%"), (1.0, "100%"), (0.999, "99.9%"), (1 - 0.05 / 3, "98.33%")),
        *((0.999999, "99.9999%"), (1 - 1e-12, "99.9999999999%"), (0.995, "99.5%")),
    ],
)
def test_less_than_all_is_not_called_all(share, text):
    assert percent(share) == text
    assert percent(np.nextafter(1.0, 0.0)) != "100%"
