"""Small tables in the plane that most tests share."""

import numpy as np
import pytest

from empirics import targets
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.noising import centred
from empirics.diffusion.plane_model import plane_tables
from empirics.diffusion.training_time import VectorFlow
from empirics.target_law import target_law

MODES = targets.gaussian_mixture(
    [0.3, 0.3, 0.4],
    [[-1.0, -0.5], [1.0, -0.6], [0.1, 1.0]],
    [[[0.1, 0.04], [0.04, 0.16]], [[0.16, 0.0], [0.0, 0.16]], [[0.2, -0.06], [-0.06, 0.1]]],
)


@pytest.fixture(scope="session")
def modes():
    """Three Gaussians, two of them tilted."""
    return MODES


@pytest.fixture(scope="session")
def plane(process):
    """Forty-eight tanh units at loop accuracy."""
    return plane_tables(MODES, "tanh", 48, process, 0, LOOP.plane)


@pytest.fixture(scope="session")
def real(plane):
    """Cell masses of the target."""
    return target_law(MODES, plane.grid).masses


@pytest.fixture(scope="session")
def train(plane, real):
    """Networks trained on one sample of size ``n``, stopped at each of the times ``tau``."""

    def networks(n, tau, seed=0):
        shares = np.maximum(real, 0).ravel()
        counts = np.random.default_rng(seed).multinomial(n, shares / shares.sum()) / n
        weights = counts.reshape(real.shape) + centred(real[None])[0] - real
        flow = VectorFlow.of(*plane.moments(weights[None]))
        return plane.models(flow.weights(np.array([tau], dtype=float))[0])

    return networks
