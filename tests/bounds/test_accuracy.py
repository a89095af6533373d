"""Float values against enclosures: at one point always, in arrays where a parameter is far out."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import bounds
from bounds import accuracy
from bounds.accuracy import UNITS
from bounds.enclosure import EnclosureError
from bounds.errors import ParameterError
from bounds.notation import NOTATION, lam, n
from bounds.strategies import parameters
from tests.bounds import reference
from tests.bounds.extremes import extreme_points, units_off
from tests.bounds.misses import certifiable

NAMES = [bound.name for bound in bounds.catalogue().values() if certifiable(bound)]
POINTWISE = [name for name in NAMES if not bounds.get(name).expression.has(sp.Sum, sp.Integral)]

LOST = [
    ("gaussian-mean-fresh", {"lam": 1e10, "generation": 1e10}),
    ("gaussian-mean-fresh", {"lam": 1e14, "generation": 1e14}),
    ("gaussian-mean-fresh", {"lam": 1e308, "generation": 2}),
    ("gaussian-mean-reused", {"lam": 1e14, "generation": 2}),
    ("seddik-collapse", {"n": 77443, "generation": 1, "collision_probability": 0.2}),
    ("seddik-collapse-lower", {"n": 1e12, "generation": 1e11, "collision_probability": 0.5}),
    ("gaussian-variance", {"degrees_of_freedom": 19, "generation": 16}),
    ("gaussian-variance-mle", {"degrees_of_freedom": 1e16, "generation": 1}),
    ("gaussian-variance-mle", {"degrees_of_freedom": 1e300, "generation": 7}),
    ("kde-bias-hoelder", {"dimension": 1e15, "hoelder_constant": 1, "smoothness": 1}),
    ("kde-bias-normal", {"dimension": 287, "target_sd": 1}),
    ("kde-bias-normal", {"dimension": 300, "target_sd": 1}),
    ("accumulation-constant", {"n": 1, "gamma": 1e-9}),
    (
        "accumulation-constant",
        {"n": 2.0765645605906044e144, "gamma": 7.365762639885195e-93, "constant": 2.57},
    ),
    (
        "accumulating-with-share",
        {"n": 10, "generation": 14291, "share": 0.9988176852818555, "gamma": 0.9058322870131439},
    ),
    ("discrete-resampling", {"n": 3, "generation": 5, "share": 0.999999999}),
]
_REST = {"bandwidth": 0.1, "support_size": 5, "collision_probability": 0.5}


@pytest.mark.parametrize(
    ("word", "value", "far"),
    [
        ("share", 1e-6, True),
        ("share", 1 - 1e-6, True),
        ("share", 0.0, False),
        ("share", 1.0, False),
        ("share", 2e-5, False),
        ("share", 1 - 2e-5, False),
        ("n", 2e9, True),
        ("n", 5e8, False),
    ],
)
def test_values_near_an_end_of_their_range_are_far_out_and_the_ends_are_not(word, value, far):
    assert accuracy._is_extreme(NOTATION[word], np.array(value)) == far


def _complete(name, params):
    rest = {w: v for w, v in _REST.items() if w in bounds.get(name).parameters}
    return rest | params


@pytest.mark.parametrize(("name", "params"), LOST)
def test_no_digit_is_lost(name, params):
    assert units_off(bounds.get(name), _complete(name, params)) <= UNITS


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [name for name, _ in LOST[:3]] + ["kde-bias-normal"])
def test_an_array_is_right_where_it_is_far_out(name):
    """A usual point beside the far ones keeps its value."""
    far = [_complete(n, p) for n, p in LOST if n == name]
    usual = {word: 1 if word != "dimension" else 2 for word in far[0]}
    values = {word: [point[word] for point in (*far, usual)] for word in usual}
    found = bounds.get(name).evaluate(**values)
    for value, point in zip(found, (*far, usual), strict=True):
        assert value == bounds.get(name).evaluate(**point)


@given(st.data())
def test_an_array_computed_in_parts_has_the_values_of_the_whole(data):
    bound = bounds.get(data.draw(st.sampled_from(POINTWISE)))
    points = [data.draw(parameters(bound)) for _ in range(6)]
    values = {w: np.array([float(p[w]) for p in points]).reshape(2, 3) for w in points[0]}
    with pytest.MonkeyPatch.context() as patch:
        whole = accuracy.evaluate_where_defined(bound, values)
        patch.setattr(accuracy, "BLOCK", 4)
        parts = accuracy.evaluate_where_defined(bound, values)
    np.testing.assert_array_equal(parts, whole, strict=True)


def test_sequences_are_compared_point_by_point():
    bound = bounds.get("error-propagation")
    errors = np.array([[1e-300, 1e-300], [0.25, 0.5]])
    influence = np.array([1e-300, 1.0])
    found = bound.evaluate(generation=2, influence=influence, one_step_error=errors)
    np.testing.assert_array_equal(found, [1e-300, 0.5])


def test_a_usual_value_is_the_float_formula():
    """Bit for bit: only what is further off than the limit is replaced."""
    found = bounds.get("full-synthetic").evaluate(n=1001, generation=7, gamma=0.3, constant=0.7)
    assert found == 7 * 0.7 * 1001**-0.3 or abs(found / (7 * 0.7 * 1001**-0.3) - 1) < 3e-16


def test_what_cannot_be_enclosed_keeps_its_value():
    bound = bounds.define("bessel", sp.besseli(0, n) * 0 + sp.sin(n) ** 2, statement="Some.")
    assert bound.evaluate(n=3) == pytest.approx(np.sin(3) ** 2)
    assert bounds.get("kde-sandwich-lower").evaluate(bias=[0.5, -0.5], cell=1) == 0.5


def _refuse(*args, **wanted):
    raise EnclosureError("no digits")


def test_what_neither_floats_nor_enclosures_tell_is_refused_by_name(monkeypatch):
    """A float that could not be compared stays only where rounding has left it ten digits."""
    lost = _complete(*LOST[4])
    monkeypatch.setattr(accuracy, "enclose_formula", _refuse)
    with pytest.raises(ParameterError, match="has no value in floating point at n = 77443"):
        bounds.get("seddik-collapse").evaluate(**lost)
    usual = bounds.get("balanced").evaluate(n=100, generation=3, gamma=0.5, constant=1)
    assert usual == pytest.approx(11 / 60)
    own = bounds.define("own", (sp.exp(lam) - 1 - lam) / lam**2, statement="Mine.")
    with pytest.raises(ParameterError, match="at lam = 1e-09"):
        own.evaluate(lam=[1.0, 1e-9])


def test_only_so_many_points_of_an_own_bound_are_enclosed(monkeypatch):
    own = bounds.define("own", (sp.exp(lam) - 1 - lam) / lam**2, statement="Mine.")
    monkeypatch.setattr(accuracy, "_MOST_WATCHED", 2)
    np.testing.assert_allclose(own.evaluate(lam=[1e-9, 1.0, 1e-8]), [0.5, np.e - 2, 0.5], rtol=1e-8)
    with pytest.raises(ParameterError, match="at lam = 1e-08"):
        own.evaluate(lam=[1e-9, 1e-10, 1e-8])
    assert np.isnan(own.evaluate_where_defined(lam=np.array([1e-9, 1.0]))).tolist() == [True, False]


_LONG = {
    "bertrand-contraction": {"stability_number": 0.4999999, "initial_error": 0.5},
    "breeder": {"selection_intensity": 0.1, "selection_variance": 0.99999},
    "mad-variance-fresh": {"share": 1e-4, "sampling_bias": 1 - 1e-7},
    "operator-full-synthetic": {"operator_constant": 1 - 1e-4, "operator_bias": 0.3},
    "operator-fresh-real": {"share": 0.3, "operator_constant": 1 / 0.7, "operator_bias": 0.1},
}
_RATE = {"n": 100, "gamma": 0.4, "constant": 1}


@pytest.mark.parametrize("name", _LONG)
def test_an_array_of_long_sums_keeps_its_digits(name):
    """``Lambda (1 - a)`` to the power of the generation had lost as many units as generations."""
    bound = bounds.get(name)
    words = {w: v for w, v in _RATE.items() if w in bound.parameters} | _LONG[name]
    generations = np.array([10.0, 1e3, 3e4, 1e6, 1e8])
    found = bound.evaluate(generation=generations, **words)
    for value, generation in zip(found, generations, strict=True):
        known = bound.enclose(generation=generation, **words)
        assert abs(value / float(known.middle) - 1) <= UNITS * 2.0**-52, generation


_ADDED = [
    ("accumulating-with-share", {"share": 0.3, "gamma": 0.4}),
    ("accumulating-with-share", {"share": 0.01, "gamma": 0.6}),
    ("accumulating-with-share", {"share": 1 - 1e-9, "gamma": 0.95}),
    ("accumulating-with-share", {"share": 0.97, "gamma": 1e-6}),
    ("accumulation-product", {"collision_probability": 0.3}),
    ("accumulation-product-l2", {"n": 1e12, "collision_probability": 0.3}),
]


def _added_up(name, more, generation):
    """Distance of a sum whose terms are added from its Euler-Maclaurin value, in units."""
    bound = bounds.get(name)
    words = {w: v for w, v in _RATE.items() if w in bound.parameters}
    point = words | more | {"generation": generation}
    exact = reference.value(bound, point)
    return float(abs(mpmath.mpf(bound.evaluate(**point)) - exact) / exact) * 2.0**52


@pytest.mark.parametrize(("name", "more"), [_ADDED[0], _ADDED[2], _ADDED[-1]])
def test_sums_that_are_too_long_to_be_enclosed_keep_their_digits(name, more):
    """Before, two log gammas had lost 12 bits of a term at a thousand and 23 at a million."""
    assert _added_up(name, more, 10**6) <= UNITS


@pytest.mark.slow
@pytest.mark.parametrize("generation", [30_000, 10**6, 10**7])
@pytest.mark.parametrize(("name", "more"), _ADDED)
def test_sums_of_any_length_keep_their_digits(name, more, generation):
    assert _added_up(name, more, generation) <= UNITS


def test_many_blocks_of_a_sum_are_added_without_their_rounding():
    """90 million equal errors: added block by block they were six units off."""
    words = {"influence": 0.3, "smoothing_bias": 1e-9, "noise": 0.7e-8}
    exact = 9 * 10**7 * mpmath.mpf(0.3) * (mpmath.mpf(1e-9) + mpmath.mpf(0.7e-8))
    found = bounds.get("kde-recursion").evaluate(generation=9e7, **words)
    assert abs(found - exact) / exact * 2.0**52 <= UNITS


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("accumulating", {}),
        ("full-synthetic-growing", {"growth": 2}),
        ("operator-fresh-real", _LONG["operator-fresh-real"]),
    ],
)
def test_a_sum_too_long_for_floats_has_the_value_of_its_closed_form(name, more):
    bound = bounds.get(name)
    words = {w: v for w, v in (_RATE | more).items() if w in bound.parameters}
    for generation in (1e9, 1e15):
        known = bound.enclose(generation=generation, **words)
        found = bound.evaluate(generation=generation, **words)
        assert found == pytest.approx(float(known.middle), rel=UNITS * 2.0**-52)
    with pytest.raises(ParameterError, match=r"^generation = .*more than 1e\+08 terms"):
        bounds.get("accumulating-with-share").evaluate(generation=1e9, share=0.3, **_RATE)


def _worst(name, count, seed):
    bound = bounds.get(name)
    points = extreme_points(bound, count, np.random.default_rng(seed))
    found = [(units_off(bound, point), point) for point in points]
    known = [(units, point) for units, point in found if units is not None]
    assert len(known) >= count / 2
    return max(known, key=lambda pair: pair[0])


@pytest.mark.parametrize("name", NAMES)
def test_floats_are_right_over_the_whole_range(name):
    units, point = _worst(name, 8, seed=5)
    assert units <= UNITS, point


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_floats_are_right_over_the_whole_range_at_many_points(name):
    units, point = _worst(name, 500, seed=6)
    assert units <= UNITS, point
