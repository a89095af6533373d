"""Small tables that most tests share."""

import numpy as np
import pytest

from empirics import targets
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.line_model import line_tables
from empirics.diffusion.process import OrnsteinUhlenbeck

THREE = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])


@pytest.fixture(scope="session")
def target():
    return THREE


@pytest.fixture(scope="session")
def process():
    return OrnsteinUhlenbeck()


@pytest.fixture(scope="session")
def tables(target, process):
    """Eighty tanh units at loop accuracy."""
    return line_tables(target, "tanh", 80, process, 0, LOOP)


@pytest.fixture(scope="session")
def masses(target, tables):
    return target.interval_mass(tables.axis.edges)


@pytest.fixture(scope="session")
def draw(tables, masses):
    """Training measures of ``batch`` samples of size ``n``."""

    def measures(n, batch, seed=0):
        counts = np.random.default_rng(seed).multinomial(n, masses / masses.sum(), batch)
        return counts / n @ tables.binning

    return measures
