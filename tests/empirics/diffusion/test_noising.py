"""The noising process on measures and laws on a grid."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mpmath import expj, mp, mpf

from empirics.diffusion.noising import _powers, binning, node_weights
from empirics.grid import Axis


@given(st.integers(8, 60), st.integers(8, 60), st.floats(-3, 3), st.floats(0.01, 1))
def test_binning_holds_the_weights_of_single_points(cells, nodes, low, step):
    sources, axis = Axis(low, step, cells), Axis(-1.0, 0.1, nodes)
    rows = [node_weights(x, np.ones(1), axis) for x in sources.centres[:, None]]
    np.testing.assert_array_equal(binning(sources, axis), rows)


@given(st.floats(-10, 10), st.integers(1, 400))
def test_powers_of_a_turn(angle, count):
    """To the rounding of the angle, which grows with the power."""
    found = _powers(np.array([angle]), count)[0]
    with mp.workdps(30):
        expected = [complex(expj(-mpf(angle) * k)) for k in range(count)]
    assert np.all(np.abs(found - expected) <= 1e-15 + 4e-16 * abs(angle) * np.arange(count))
