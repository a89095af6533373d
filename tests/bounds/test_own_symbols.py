"""Symbols of one's own: read, told, refused, and known to every way of evaluating a bound."""

import pickle

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds import cycles
from bounds.errors import ParameterError
from bounds.notation import C, K, a, h, j, lam, n
from empirics import Experiment, run, targets
from empirics.models import Kde
from tests.bounds.javascript.node import node
from verify import Verdict, check

SYMBOLS = {"K": "diameter of the support, > 0", "gap": "gap of a model, in [0, 1)"}
TEXT = bounds.define("diam", "K*C*generation/n + gap^2", statement="s", symbols=SYMBOLS)
WORDS = {"K": 2, "n": 10, "generation": 3, "gap": "1/2"}


def test_text_and_sympy_are_read_alike_and_told():
    plain = sp.Symbol("K") * C * j / n + sp.Symbol("gap") ** 2
    alike = bounds.define("diam", plain, statement="s", symbols=SYMBOLS)
    assert alike.expression == TEXT.expression
    imported = bounds.define("diam", K * C * j / n, statement="s", symbols=SYMBOLS)
    assert imported.parameters == ("n", "generation", "constant", "K")
    assert "K (K) (your own): diameter of the support; a number > 0" in TEXT.glossary
    assert "constant (C): constant of the one-step rate" in TEXT.glossary
    assert TEXT.glossary in repr(TEXT)
    assert bounds.define("plain", K / n, statement="s").parameters == ("n", "support_size")


def test_every_way_of_evaluating_knows_them():
    assert TEXT.evaluate(**WORDS) == pytest.approx(0.85)
    assert float(TEXT.enclose(**WORDS).middle) == pytest.approx(0.85)
    with node() as in_javascript:
        assert in_javascript(TEXT, {"constant": 1, **WORDS, "gap": 0.5}) == pytest.approx(0.85)
    assert "gap" in TEXT.latex()
    assert TEXT.mathml().startswith("<math")
    assert TEXT.evaluate(**WORDS | {"K": np.array([1, 2])}) == pytest.approx([0.55, 0.85])
    others = {word: value for word, value in WORDS.items() if word != "K"}
    assert "K 2.5 or less" in TEXT.solve("K", at_most=1, **others).allowed
    assert TEXT.limit("n", "oo") == TEXT.symbols[-1].symbol ** 2
    assert TEXT.audit()["monotone in K"].status == "proved"
    assert TEXT.explain(**WORDS).value == pytest.approx(0.85)
    assert pickle.loads(pickle.dumps(TEXT)).evaluate(**WORDS) == TEXT.evaluate(**WORDS)


def test_check_takes_their_values_and_free_constants_need_one():
    loop = Experiment(
        target=targets.normal(),
        model=Kde(),
        cycle=cycles.full_synthetic(n=50),
        generations=1,
        replicates=4,
    )
    result = run(loop)
    assert check(TEXT, result, K=1000, gap=0, constant=9).verdict is Verdict.VACUOUS
    with pytest.raises(ParameterError, match="constant: 'Diam' has a free constant"):
        check(TEXT, result, K=2, gap=0)
    with pytest.raises(ParameterError, match="K: missing"):
        check(TEXT, result, constant=1, gap=0)


def test_one_name_with_two_meanings_is_two_symbols():
    other = bounds.define("d", "K/n", statement="s", symbols={"K": "a width, >= 0"})
    assert other.symbols[-1].symbol not in {entry.symbol for entry in TEXT.symbols}
    assert other.evaluate(K=0, n=3) == 0


@pytest.mark.parametrize(
    ("symbols", "message"),
    [
        ({"n": "points"}, "'n' is a word of the notation already"),
        ({"2x": "a"}, "must be a letter, then letters"),
        ({"lambda": "q"}, "has a meaning of its own"),
        ({"Sum": "q"}, "has a meaning of its own"),
        ({"K": ""}, "must have a meaning"),
        ({"K": 5}, "must have a meaning"),
        ({"K": "a > 0 thing"}, "a range must stand at the end"),
        ({"K": "width, in (1, 0)"}, "is no interval"),
        ({"K": "width, > 1e9999"}, "is no number"),
    ],
)
def test_what_is_no_symbol_is_refused_in_a_line(symbols, message):
    with pytest.raises(ParameterError) as caught:
        bounds.define("own", "1/n", statement="s", symbols=symbols)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("width, > 0", "a number > 0"),
        ("width, >= 1/2", "a number >= 0.5"),
        ("a number of letters, integer >= 2", "an integer >= 2"),
        ("share, in (0, 1]", "a number in (0, 1]"),
        ("any number", "a finite number"),
    ],
)
def test_ranges_are_read_from_words(said, allowed):
    own = bounds.define("own", "q1/n", statement="s", symbols={"q1": said})
    assert own.symbols[-1].allowed == allowed


KIN = [
    ((1 - (1 - a) ** j) / a, {"generation": 7}, "share", 7),
    ((1 - (1 - a) ** j) / (a * n), {"generation": 7, "n": 2}, "share", 3.5),
    (1 / a - (1 - a) ** j / a, {"generation": 7}, "share", 7),
    (C * (1 - (1 - a) ** (j - 1)) / a, {"generation": 7, "constant": 1}, "share", 6),
    ((1 - sp.exp(-h * n)) / h, {"n": 5}, "bandwidth", 5),
    ((sp.exp(lam) - 1) / lam, {}, "lam", 1),
    (((1 + lam) ** j - 1) / lam, {"generation": 4}, "lam", 4),
    (sp.log(1 + lam) / lam, {}, "lam", 1),
    ((1 - (1 - a) ** h) / a, {"bandwidth": 0.5}, "share", 0.5),
]


@pytest.mark.parametrize(("expression", "params", "word", "limit"), KIN)
@pytest.mark.parametrize("near", [1e-9, 1e-18, 1e-100])
def test_quotients_that_are_nought_by_nought_at_zero_are_right_near_it(
    expression, params, word, limit, near
):
    own = bounds.define("kin", expression, statement="s")
    assert own.evaluate(**params, **{word: near}) == pytest.approx(limit, rel=1e-7)


@pytest.mark.parametrize(("expression", "params", "word", "limit"), KIN)
def test_at_zero_they_have_their_limit_or_a_line_that_tells_the_cure(
    expression, params, word, limit
):
    own = bounds.define("kin", expression, statement="s")
    if word == "bandwidth" or expression.subs(lam, 1) != expression or "bandwidth" in params:
        with pytest.raises(ParameterError, match=r"bound\.limit|must be a number > 0"):
            own.evaluate(**params, **{word: 0})
    else:
        assert own.evaluate(**params, **{word: 0}) == pytest.approx(limit)
