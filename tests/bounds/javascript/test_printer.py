"""Expressions of one's own: printed, or refused by name; text that could break out of a script."""

import json

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds.errors import ParameterError
from bounds.functions import GeometricDepth, LogMinusDigamma, OneMinusExp
from bounds.javascript import UnprintableError, function_of, library, literal
from bounds.javascript.library import words
from bounds.notation import NOTATION, C, G, V, a, bias, d, epsilon, gamma, h, j, k, kappa, lam, n, x
from tests.bounds.javascript.drawing import parameter_sets
from tests.browser import page

OWN = {
    "extremes": sp.Max(sp.Min(C, lam, 1), a, h / 2),
    "gammas": sp.gamma(h) / sp.gamma(h + a) + sp.loggamma(C),
    "polygammas": sp.polygamma(2, h) + sp.digamma(C),
    "lambert": sp.LambertW(lam) + sp.LambertW(-gamma / 3, -1),
    "factorial": sp.log(sp.factorial(d)) + sp.binomial(d, 2).rewrite(sp.factorial),
    "orders": sp.harmonic(j, 3) + sp.harmonic(j),
    "zetas": sp.zeta(1 + h) + sp.zeta(2 + a, d),
    "erfs": sp.erf(lam) + sp.erfc(h),
    "trig": sp.sin(a) ** 2 + sp.atan(lam) + sp.cosh(a) - sp.tanh(lam) + sp.sign(a - lam),
    "steps": sp.floor(lam) + sp.ceiling(h) + sp.Abs(a - lam),
    "numbers": sp.EulerGamma + sp.pi * sp.E * a + sp.Float("0.1") + sp.Rational(1, 3),
    "powers": (1 - a / 2) ** j + lam ** sp.Rational(1, 3) + n**-a + (2 * h) ** -1 + C**-gamma,
    "accurate": GeometricDepth(a, j) + OneMinusExp(lam) + LogMinusDigamma(d + 1, d),
    "sums": sp.Sum(G[j, k] * epsilon[k] / sp.sqrt(1 + kappa[k]), (k, 1, j)) ** 2,
    "nested": sp.Sum(k**-gamma * sp.Sum(1 / k**2, (k, 1, j)), (k, 1, j)),
    "integrals": sp.Integral(sp.sqrt(V(x) + bias(x) ** 2) / (1 + h), (x, -sp.oo, sp.oo)),
    "exponential": sp.exp(-lam) + sp.exp(1) + sp.log(1 + h) + sp.sqrt(C) + 1 / sp.sqrt(h),
}


def _own(expression, name="own", **more):
    return bounds.define(name, expression, statement="Mine.", **more)


_GLOBAL = "window.evaluate = evaluate; window.ParameterError = ParameterError;"


@pytest.fixture(scope="module")
def own_values(browser, tmp_path_factory):
    catalogue = {name: _own(e, name) for name, e in OWN.items()}
    path = tmp_path_factory.mktemp("own") / "own.html"
    path.write_text(page(script=f"{library(catalogue)}; {_GLOBAL}"))
    browser.get(path.as_uri())

    def values(name, sets, count):
        code = """
        const [name, sets, count] = arguments;
        const at = (i) => Object.fromEntries(
          Object.entries(sets).map(([word, all]) => [word, all[i]]));
        const value = (i) => {
          try { return String(window.evaluate(name, at(i))); }
          catch (error) { if (error instanceof ParameterError) return "NaN"; throw error; }
        };
        return Array.from({ length: count }, (_, i) => value(i));
        """
        return [
            float(v.replace("Infinity", "inf"))
            for v in browser.execute_script(code, name, sets, count)
        ]

    return catalogue, values


@pytest.mark.parametrize("name", OWN)
def test_own_expressions_have_the_same_value(name, own_values):
    catalogue, values = own_values
    sets = parameter_sets(catalogue[name], 100, np.random.default_rng(5))
    here = [
        _value(catalogue[name], {word: v[i].tolist() for word, v in sets.items()}) for i in _ALL
    ]
    there = np.array(values(name, {word: v.tolist() for word, v in sets.items()}, len(_ALL)))
    told = np.isfinite(there)
    assert told.sum() > _MANY
    np.testing.assert_allclose(there[told], np.array(here)[told], rtol=1e-9)
    assert not told[np.isnan(here)].any()


_ALL, _MANY = range(100), 35
"""A page refuses where digits run out, or numbers are too large on the way."""


def _value(bound, params):
    try:
        return bound.evaluate(**params)
    except ParameterError:
        return np.nan


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (sp.besselj(0, a), "besselj"),
        (sp.Sum(k * a, (k, 1, sp.Symbol("i"))), "i"),
        (sp.Integral(bias(x + 1), (x, -sp.oo, sp.oo)), "last argument"),
        (G[j, j], "last index"),
        (sp.Product(k * a, (k, 1, j)), "Product"),
    ],
)
def test_what_cannot_be_printed_is_named(expression, named):
    with pytest.raises((UnprintableError, ParameterError), match=named):
        function_of(expression)


def test_functions_are_of_the_words():
    assert function_of(C * n**-gamma) == (
        "({ n, gamma, constant }) => constant*runtime.power(n, -gamma)"
    )


HOSTILE = ["</script><script>alert(1)</script>", "<!--", "\u2028\u2029", "\"quoted' \\", "&lt;"]


@pytest.mark.parametrize("text", HOSTILE)
def test_literals_cannot_leave_their_script(text):
    written = literal({"title": text})
    assert written.isascii()
    assert not set("<>&") & set(written)
    assert json.loads(written) == {"title": text}


def test_literals_are_finite():
    with pytest.raises(ValueError, match="not JSON compliant"):
        literal(float("inf"))


def test_names_of_ones_own_cannot_touch_prototypes(browser, tmp_path):
    catalogue = {"__proto__": _own(C, title=HOSTILE[0])}
    path = tmp_path / "hostile.html"
    path.write_text(page(script=f"{library(catalogue)}; window.evaluate = evaluate;"))
    browser.get(path.as_uri())
    assert browser.execute_script("return window.evaluate('__proto__', { constant: 3 });") == 3
    assert browser.execute_script("return ({}).title === undefined;")


def test_ranges_are_those_of_the_notation():
    described = words()
    assert list(described) == list(NOTATION)
    assert described["gamma"]["default"] == 0.25
    assert described["n"]["allowed"] == NOTATION["n"].allowed


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("fresh-real", {"n": 0, "generation": 1, "share": 0.5}),
        ("fresh-real", {"n": 10, "generation": 1, "share": 1.5}),
        ("fresh-real", {"n": 10, "generation": 1, "share": 0.5, "gamma": 1.0}),
        ("full-synthetic", {"n": 10.5, "generation": 1}),
        ("fresh-real", {"n": 10, "generation": 1}),
        ("error-propagation", {"generation": 1, "influence": [1, 2], "one_step_error": [0, 0]}),
        ("kde-rate", {"n": 10, "constant": 0}),
    ],
)
def test_refusals_are_those_of_python(name, params, js):
    with pytest.raises(ParameterError) as here:
        bounds.get(name).evaluate(**params)
    code = """
    try { window.library.evaluate(...arguments); return "no refusal"; }
    catch (error) { return error.message; }
    """
    there = js(code, name, params)
    if "missing" in str(here.value):
        assert "missing, needed by" in there
    else:
        assert there == str(here.value)


def test_a_short_sequence_and_an_unknown_name_are_named(js):
    code = """
    try { window.library.evaluate(...arguments); return "no refusal"; }
    catch (error) { return error.message; }
    """
    short = {"generation": 3, "influence": [1], "one_step_error": [1]}
    assert js(code, "error-propagation", short).startswith("influence: has 1 entries, generation 2")
    assert js(code, "no-such", {}) == "no bound is called 'no-such'"
    assert "cell" in js(code, "kde-sandwich-lower", {"bias": [0.1]})
