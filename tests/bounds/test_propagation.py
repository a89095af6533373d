"""Laws that hold for every data cycle, and the closed forms of G."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from bounds import cycles
from bounds.errors import ParameterError
from bounds.notation import epsilon
from bounds.propagation import (
    depths,
    influence,
    influence_symbolic,
    paper_errors,
    propagate,
    unroll,
)

ROUNDING = 1e-12


def _backward_row(cycle, j):
    """The paper's recursion: A_j = 1, A_k = sum over l > k of A_l w[l-1, k] (notes A2)."""
    row = {j: Fraction(1)}
    for k in range(j - 1, 0, -1):
        row[k] = sum(row[m] * cycle.weights(m)[k] for m in range(k + 1, j + 1))
    return [row[k] for k in range(1, j + 1)]


@given(data=st.data())
def test_laws_of_every_cycle(data, any_cycle, generations):
    cycle = data.draw(any_cycle)
    W, G = cycle.weight_matrix(generations), influence(cycle, generations)
    np.testing.assert_allclose(W.sum(axis=1), 1, atol=ROUNDING)
    assert (W >= 0).all()
    assert ((G >= 0) & (G <= 1)).all()
    assert (np.diag(G) == 1).all()
    assert (np.triu(G, 1) == 0).all()
    learned = np.hstack([W[:, 1:], np.zeros((generations, 1))])
    np.testing.assert_allclose(
        G @ (np.eye(generations) - learned), np.eye(generations), atol=ROUNDING
    )


@given(data=st.data())
def test_the_last_row_is_the_papers_backward_recursion(data, any_cycle, generations):
    cycle = data.draw(any_cycle)
    exact = influence_symbolic(cycle, generations)
    assert list(exact[-1, :]) == [sp.Rational(w) for w in _backward_row(cycle, generations)]
    np.testing.assert_allclose(
        np.array(exact, dtype=float), influence(cycle, generations), atol=ROUNDING
    )


@settings(max_examples=25)
@given(data=st.data())
def test_unrolled_formula_is_the_propagated_number(data, any_cycle, generations):
    cycle = data.draw(any_cycle)
    errors = data.draw(st.lists(st.floats(0, 1), min_size=generations, max_size=generations))
    formula = unroll(cycle, generations)
    value = formula.subs({epsilon[k]: e for k, e in enumerate(errors, start=1)})
    assert float(value) == pytest.approx(propagate(cycle, errors)[-1], abs=ROUNDING)


@given(st.integers(1, 12), st.fractions(0, 1, max_denominator=30))
def test_closed_forms_of_the_influence(count, share):
    """Rows of G in closed form: all ones, powers of 1 - a, and 1/(k+1)."""
    j, k = np.indices((count, count)) + 1
    lower = k <= j
    full = influence(cycles.full_synthetic(n=1), count)
    np.testing.assert_array_equal(full, np.where(lower, 1.0, 0.0))
    fresh = influence(cycles.fresh_real(n=1, share=share), count)
    expected = np.where(lower, (1 - float(share)) ** np.where(lower, j - k, 0), 0.0)
    np.testing.assert_allclose(fresh, expected, atol=ROUNDING)
    for cycle in (cycles.balanced(n=1), cycles.accumulating(n=1)):
        below = np.where(k < j, 1 / (k + 1), 0.0)
        np.testing.assert_allclose(influence(cycle, count), below + np.eye(count), atol=ROUNDING)


def test_unrolling_keeps_symbols():
    a, lam, n = sp.symbols("a lam n", positive=True)
    fresh = unroll(cycles.fresh_real(n=n, share=a), 3)
    assert sp.expand(fresh - (epsilon[3] + (1 - a) * epsilon[2] + (1 - a) ** 2 * epsilon[1])) == 0
    u = lam / (1 + lam)
    mixed = unroll(cycles.real_plus_synthetic(n=n, lam=lam), 3)
    assert sp.simplify(mixed - (epsilon[3] + u * epsilon[2] + u**2 * epsilon[1])) == 0
    e = sp.IndexedBase("e")
    assert unroll(cycles.balanced(n=n), 3, e) == e[3] + e[2] / 3 + e[1] / 2


def test_errors_may_have_leading_axes():
    cycle, errors = cycles.fresh_real(n=10, share="1/3"), np.linspace(0, 1, 24).reshape(2, 3, 4)
    assert propagate(cycle, errors).shape == (2, 3, 4)
    for index in np.ndindex(2, 3):
        np.testing.assert_allclose(propagate(cycle, errors)[index], propagate(cycle, errors[index]))


def test_depths_and_rates():
    np.testing.assert_allclose(depths(cycles.full_synthetic(n=5), 4), [1, 2, 3, 4])
    np.testing.assert_allclose(depths(cycles.balanced(n=5), 3), [1, 1.5, 11 / 6])
    rate = paper_errors(cycles.accumulating(n=16), 2, constant=[[1], [3]], gamma=["1/4", "1/2"])
    assert rate.shape == (2, 2, 2)
    np.testing.assert_allclose(rate[:, :, 0], [[1 / 2, 1 / 4], [3 / 2, 3 / 4]])
    np.testing.assert_allclose(rate[:, :, 1], rate[:, :, 0] * [2**-0.25, 2**-0.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: influence(cycles.balanced(n=1), 0), "generation = 0"),
        (lambda: influence(cycles.balanced(n=1), [1, 2]), "generation = an array of shape"),
        (lambda: influence(cycles.fresh_real(n=1, share=sp.Symbol("a")), 3), "use unroll"),
        (lambda: influence(cycles.custom(rows=[[1]], n=1), 2), "generation = 2"),
        (lambda: propagate(cycles.balanced(n=1), [0.1, -0.1]), "one_step_error = -0.1"),
        (lambda: propagate(cycles.balanced(n=1), 0.1), "one entry per generation"),
        (lambda: paper_errors(cycles.balanced(n=sp.Symbol("n")), 3), "has symbols"),
        (lambda: paper_errors(cycles.balanced(n=1), 3, gamma=1), "gamma = 1"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


class Remembering(cycles.FullSynthetic):
    """A cycle of the user's own, with an attribute of its own."""

    _matrix = np.zeros((3, 3))

    def __init__(self):
        super().__init__(n=10)
        self._matrix = np.ones((3, 3))


def test_the_weights_that_a_cycle_holds_are_no_attribute_of_a_subclass():
    cycle = Remembering()
    assert cycle.weight_matrix(3).tolist() == np.eye(3).tolist()
    assert cycle._matrix.tolist() == np.ones((3, 3)).tolist()


def test_weights_that_are_given_away_may_be_written_to():
    cycle = cycles.balanced(n=10)
    cycle.weight_matrix(3)[:] = 7
    assert cycle.weight_matrix(3).tolist() == cycles.balanced(n=10).weight_matrix(3).tolist()


def test_a_copy_of_a_cycle_takes_its_parameters_alone():
    cycle = cycles.fresh_real(n=10, share=0.1)
    before = pickle.dumps(cycle)
    weights = cycle.weight_matrix(50)
    assert pickle.dumps(cycle) == before
    assert pickle.loads(before) == cycle
    assert (pickle.loads(before).weight_matrix(50) == weights).all()
