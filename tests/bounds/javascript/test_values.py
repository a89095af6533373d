"""Every bound of the catalogue has in a browser the value that it has here."""

import numpy as np
import pytest

import bounds
from tests.bounds.javascript.drawing import parameter_sets

_ACCURACY = 1e-9
_SMALLEST = np.finfo(float).tiny
"""Below it floats lose digits, and some libraries round to zero."""
_SEED = 20240218

_EVALUATE_ALL = """
const [name, sets, count] = arguments;
const plain = (value) => (Number.isFinite(value) ? value : String(value));
return Array.from({ length: count }, (_, i) => {
  const params = Object.fromEntries(Object.entries(sets).map(([word, all]) => [word, all[i]]));
  return plain(window.library.evaluate(name, params));
});
"""


def _both(bound, js, count):
    generator = np.random.default_rng([_SEED, *bound.name.encode()])
    sets = parameter_sets(bound, count, generator)
    with np.errstate(all="ignore"):
        here = np.broadcast_to(bound.evaluate(**sets), count)
    given = {word: values.tolist() for word, values in sets.items()}
    there = [float(v) for v in js(_EVALUATE_ALL, bound.name, given, count)]
    return here, np.array(there)


@pytest.mark.parametrize("name", bounds.names())
def test_a_browser_computes_the_same(name, js):
    here, there = _both(bounds.get(name), js, 20)
    np.testing.assert_allclose(there, here, rtol=_ACCURACY, atol=_SMALLEST)


@pytest.mark.slow
@pytest.mark.parametrize("name", bounds.names())
def test_a_browser_computes_the_same_on_many(name, js):
    here, there = _both(bounds.get(name), js, 1000)
    np.testing.assert_allclose(there, here, rtol=_ACCURACY, atol=_SMALLEST)


_LONG = {
    "accumulating-with-share": {"n": 100, "share": 0.3, "gamma": 0.4, "generation": [3e4, 1e5]},
    "bertrand-contraction": {"stability_number": 0.4999999, "initial_error": 0.5},
    "breeder": {"selection_intensity": 0.1, "selection_variance": 0.999999},
    "mad-variance-fresh": {"share": 1e-6, "sampling_bias": 0.999999},
    "operator-fresh-real": {
        "n": 100,
        "gamma": 0.4,
        "operator_bias": 0.1,
        "share": 0.3,
        "operator_constant": 1 / 0.7,
    },
}
_GENERATIONS = [1e3, 1e6, 1e9, 1e15]


@pytest.mark.parametrize("name", _LONG)
def test_a_browser_computes_long_sums_to_the_same_digits(name, js):
    words = {"generation": _GENERATIONS, **_LONG[name]}
    if "gamma" in words:
        words["constant"] = 1
    count = len(words["generation"])
    sets = {word: np.broadcast_to(value, count) for word, value in words.items()}
    there = js(_EVALUATE_ALL, name, {word: v.tolist() for word, v in sets.items()}, count)
    here = [
        bounds.get(name).evaluate(**{word: v[i].item() for word, v in sets.items()})
        for i in range(count)
    ]
    np.testing.assert_allclose(there, here, rtol=2e-15)


def test_the_draws_differ_and_are_mostly_finite():
    """The compared values are many, and mostly finite."""
    for bound in bounds.catalogue().values():
        sets = parameter_sets(bound, 1000, np.random.default_rng(_SEED))
        with np.errstate(all="ignore"):
            values = np.broadcast_to(bound.evaluate(**sets), 1000)
        finite = values[np.isfinite(values)]
        assert len(finite) > 200, bound.name
        assert len(np.unique(finite)) > 30, bound.name
