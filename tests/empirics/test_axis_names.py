"""The axis names of the annotations are checked while the tests run."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from empirics.grid import Axis, Grid
from empirics.kde.laws import empirical_spectrum
from empirics.loop import TrainingSet
from empirics.targets import normal

_GRID = Grid((Axis(-4.0, 0.1, 80),))


def test_weights_must_be_as_many_as_points():
    with pytest.raises(TypeCheckError):
        empirical_spectrum(np.zeros(5), np.full(4, 0.25), _GRID)


def test_edges_must_be_a_line():
    with pytest.raises(TypeCheckError):
        normal().interval_mass(np.zeros((3, 3)))


def test_fields_are_checked_too():
    with pytest.raises(TypeCheckError):
        TrainingSet(np.zeros(3), np.zeros(2), 3)
