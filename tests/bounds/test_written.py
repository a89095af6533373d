"""Text of own expressions: read by a grammar, refused in one line, never executed."""

import os

import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import bounds
from bounds import cycles
from bounds.certified.exact import as_fraction
from bounds.errors import ParameterError
from bounds.notation import NOTATION, C, a, gamma, j, lam, n
from bounds.own.written import expression_of
from bounds.strategies import expressions
from bounds.values import as_floats, fraction_of

_CODE = "__import__('os').system('touch pwned')"
_HOSTILE = (
    *(_CODE, f"n + {_CODE}", "exec('1')", "open('pwned', 'w')", "a.__class__", "n.subs(n, 2)"),
    *("(lambda: 1)()", "lambda: 1", "[n for n in a]", "n if n else 1", "f'{n}'", "'n'", "b'n'"),
    *("n := 3", "n; a", "n\na", "*n", "**n", "n[0]", "n[0:1]", "{n}", "sin(*n)", "sin(x=n)"),
    *("True", "None", "1j", "n // 2", "n % 2", "n @ a", "n << 2", "~n", "not n", "n > a", "..."),
    *(
        "sympify('n')",
        "S('n')",
        "Symbol('n')",
        "Function('n')(a)",
        "N(n, 50)",
        "eval(n)",
        "n and a",
    ),
    *("", " ", "(", "n)", "quux", "Sum(k)", "Sum(k, k)", "Sum(k, (1, 1, j))", "sin()", "sin(n, n)"),
    *("Piecewise(n)", "Piecewise((n, n))", "Integral(n, (n, 0, 1))", "1/0", "0**-1", "n and a"),
    *("a/(1 - 1)", "Sum(k, (k, 1))", "n(3)", "zeta", "b(n)", "V(x)", "k"),
)
_HEAVY = (
    *("9**9**9", "(10**300)**1000", "((10**30*n)**1000)**1000", "factorial(10**9)", "1e999999999"),
    *("harmonic(10**8)", "gamma(10**9)", "zeta(10**6)", "exp(exp(exp(9)))", "10**5000", "1e5001"),
    *("floor(((exp(1000))**1000)**1000)", "n" * 2001, "(" * 900 + "1" + ")" * 900),
    *("-" * 1900 + "1", "sin(" * 60 + "n" + ")" * 60, "floor(Sum(1/k, (k, 1, 10**9)))"),
)


@pytest.mark.parametrize("text", [*_HOSTILE, *_HEAVY])
def test_hostile_and_heavy_text_is_refused_in_a_line(text, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "system", lambda command: pytest.fail(f"executed {command}"))
    with pytest.raises(ParameterError) as error:
        bounds.define("x", text, statement="s")
    assert "\n" not in str(error.value)
    assert not [*tmp_path.iterdir()]


def test_a_long_sum_is_not_nested_deep():
    assert bounds.define("x", "+".join("n" * 900), statement="s").expression == 900 * n


@pytest.mark.parametrize(
    "expression", [[_CODE], {"n": _CODE}, (_CODE,), object(), None, True, sp.Matrix([n]), n > 3]
)
def test_what_is_no_expression_is_refused_and_text_in_it_is_not_read(
    expression, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "system", lambda command: pytest.fail(f"executed {command}"))
    with pytest.raises(ParameterError, match=r"must be an expression of SymPy|is not supported"):
        bounds.define("x", expression, statement="s")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("gamma*N*lambda + lam^2", gamma * NOTATION["horizon"].symbol * lam + lam**2),
        ("gamma(1/2)*gamma", sp.sqrt(sp.pi) * gamma),
        ("constant*generation**2/n", C * j**2 / n),
        ("0.1*a", a / 10),
        ("1e-3 + E + pi", sp.Rational(1, 1000) + sp.E + sp.pi),
        ("Max(a, 1/2)", sp.Max(a, sp.Rational(1, 2))),
        ("chi_square*error_floor", NOTATION["chi_square"].symbol * NOTATION["error_floor"].symbol),
        ("-+-n", n),
        ("sqrt(n)*log(n, 2)", sp.sqrt(n) * sp.log(n, 2)),
    ],
)
def test_text_is_what_it_says(text, expression):
    assert bounds.define("x", text, statement="s").expression == expression


@pytest.mark.parametrize(
    ("text", "params", "value"),
    [
        ("Sum(epsilon[k]*G[j, k], (k, 1, j))", {"generation": 2, "influence": [1, 0.5]}, 0.2),
        ("Sum(one_step_error[k], (k, 1, j))", {"generation": 2}, 0.3),
        ("Sum(Sum(1/(i + k), (i, 1, k)), (k, 1, j))", {"generation": 3}, 1.7),
        ("Piecewise((a, (n > 3) & (j < 2)), (a**j, True))", {"n": 3, "generation": 2}, 0.01),
        ("Piecewise((1, 1 < n <= 3 or a > 1), (2, True))", {"n": 3}, 1),
        ("Piecewise((1, Eq(n, 3) & Ne(a, 1) | (n == 4)), (2, True))", {"n": 3}, 1),
        ("Integral(sqrt(V(x) + b(x)**2), (x, -oo, oo))/2", {"cell": 0.1}, 0.1),
    ],
)
def test_every_form_of_the_grammar_is_evaluated(text, params, value):
    bound = bounds.define("x", text, statement="s")
    given = {"one_step_error": [0.1, 0.2], "share": 0.1, "variance": [1, 0], "bias": [0, 1]}
    words = {word: given[word] for word in bound.parameters if word in given}
    assert bound.evaluate(**words | params) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("word", ["chi_square", "error_floor", "kept_share"])
def test_symbols_that_are_no_names_are_read_back(word):
    """chi^2, E_* and s_+ print with signs that are operators elsewhere."""
    symbol = next(e.symbol for e in NOTATION.values() if e.word == word)
    n, j = NOTATION["n"].symbol, NOTATION["generation"].symbol
    for expression in (symbol * n, n * symbol + 1, symbol**2 + j, symbol + n, n**symbol):
        assert expression_of(str(expression)) == expression


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(ParameterError, match=r"'gama' not in .*did you mean 'gamma'"):
        bounds.define("x", "n**-gama", statement="s")


@settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(expressions(2), st.data())
def test_printed_text_is_read_back(expression, data):
    assume(not expression.has(sp.Float, sp.Integral))
    try:
        bound = bounds.define("x", expression, statement="s")
    except ParameterError:
        return
    assert bounds.define("x", str(bound.expression), statement="s").expression == bound.expression


@pytest.mark.parametrize("text", ["1e100000000", "1" * 5000, "1e5001", "1/0", "1e-100000000", "x"])
def test_numbers_as_text_are_read_within_limits(text):
    for read in (fraction_of, as_fraction, as_floats):
        with pytest.raises(ValueError):
            read(text)
    with pytest.raises(ParameterError) as error:
        cycles.fresh_real(n=10, share=text)
    assert len(str(error.value)) < 200


def test_numbers_beyond_floats_are_exact():
    assert as_fraction("1e400") == 10**400
    with pytest.raises(ValueError):
        as_floats("1e400")
