"""Shared parts of the tests of trained networks."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, Numerics, targets
from empirics.models import TrainedDiffusion

_THREE = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])
_SMALL = TrainedDiffusion(width=16, steps=150, batch_size=32, learning_rate=0.05)


@pytest.fixture(scope="session")
def three():
    """A target with three modes, on the scale of the prior."""
    return _THREE


@pytest.fixture(scope="session")
def plane():
    return targets.gaussian_mixture([0.5, 0.5], [(-1.0, 0.0), (1.0, 0.5)], 0.5)


@pytest.fixture(scope="session")
def small():
    """A model that trains in a moment."""
    return _SMALL


@pytest.fixture(scope="session")
def loop():
    """A small experiment with some of its parts replaced."""

    def make(model=_SMALL, cycle=None, target=_THREE, generations=2, replicates=3, **numerics):
        return Experiment(
            target=target,
            model=model,
            cycle=cycle or cycles.fresh_real(n=300, share=0.3),
            generations=generations,
            replicates=replicates,
            numerics=Numerics(**numerics),
        )

    return make


@pytest.fixture(scope="session")
def fitted():
    """The small model, or a variant, trained on points of the target."""

    def fit(n=1000, **given):
        points = _THREE.sample(n, np.random.default_rng(0))
        return replace(_SMALL, **given).fit(points, np.random.default_rng(1))

    return fit
