"""Sums over generations and integrals over a grid, from symbols to numbers."""

import numpy as np
import pytest
import sympy as sp

from bounds.bound import Bound, Constants, Evidence, Side, Source, Statistic
from bounds.errors import ParameterError
from bounds.evaluate import _BLOCK, compiled
from bounds.notation import G, V, a, bias, delta, epsilon, gamma, j, k, size, x

INTEGRAL = sp.Integral(sp.sqrt(bias(x) ** 2 + V(x)), (x, -sp.oo, sp.oo)) / 2
SUM = sp.Sum(G[j, k] * epsilon[k], (k, 1, j))


def _bound(expression, **more):
    return Bound(
        name="own",
        title="My own",
        statement="A user's bound.",
        expression=expression,
        hypotheses=(),
        source=Source("a paper", "a theorem", Evidence.PROVED),
        side=Side.UPPER,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
        **more,
    )


def test_a_sum_runs_over_the_last_axis_up_to_the_generation():
    value = _bound(SUM).evaluate(
        generation=[1, 2, 3], influence=np.ones((3, 3)), one_step_error=[1, 10, 100]
    )
    assert value.tolist() == [1, 11, 111]


def test_a_scalar_stands_for_every_generation():
    assert _bound(SUM).evaluate(generation=4, influence=1, one_step_error="1/8") == 0.5


def test_too_short_a_sequence_is_named():
    with pytest.raises(
        ParameterError, match=r"one_step_error: has 2 entries .* generation 3 needs 3"
    ):
        _bound(SUM).evaluate(generation=3, influence=1, one_step_error=[0.1, 0.1])


def test_scalars_broadcast_against_sums():
    expression = SUM + sp.sqrt(sp.log(1 / delta) * sp.Sum(G[j, k] ** 2 / size[k], (k, 1, j)) / 2)
    level = np.array([[0.5], [0.1]])
    value = _bound(expression).evaluate(
        generation=[1, 2], influence=1, one_step_error=0.1, size=[100, 25], delta=level
    )
    slack = np.sqrt(np.log(1 / level) * np.array([1 / 100, 1 / 100 + 1 / 25]) / 2)
    np.testing.assert_allclose(value, np.array([0.1, 0.2]) + slack, rtol=1e-14)


def test_an_empty_sum_is_zero_and_long_sums_are_split():
    total = compiled(sp.Sum(k**-gamma / (k + 1), (k, 1, j - 1)))
    assert total(generation=np.array(1.0), gamma=np.array(0.5)) == 0
    count = _BLOCK + 3
    ks = np.arange(1.0, count)
    expected = [0.5, (ks**-0.5 / (ks + 1)).sum()]
    value = total(generation=np.array([2.0, count]), gamma=np.array(0.5))
    np.testing.assert_allclose(value, expected, rtol=1e-13)


def test_an_integral_is_a_sum_over_the_grid_times_the_cell():
    grid, cell = np.linspace(-8, 8, 4001, retstep=True)
    normal = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    heights = np.array([[1.0], [2.0]])
    value = _bound(INTEGRAL).evaluate(bias=-heights * normal, variance=0, cell=cell)
    np.testing.assert_allclose(value, [0.5, 1.0], rtol=1e-12)


def test_maxima_broadcast():
    value = compiled(sp.Max(a, gamma, delta) + sp.Min(a, delta))(
        share=np.array([0.1, 0.9]), gamma=np.array(0.5), delta=np.array([[0.2], [0.3]])
    )
    np.testing.assert_allclose(value, [[0.6, 1.1], [0.6, 1.2]])


def test_a_sum_over_nothing_is_zero_for_sequences_too():
    before = _bound(sp.Sum(epsilon[k], (k, 1, j - 1)))
    assert before.evaluate(generation=1, one_step_error=[5, 6, 7]) == 0
    assert before.evaluate(generation=[1, 3], one_step_error=[5, 6, 7]).tolist() == [0, 11]


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(ParameterError, match=r"^generation \(3,\), delta \(2,\): these shapes"):
        _bound(j * delta).evaluate(generation=[1, 2, 3], delta=[0.1, 0.2])
    with pytest.raises(ParameterError, match=r"^bias \(3,\), variance \(2,\): these shapes"):
        _bound(INTEGRAL).evaluate(bias=np.ones(3), variance=np.ones(2), cell=1)


def test_symbols_outside_the_notation_are_refused():
    with pytest.raises(ParameterError, match="expression: n, z not in"):
        _bound(sp.Symbol("z") * sp.Symbol("n"))


def test_quantities_fill_in_what_is_missing_and_nothing_else():
    def quantities(*, generation, gamma, scale=1.0):
        assert type(generation) is int
        assert type(gamma) is float
        return {"influence": np.ones(generation), "one_step_error": gamma * scale}

    bound = _bound(SUM, quantities=quantities)
    assert bound.evaluate(generation=2) == 0.5
    assert bound.evaluate(generation=2, gamma="1/8", scale=2) == 0.5
    assert bound.evaluate(generation=2, one_step_error=[0, "1/10"]) == 0.1
    assert bound.defaults(generation=2).keys() == {"gamma"}
    assert not bound.defaults(generation=2, influence=1, one_step_error=1)
    with pytest.raises(ParameterError, match="generation: missing, needed by 'My own'"):
        bound.evaluate(gamma=0.5)
    with pytest.raises(ParameterError, match="scales: unknown to 'My own'; did you mean 'scale'"):
        bound.evaluate(generation=2, scales=1)
