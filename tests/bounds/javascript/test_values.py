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


def test_the_draws_differ_and_are_mostly_finite():
    """What is compared is not one number, nor mostly infinite or undefined."""
    for bound in bounds.catalogue().values():
        sets = parameter_sets(bound, 1000, np.random.default_rng(_SEED))
        with np.errstate(all="ignore"):
            values = np.broadcast_to(bound.evaluate(**sets), 1000)
        finite = values[np.isfinite(values)]
        assert len(finite) > 200, bound.name
        assert len(np.unique(finite)) > 30, bound.name
