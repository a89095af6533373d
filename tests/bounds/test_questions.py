"""Limits, orders, requirements, explanations, comparisons and citations."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import bounds
from bounds.enclosure import enclose_expression
from bounds.errors import ParameterError
from bounds.notation import C, a, gamma, j, k, lam, n
from bounds.questions.solving import Answer

get = bounds.get
_A_GAMMA = sp.Sum(k**-gamma / (k + 1), (k, 1, sp.oo))


@pytest.mark.parametrize(
    ("name", "word", "to", "expected"),
    [
        ("fresh-real", "share", 0, C * j * n**-gamma),
        ("fresh-real", "generation", "oo", C * n**-gamma / a),
        ("fresh-real", "n", "oo", 0),
        ("balanced", "generation", "oo", sp.oo),
        ("accumulating", "generation", "oo", C * n**-gamma * _A_GAMMA),
        ("phase-transition", "lam", "oo", 0),
        ("phase-transition", "lam", 0, C * n**-gamma),
        ("phase-transition-real-start", "lam", "oo", C * n**-gamma),
        ("phase-transition-real-start", "generation", 1, C * n**-gamma),
        ("full-synthetic", "gamma", 1, C * j / n),
    ],
)
def test_limits(name, word, to, expected):
    assert sp.simplify(get(name).limit(word, to) - expected) in (0, sp.nan)
    assert get(name).limit(word, to) == expected or expected != sp.oo


def test_limits_with_numbers():
    rest = {"n": 16, "share": "1/3", "constant": 2}
    assert get("fresh-real").limit("generation", "oo", gamma="1/4", **rest) == 3
    assert get("phase-transition").limit("lam", 1, n=1, generation=2, gamma="1/2") == (
        C * sp.Rational(3, 2) / sp.sqrt(2)
    )


@pytest.mark.parametrize(
    ("name", "word", "expected"),
    [
        ("full-synthetic", "n", C * j * n**-gamma),
        ("balanced", "generation", C * sp.log(j) * n**-gamma),
        ("accumulating", "generation", C * n**-gamma * _A_GAMMA),
        ("fresh-real", "generation", C * n**-gamma / a),
        ("phase-transition", "lam", C * j * (n * lam) ** -gamma),
        ("phase-transition-real-start", "lam", C * n**-gamma),
        ("phase-transition-real-start", "generation", C * n**-gamma * (1 + lam) ** (1 - gamma)),
        ("gaussian-mean-tv", "generation", sp.Integer(1)),
    ],
)
def test_orders(name, word, expected):
    term = get(name).order(word).term
    assert sp.simplify(sp.powsimp(sp.expand_power_base(term / expected), combine="all")) == 1


@pytest.mark.parametrize(
    ("name", "word", "rest"),
    [
        ("full-synthetic", "n", {"generation": 5}),
        ("fresh-real", "generation", {"n": 10, "share": "1/5"}),
        ("accumulating", "generation", {"n": 10, "gamma": "1/2"}),
        ("phase-transition", "lam", {"n": 10, "generation": 7}),
        ("phase-transition-real-start", "lam", {"n": 10, "generation": 7}),
        ("phase-transition-real-start", "generation", {"n": 10, "lam": 3}),
        ("kde-rate-second-order", "n", {"dimension": 2}),
        (
            "discrete-resampling",
            "n",
            {"generation": 3, "share": "1/2", "collision_probability": "1/4"},
        ),
    ],
)
def test_the_leading_term_is_approached(name, word, rest):
    """The quotient tends to one, far out, by certified values."""
    bound = get(name)
    numbers = {"constant": 1, "gamma": "1/4"} | rest
    numbers = {w: v for w, v in numbers.items() if w in bound.parameters}
    term = bound.order(word, **numbers).term
    symbol = next(e.symbol for e in bound.symbols if e.word == word)
    far = 10**16
    exact = enclose_expression(term, {symbol: far})
    assert bound.enclose(**numbers, **{word: far}).low == pytest.approx(exact.low, rel=1e-3)


def test_no_limit_and_no_order_is_said():
    with pytest.raises(ParameterError, match=r"share: a number in .* does not go to infinity"):
        get("fresh-real").order("share")
    with pytest.raises(ParameterError, match=r"share -> oo: must be a number in \[0, 1\]"):
        get("fresh-real").limit("share", "oo")
    with pytest.raises(ParameterError, match="no limit of 'Error propagation'"):
        get("error-propagation").limit("generation", "oo")
    with pytest.raises(ParameterError, match="n: cannot be both given and varied"):
        get("balanced").limit("n", "oo", n=3)


def test_no_limit_is_taken_where_a_hypothesis_fails():
    """At n = 1 a term of the sum is infinite: it was a TypeError of SymPy, or no answer."""
    kept = get("accumulation-product-mean")
    for to in ("oo", 1):
        with pytest.raises(ParameterError, match=r"^n = 1: must be such that n >= 2"):
            kept.limit("generation", to, n=1)
    with pytest.raises(ParameterError, match=r"^n = 1: must be such that n >= 2"):
        kept.order("generation", n=1)
    with pytest.raises(ParameterError, match=r"^n -> 1: must be an integer >= 2"):
        kept.limit("n", 1, generation=2)
    at_end = get("seddik-collapse").limit("collision_probability", "1/3", support_size=3, n=4)
    assert at_end.equals(1 - sp.Rational(3, 4) ** j)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(2, 1000), st.sampled_from(["1/4", "1/2", "2/5"]))
def test_the_smallest_n_is_exact(generation, inverse, exponent):
    found = get("full-synthetic").solve(
        "n", at_most=Fraction(1, inverse), generation=generation, gamma=exponent
    )
    if generation == 1 and inverse == 1:
        return
    least = int(found.value)
    power = Fraction(exponent)  # j n^-(p/q) <= 1/m  <=>  n^p >= (j m)^q
    needed = (generation * inverse) ** power.denominator
    assert least**power.numerator >= needed > (least - 1) ** power.numerator
    assert found.check()


@settings(max_examples=30, deadline=None)
@given(st.fractions("1/100", "99/100", max_denominator=1000), st.integers(2, 50))
def test_the_smallest_share_is_bracketed(target, generation):
    found = get("fresh-real").solve("share", at_most=target, n=10**6, generation=generation)
    assert found.check()
    if found.answer is Answer.SMALLEST:
        (end,) = found.ends
        assert 0 < end.meets - end.fails <= end.meets / 2**39
        assert get("fresh-real").evaluate(n=10**6, generation=generation, share=end.meets) <= (
            float(target) * (1 + 1e-12)
        )


def test_the_largest_generation():
    balanced = get("balanced")
    found = balanced.solve("generation", at_most="1/2", n=10**6)
    assert found.answer is Answer.LARGEST
    last = int(found.value)
    assert balanced.evaluate(n=10**6, generation=last) <= 0.5
    assert balanced.evaluate(n=10**6, generation=last + 1) > 0.5
    assert "proved" in found.because


@pytest.mark.parametrize(
    ("name", "word", "target", "rest", "answer"),
    [
        ("fresh-real", "generation", "2/5", {"n": 10**6, "share": "1/10"}, Answer.ALWAYS),
        ("fresh-real", "share", "1/1000", {"n": 10**6, "generation": 9}, Answer.NEVER),
        ("fresh-real", "share", 10, {"n": 10**6, "generation": 9}, Answer.ALWAYS),
        ("full-synthetic", "generation", "1/1000", {"n": 10**6}, Answer.NEVER),
        ("accumulating", "generation", "1/5", {"n": 10**6}, Answer.ALWAYS),
        ("phase-transition", "lam", "1/10", {"n": 10**6, "generation": 10}, Answer.OUTSIDE),
        ("phase-transition", "lam", "1/50", {"n": 10**6, "generation": 10}, Answer.SMALLEST),
        ("phase-transition", "lam", "1/5", {"n": 10**6, "generation": 10}, Answer.ALWAYS),
        ("phase-transition", "lam", "1/50", {"n": 10**6, "generation": 1}, Answer.SMALLEST),
        (
            "phase-transition-real-start",
            "lam",
            "1/20",
            {"n": 10**6, "generation": 10},
            Answer.OUTSIDE,
        ),
        (
            "phase-transition-real-start",
            "lam",
            "1/50",
            {"n": 10**6, "generation": 10},
            Answer.NEVER,
        ),
        ("phase-transition-real-start", "lam", "1/50", {"n": 10**6, "generation": 1}, Answer.NEVER),
    ],
)
def test_kinds_of_answers(name, word, target, rest, answer):
    found = get(name).solve(word, at_most=target, **rest)
    assert found.answer is answer
    assert found.check()
    assert "\n" not in str(found)


def test_an_exact_tie_at_a_real_end_is_decided():
    found = get("phase-transition").solve("lam", at_most="1/50", n=10**6, generation=1)
    assert found.value == Fraction(21, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: get("balanced").solve("m", at_most=1, n=1), "m: not a number in 'Balanced data'"),
        (lambda: get("balanced").solve("n", at_most="x", generation=1), "at_most = 'x'"),
        (lambda: get("balanced").solve("n", at_most=1), "generation: missing"),
        (lambda: get("balanced").solve("n", at_most=1, n=2, generation=1), "cannot be both"),
        (lambda: get("kde-one-step").solve("n", at_most=1), "not certified"),
        (lambda: get("phase-transition").solve("lam", at_most=1, n=5), "generation: missing"),
        (
            lambda: get("diffusion-early-stopping").solve(
                "training_time",
                at_most=1,
                prior_kl=0,
                comparator_risk=0,
                comparator_norm=1,
                gradient_gap=1,
                covariance_gap=1,
            ),
            "training_time: whether .* rises or falls",
        ),
    ],
)
def test_solving_refuses_in_one_line(call, message):
    with pytest.raises(ParameterError, match=message) as refused:
        call()
    assert "\n" not in str(refused.value)


def test_explanations_sum_to_the_value():
    for name, params in (
        ("fresh-real", {"n": 100, "share": "1/4", "generation": 5}),
        ("accumulating", {"n": 100, "generation": 6}),
        ("balanced", {"n": 100, "generation": 6}),
        ("phase-transition-real-start", {"n": 100, "generation": 6, "lam": 2}),
        ("error-propagation", {"generation": 3, "influence": [1, 0.5, 1], "one_step_error": 0.1}),
        ("full-synthetic", {"n": 100, "generation": 6}),
    ):
        found = get(name).explain(**params)
        assert sum(term.share for term in found.terms) == pytest.approx(1, rel=1e-12)
        assert sum(term.value for term in found.terms) == pytest.approx(found.value, rel=1e-12)
        assert f"{found.value:.6g}" in str(found)
    assert found.largest.share == 1
    with pytest.raises(ParameterError, match="one point"):
        get("balanced").explain(n=[1, 2], generation=1)


def test_comparisons_and_the_best():
    names = ("full-synthetic", "fresh-real", "balanced")
    known = [get(name) for name in names]
    params = {"n": 10**4, "generation": np.arange(1, 30), "share": "1/2"}
    table = known[0].compare(*known[1:], **params)
    assert [row.bound.name for row in table.rows] == list(names)
    found = bounds.best(*known, **params)
    stacked = np.stack([row.value for row in table.rows])
    np.testing.assert_array_equal(found.value, stacked.min(axis=0))
    assert found.winner[-1] == "fresh-real"
    assert bounds.best(*known, n=10, generation=3, share=1).winner == "fresh-real"
    fresh = bounds.cycles.fresh_real(n=10**4, share="1/4")
    only = bounds.best(*known, cycle=fresh, **params)
    assert set(only.excluded) == {"full-synthetic", "balanced"}
    with pytest.raises(ParameterError, match="only bounds of one side"):
        bounds.best(get("kde-sandwich"), get("kde-sandwich-lower"))
    with pytest.raises(ParameterError, match="shar: unknown to all bounds; did you mean 'share'"):
        bounds.compare(*known, n=1, generation=1, shar=1)


def test_citations_name_exactly_what_was_used():
    text = bounds.cite(get("fresh-real"), get("balanced"))
    assert text.count("@inproceedings{fu2024,") == 1
    assert all(bound.cite() for bound in bounds.catalogue().values())
