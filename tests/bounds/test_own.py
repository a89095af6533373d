"""Own bounds: accepted by every evaluator or refused in a line; right digits or none."""

import math
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds.errors import ParameterError
from bounds.functions import GeometricDepth, OneMinusExp
from bounds.notation import C, G, K, a, bias, epsilon, gamma, h, j, k, lam, n, sigma, x
from bounds.printing.typeset import latex, unicode
from tests.bounds.javascript.node import node

_i = sp.Symbol("i", integer=True)


def _own(expression):
    return bounds.define("own", expression, statement="Mine.")


@pytest.fixture(scope="module")
def in_javascript():
    with node() as value:
        yield value


_FIRST, _THIRD = {"generation": 1}, {"generation": 3}

NUMBERS = [
    (sp.Sum((1 - a) ** k, (k, 0, j - 1)), {"share": 0.1, "generation": 5}, 4.0951),
    (sp.Sum(k - 1, (k, -2, j)), {"generation": 2}, -5.0),
    (sp.Sum(1 / (_i + k), (_i, 1, k), (k, 1, j)), {"generation": 3}, 1.7),
    (sp.Sum(_i * sp.Sum(a**k, (k, _i, j)), (_i, 0, j)), {"share": 0.5, "generation": 2}, 1.25),
    (sp.Sum(1 / k**2, (k, 1, sp.oo)), {}, math.pi**2 / 6),
    (sp.Sum(C * k ** (-1 - h), (k, 2, sp.oo)), {"constant": 2, "bandwidth": 1}, math.pi**2 / 3 - 2),
    (sp.harmonic(j, sp.Rational(1, 2)), {"generation": 5}, 3.2316706458761313),
    (sp.harmonic(j, C), {"generation": 5, "constant": 1}, 137 / 60),
    (sp.harmonic(j, C), {"generation": 5, "constant": 1 + 1e-9}, 137 / 60 - 1.381238972733e-9),
    (sp.harmonic(n, h), {"n": 10**6, "bandwidth": 0.5}, 1998.5401454911487),
    ((1 - (1 - a) ** j) / a, {"share": 1e-17, "generation": 7}, 7.0),
    (C * (1 - (1 - a) ** j) / a + h, {"share": 1e-17, "generation": 7, "constant": 1}, 8.0),
    (1 - (lam / (1 + lam)) ** j, {"lam": 1e17, "generation": 3}, 3e-17),
    (1 - sp.exp(-lam * h), {"lam": 1e-20, "bandwidth": 1}, 1e-20),
    (sp.Piecewise((a, (n > 3) & (j < 2)), (a**j, True)), {"n": 9, **_FIRST, "share": 0.5}, 0.5),
    (sp.Piecewise((a, (n > 3) & (j < 2)), (a**j, True)), {"n": 9, **_THIRD, "share": 0.5}, 0.125),
    (sp.Piecewise((1, sp.Or(a > h, sp.Eq(j, n))), (2, True)), {"share": 0, **_THIRD, "n": 3}, 1),
]


@pytest.mark.parametrize(("expression", "params", "value"), NUMBERS)
def test_float_ball_and_page_have_the_right_number(expression, params, value, in_javascript):
    bound = _own(expression)
    params = {"bandwidth": 1} | params if "bandwidth" in bound.parameters else params
    assert bound.evaluate(**params) == pytest.approx(value, rel=1e-14)
    assert float(bound.enclose(**params).middle) == pytest.approx(value, rel=1e-14)
    assert in_javascript(bound, params) == pytest.approx(value, rel=1e-13)


CANCELLING = [
    ((sp.exp(lam) - 1 - lam) / lam**2, {"lam": 1e-9}, 0.5000000001666667),
    (sp.sqrt(1 + lam) - 1, {"lam": 1e-20}, 5e-21),
    (n**gamma - (n - 1) ** gamma, {"n": 10**15, "gamma": 0.25}, 1.4058533129758728e-12),
    ((1 + 1 / n) ** n, {"n": 10**15}, 2.7182818284590438),
    (sp.sin(h + sp.Rational(1, 10)), {"bandwidth": 1e15}, 0.8027511199041604),
    (sp.sqrt(sp.exp(2 * lam) + 1), {"lam": 400}, 5.221469689764144e173),
    (sp.floor(j / 49), {"generation": 49}, 1.0),
    (sp.log(1 + lam), {"lam": 1e-20}, 1e-20),
    (sp.Sum(k - h, (k, 1, j)) - j * (j + 1) / 2, {"generation": 3, "bandwidth": 1e-16}, -3e-16),
]


@pytest.mark.parametrize(("expression", "params", "value"), CANCELLING)
def test_where_digits_cancel_an_enclosure_answers_and_a_page_refuses(
    expression, params, value, in_javascript
):
    bound = _own(expression)
    assert bound.evaluate(**params) == pytest.approx(value, rel=1e-10)
    assert in_javascript(bound, params) is None or expression.has(sp.floor)


def test_arrays_are_repaired_where_they_must_be():
    bound = _own((sp.exp(lam) - 1 - lam) / lam**2)
    lams = np.array([1e-12, 1e-6, 1e-3, 1, 10])
    right = [float(bound.enclose(lam=float(at)).middle) for at in lams]
    np.testing.assert_allclose(bound.evaluate(lam=lams), right, rtol=1e-9)
    rows = _own(sp.Sum(epsilon[k] / k, (k, 1, j)) - 1)
    table = np.array([[1.0, 1e-18], [1.0, 2.0]])
    np.testing.assert_allclose(rows.evaluate(one_step_error=table, generation=2), [5e-19, 1])


@pytest.mark.parametrize(
    ("expression", "params"),
    [
        (sp.log(a - 2), {"share": 0.5}),
        (sp.sqrt(a - h), {"share": 0.5, "bandwidth": 1}),
        (sp.loggamma(a - 1), {"share": 0.5}),
        (sp.factorial(a - 3), {"share": 0.5}),
        (1 / (a - 1), {"share": 1}),
        (sp.zeta(a), {"share": 1}),
    ],
)
def test_what_is_no_number_is_refused_by_name(expression, params, in_javascript):
    bound = _own(expression)
    with pytest.raises(ParameterError, match=r"has no value .*share = "):
        bound.evaluate(**params)
    with pytest.raises(ParameterError, match="has no value"):
        bound.is_vacuous(**params)
    with pytest.raises(ParameterError, match="has no value"):
        bound.evaluate(**params | {"share": np.array([0.25, params["share"]])})
    assert in_javascript(bound, params) is None


def test_a_share_rounded_past_one_is_one(in_javascript):
    words = {"n": 3, "share": 0.999999999, "collision_probability": 0.5, "generation": 5}
    exact = bounds.get("discrete-resampling")
    assert exact.evaluate(**words) == pytest.approx(1 / 6, rel=1e-15)
    assert exact.evaluate_where_defined(**words | {"share": np.full(2, 0.999999999)}) == (
        pytest.approx(1 / 6, rel=1e-15)
    )
    assert in_javascript(exact, words) == pytest.approx(1 / 6, rel=1e-15)


def test_an_overflow_is_infinite():
    assert _own(sp.exp(n)).evaluate(n=10**4) == math.inf
    assert _own(-sp.exp(n)).evaluate(n=10**4) == -math.inf


REFUSED = [
    (sp.Sum(1 / k, (k, 1, sp.oo)), "a sum without end"),
    (sp.Sum(a**k, (k, 0, sp.oo)), "a sum without end"),
    (sp.Sum(k, (k, 1, h)), "its limit h must be an integer"),
    (sp.Sum(1 / k, (k, 1, 5)), "a sum of numbers only"),
    (sp.besseli(0, a), "besseli is not supported"),
    (sp.binomial(n, K), "binomial is not supported"),
    (sp.Product(k, (k, 1, j)), "Product is not supported"),
    (sp.Derivative(sp.gamma(h), h), "Derivative is not supported"),
    (sp.Piecewise((a, n > 3)), "must end with"),
    (sp.Piecewise((1, sp.Xor(a > h, h > 1)), (2, True)), "comparisons"),
    (sp.log(-1), "ImaginaryUnit"),
    (h * (-1) ** sp.Rational(1, 3), "no real number"),
    (sp.nan, "must be a number"),
    (sp.oo, "must be a number"),
    (sp.Integer(10) ** 400, "at most 1000 bits"),
    (sp.Catalan * n, "constants are"),
    (sp.harmonic(h), "needs a count"),
    (sp.harmonic(j, -h), "an order >= 0"),
    (sp.polygamma(j, h), "needs an order"),
    (GeometricDepth(h, j), "needs a share"),
    (sp.LambertW(h, 2), "real branches"),
    (k, "outside a sum"),
    (x, "under an integral"),
    (epsilon[j], "a sequence must stand"),
    (sp.Sum(epsilon[k], (k, 0, j)), "from 1 or later"),
    (sp.Sum(G[j, _i] * sp.Sum(k, (k, 1, _i)) + _i, (_i, 1, j)), None),
    (sp.Sum(sp.Sum(epsilon[k] * _i, (k, 1, _i)), (_i, 1, j)), "a sequence must stand"),
    (bias(x), "must stand in an integral"),
    (sp.Integral(bias(x + 1), (x, -sp.oo, sp.oo)), "must stand in an integral"),
    (sp.Integral(h * n, (n, 0, 1)), "only one integral"),
    (sp.Sum(sp.Integral(bias(x), (x, -sp.oo, sp.oo)) * k, (k, 1, j)), "only one integral"),
    (sp.Symbol("quux"), "not in bounds.notation"),
    (sp.IndexedBase("quux")[k], "not in bounds.notation"),
    (sp.Function("quux")(x), "not in bounds.notation"),
    (sp.Add(*(sp.sqrt(n + at) for at in range(700)), evaluate=False), "more than 2000 parts"),
]


@pytest.mark.parametrize(("expression", "named"), REFUSED)
def test_what_some_evaluator_cannot_do_is_refused_in_a_line(expression, named):
    if named is None:
        assert _own(expression).evaluate(influence=[1, 1, 1], generation=3) == 16
        return
    with pytest.raises(ParameterError) as error:
        _own(expression)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", bounds.names())
def test_every_expression_of_the_catalogue_could_be_ones_own(name):
    """Refusals have reasons: the whole catalogue is accepted, unchanged."""
    expression = bounds.get(name).expression
    assert _own(expression).watched
    assert _own(expression).parameters == bounds.get(name).parameters


def test_pairs_that_cancel_are_written_stably():
    assert _own((1 - (1 - a) ** j) / a).expression == GeometricDepth(a, j)
    assert _own(C - C * (1 - a) ** (2 * j) + n).expression == a * C * GeometricDepth(a, 2 * j) + n
    assert _own(2 - 2 * sp.exp(-h)).expression == 2 * OneMinusExp(h)
    assert _own(1 - sp.exp(a - h)).expression == 1 - sp.exp(a - h)


def test_a_sum_from_zero_is_not_proved_with_its_index_positive():
    """``k - 1/2`` is nonnegative for k >= 1 only."""
    own = _own(sp.Sum((k - sp.Rational(1, 2)) / n, (k, 0, j - 1)))
    assert own.audit()["nonnegative"].status == "fails"


def test_a_bound_without_values_is_not_called_nonnegative():
    for expression in (sp.log(a - 2), sp.Abs(sp.log(a - 2)), sp.sqrt(a - gamma)):
        audit = _own(expression).audit()
        assert audit["nonnegative"].status == "fails"
        assert "has no value at share = " in audit["nonnegative"].how
        assert not [item for item in audit.properties if item.name.startswith("limit")]


def test_a_limit_that_depends_on_other_words_is_refused():
    both = _own((h * sp.exp(-h * n) + sigma * sp.exp(-sigma * n)) * sp.exp(sigma * n))
    for bound in (both, _own(n ** (C - h)), _own((C / h) ** n), _own(lam**n)):
        with pytest.raises(ParameterError, match="give numbers for the other words"):
            bound.limit("n", "oo")
    assert both.limit("n", "oo", bandwidth=2, target_sd=1) == 1
    assert both.limit("n", "oo", bandwidth=1, target_sd=2) == sp.oo
    assert _own(C * n**-gamma + h).limit("n", "oo") == h


def test_exponentials_of_one_rank_are_not_ranked_by_their_place():
    assert _own(sp.Integer(3) ** n / sp.Integer(4) ** n).limit("n", "oo") == 0
    assert _own(sp.Integer(4) ** n / sp.Integer(3) ** n).limit("n", "oo") == sp.oo


def test_harmonic_numbers_keep_order_and_brackets():
    assert latex(sp.harmonic(j, 2)) == r"H_{j}^{\left(2\right)}"
    assert latex(sp.harmonic(j, 2) ** 2) == r"\left(H_{j}^{\left(2\right)}\right)^{2}"
    assert latex(sp.harmonic(j) ** 2) == "H_{j}^{2}"
    assert unicode(C * sp.harmonic(j + 1)) == "C⋅H_(j + 1)"
    assert unicode(sp.harmonic(j, 2)) == "H_(j, 2)"
    assert unicode(C * sp.harmonic(j)) == "C⋅H_j"


def test_no_two_symbols_look_alike():
    """Euler's constant beside the exponent gamma."""
    assert latex(sp.EulerGamma) != latex(gamma)
    assert unicode(sp.EulerGamma) != unicode(gamma)
    assert _own(sp.EulerGamma * h).mathml() != _own(gamma * h).mathml()


@pytest.mark.parametrize("relation", [sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne])
def test_choices_are_well_formed_mathml(relation):
    fromstring(_own(sp.Piecewise((a, relation(h, 1)), (1, True))).mathml())


def test_a_sum_of_endless_work_is_refused_before_it_begins():
    double = _own(sp.Sum(1 / (_i + k), (_i, 1, n), (k, 1, n)))
    with pytest.raises(ParameterError, match="in all"):
        double.evaluate(n=10**6)
    with pytest.raises(ParameterError, match="more than"):
        double.enclose(n=10**6)
    assert _own(sp.Sum(1 / k, (k, 1, n))).audit()["monotone in n"].status == "proved"
    with pytest.raises(ParameterError, match="has no value"):
        _own(sp.Sum(k * a, (k, 1, sp.floor(sp.exp(n))))).evaluate(share=0.5, n=1000)


@pytest.mark.parametrize("generation", [5, 2000])
def test_depths_in_a_sum_and_long_sums_are_explained(generation):
    inside = _own(sp.Sum(GeometricDepth(1 / (1 + k), j) / n, (k, 1, j)))
    explained = inside.explain(generation=generation, n=10)
    assert explained.value == pytest.approx(sum(term.value for term in explained.terms))
    outside = bounds.get("fresh-real").explain(generation=generation, n=10, share=0.1)
    assert outside.value == pytest.approx(sum(term.value for term in outside.terms))
