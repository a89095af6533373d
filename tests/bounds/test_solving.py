"""Answers of ``solve`` against the bound itself, at open ends, at suprema and far out."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

import bounds
from bounds.errors import ParameterError
from bounds.questions.solving import Answer
from bounds.questions.words import _cut, demanded
from tests.bounds.brute_force import faults, questions

FAR = 9007199254740993

ANSWERS = [
    # An open end is no value.
    ("kde-noise-line", "target_sd", "0.1", {"n": 3, "bandwidth": "0.5"}, Answer.NEVER),
    ("kde-rate", "gamma", "0.5", {"n": 40, "constant": "0.1"}, Answer.ALWAYS),
    ("kde-rate", "gamma", "1/500", {"n": 40, "constant": "0.1"}, Answer.NEVER),
    ("full-synthetic", "n", 0, {"generation": 3}, Answer.NEVER),
    # The target is a supremum that is not attained.
    ("fresh-real", "generation", "1/2", {"n": 10**4, "share": "1/5"}, Answer.ALWAYS),
    ("fresh-real", "generation", "499/1000", {"n": 10**4, "share": "1/5"}, Answer.LARGEST),
    # A hypothesis demands two points.
    ("accumulation-product-mean", "n", "3/10", {"generation": 36}, Answer.SMALLEST),
    ("accumulation-product-variance", "n", "3/10", {"generation": 36}, Answer.NEVER),
    # One point makes the exponent irrelevant.
    ("balanced", "gamma", "1/2", {"n": 1, "generation": 3}, Answer.NEVER),
    ("balanced", "gamma", 2, {"n": 1, "generation": 3}, Answer.ALWAYS),
    # Numbers that SymPy would write out.
    ("balanced", "gamma", "1e-6", {"n": 3, "generation": FAR, "constant": 1}, Answer.NEVER),
    ("phase-transition", "lam", "0.6", {"n": 1000, "generation": 10**7}, Answer.OUTSIDE),
    ("sample-size-full-synthetic", "constant", 5, {"generation": 3, "gamma": "1e-9"}, None),
    # The end is far below the smallest float, and every value costs many digits.
    (
        "accumulation-constant",
        "constant",
        "1e-300",
        {"n": 10, "gamma": "1e-300"},
        Answer.LARGEST,
    ),
    ("kde-bias-hoelder", "hoelder_constant", "1/2", {"dimension": 2 * 10**9}, Answer.LARGEST),
    ("kde-best-error-smooth", "n", "1/9", {"smoothness": "0.5093", "dimension": 19}, None),
]
_REST = {
    "bandwidth": "1/10",
    "smoothness": 1,
    "target_error": "1/10",
    "bias_constant": "0.07419",
    "noise_constant": "0.095998",
}


@pytest.mark.parametrize(("name", "word", "target", "params", "answer"), ANSWERS)
def test_an_answer_is_shown_by_what_it_rests_on(name, word, target, params, answer):
    bound = bounds.get(name)
    rest = {w: v for w, v in _REST.items() if w in bound.parameters and w != word}
    found = bound.solve(word, at_most=target, **{**rest, **params})
    assert found.check()
    assert found.ends or found.extremes
    assert answer is None or found.answer is answer


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("gaussian-mean-fresh", {"generation": 1000}),
        ("gaussian-mean-fresh", {"generation": 40}),
        ("gaussian-mean-reused-tv", {"n": FAR, "generation": 100}),
    ],
)
def test_what_is_not_known_is_said_at_once(name, params):
    with pytest.raises(ParameterError, match="rises or falls in it is not known"):
        bounds.get(name).solve("lam", at_most="0.01", **params)


@pytest.mark.parametrize(
    ("name", "word", "target", "params", "allowed"),
    [
        (
            "gibbs-limit",
            "generation",
            "0.01",
            {"best_share": "0.01", "reward_gap": "0.5"},
            "generation 20 or more",
        ),
        (
            "mad-variance-fresh",
            "generation",
            "0.5",
            {"share": "0.3", "sampling_bias": "0.5"},
            "generation 4 or more",
        ),
        ("accumulation-product-variance", "generation", "0.45", {"n": 2}, "generation 2 or more"),
        ("mad-variance", "generation", "0.5", {"sampling_bias": "1.5"}, "no generation"),
        ("bootstrap-cdf", "n", "0.01", {"generation": 5, "share": "0.2"}, "n 41 or more"),
    ],
)
def test_what_is_usual_for_a_word_yields_to_values_that_go_the_other_way(
    name, word, target, params, allowed
):
    found = bounds.get(name).solve(word, at_most=target, **params)
    assert found.allowed == allowed
    assert faults(bounds.get(name), numbers_of(name)[word], Fraction(target), params) == []


@pytest.mark.parametrize(
    ("name", "word", "params"),
    [
        ("gaussian-mean-weighted", "share", {"generation": 3, "lam": 1}),
        ("gaussian-mean-weighted-tv", "share", {"n": 2, "generation": 2, "lam": 2}),
        (
            "diffusion-rate",
            "n",
            {"gamma": "1/50", "constant": 1, "delta": "1/2", "dimension": 2, "neurons": 3}
            | {"training_time": 87, "width_constant": 2, "time_constant": 1, "prior_kl": 0},
        ),
    ],
)
def test_what_rises_and_falls_is_not_answered(name, word, params):
    with pytest.raises(ParameterError, match=rf"^{word}: .* rises and falls in it"):
        bounds.get(name).solve(word, at_most="7/10", **params)


def test_a_limit_that_is_the_target_is_not_called_an_answer():
    """40^-gamma / 10 falls to 1/400 at gamma = 1, which does not belong to the range."""
    with pytest.raises(ParameterError, match="no limit beyond decides it"):
        bounds.get("kde-rate").solve("gamma", at_most="1/400", n=40, constant="0.1")


def test_a_hypothesis_cuts_the_range_of_either_of_its_words():
    """At least as many symbols as one over their collision probability: 1/K <= S."""
    bound, known = bounds.get("seddik-collapse"), numbers()
    cut = demanded(bound, known["collision_probability"], {"support_size": 3})
    assert 3 * Fraction(cut.minimum) >= 1
    assert cut.minimum == pytest.approx(1 / 3, rel=1e-15)
    cut = demanded(bound, known["support_size"], {"collision_probability": "3/10"})
    assert (cut.minimum, cut.maximum) == (4, known["support_size"].maximum)


def test_a_hypothesis_between_words_names_the_word_that_is_no_number():
    tilt = bounds.get("tilt-constant")
    with pytest.raises(ParameterError, match=r"^weight_mean = 'abc': must be a number$"):
        tilt.solve("weight_supremum", at_most=3, law_distance="1/2", weight_mean="abc")


def test_an_end_that_was_moved_inwards_belongs_to_the_range():
    """S > 1/3 has no float at its end: the next one fulfils it; K > 7/2 begins with 4."""
    S, K = sp.symbols("S K")
    entry = replace(numbers()["collision_probability"], symbol=S)
    cut = _cut(entry, sp.Rational(1, 3) < S)
    assert (Fraction(cut.minimum) > Fraction(1, 3), cut.open_minimum) == (True, False)
    whole = replace(numbers()["support_size"], symbol=K)
    assert _cut(whole, sp.Rational(7, 2) < K).minimum == 4
    assert not _cut(whole, sp.Rational(7, 2) < K).open_minimum
    assert _cut(whole, K > 3).open_minimum


def numbers():
    return numbers_of("seddik-collapse")


def numbers_of(name):
    return {entry.word: entry for entry in bounds.get(name).symbols}


def test_an_answer_that_was_tampered_with_does_not_check():
    found = bounds.get("fresh-real").solve("generation", at_most=2, n=16, share="1/2")
    assert found.answer is Answer.ALWAYS
    assert found.check()
    assert not replace(found, answer=Answer.NEVER).check()
    assert not replace(found, target=Fraction(99, 100)).check()
    assert not replace(found, extremes=()).check()


def _wrong(count, seed):
    asked = [(question, faults(*question)) for question in questions(count, seed)]
    answered = [wrong for _, wrong in asked if wrong is not None]
    assert len(answered) > 0.7 * count
    return [question for question, wrong in asked if wrong]


def test_no_answer_is_wrong():
    assert _wrong(40, seed=3) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_no_answer_of_many_is_wrong(seed):
    assert _wrong(500, seed) == []


def test_a_question_that_takes_too_long_is_given_up_in_a_line(monkeypatch):
    monkeypatch.setattr("bounds.questions.bracketing._SECONDS", 0.0)
    with pytest.raises(ParameterError, match=r"^n: no answer for 'Balanced data' within 0 s"):
        bounds.get("balanced").solve("n", at_most="1/10", generation=3, constant=1)
