"""Shared parts of the tests of the loops."""

import pytest

from empirics.targets import gaussian_mixture


@pytest.fixture(scope="session")
def three():
    """The three-component mixture of the project's notes."""
    return gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])
