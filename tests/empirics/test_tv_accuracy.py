"""The accuracy that is asked for: what follows from it, what it costs, and that errors hold."""

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run
from empirics.kde.engine import smoothers
from empirics.models import Epanechnikov, Gaussian, Kde, PowerRule
from empirics.targets import gaussian_mixture

MODES = gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])
ACCURACIES = (1e-2, 1e-4, 1e-6, 1e-8)


def _loop(n, kernel=None, **numerics):
    return Experiment(
        target=MODES,
        model=Kde(PowerRule(0.55), kernel or Gaussian()),
        cycle=cycles.full_synthetic(n=n),
        generations=2,
        replicates=2,
        numerics=Numerics(**numerics),
    )


def _tv(experiment):
    frame = run(experiment).frame
    return frame["tv"].to_numpy(), frame["tv_error"].to_numpy()


@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=["gaussian", "epanechnikov"])
@pytest.mark.parametrize("n", [200, 5000])
def test_points_are_measured_as_accurately_as_asked(n, kernel):
    exact, small = _tv(_loop(n, kernel, sampling="points", resolution=40))
    for accuracy in ACCURACIES:
        tv, error = _tv(_loop(n, kernel, sampling="points", tv_accuracy=accuracy))
        assert np.all(np.abs(tv - exact) <= error + small)
        if isinstance(kernel, Gaussian):
            assert np.all(error <= 6 * max(accuracy, 1e-8))


@pytest.mark.parametrize("sampling", ["counts", "points"])
def test_more_accuracy_takes_no_fewer_cells(sampling):
    cells = [
        smoothers(_loop(10**4, sampling=sampling, tv_accuracy=a))[0].grid.shape[0]
        for a in ACCURACIES
    ]
    assert cells == sorted(cells)
    assert cells[-1] > 2 * cells[0]


def test_counts_keep_the_cells_that_carry_their_noise():
    usual, coarse = (smoothers(_loop(100, **a))[0].grid for a in ({}, {"tv_accuracy": 1e-2}))
    assert usual == coarse


def test_a_given_resolution_comes_first():
    given = (smoothers(_loop(100, resolution=8, tv_accuracy=a))[0].grid for a in (1e-2, 1e-9))
    assert next(given) == next(given)


@pytest.mark.parametrize("accuracy", [0.0, -1.0, 0.5, np.nan, 1e-13])
def test_an_accuracy_out_of_range_is_refused(accuracy):
    with pytest.raises(InputError, match=r"tv_accuracy = .* >= 1e-12 and < 0\.1"):
        _loop(100, tv_accuracy=accuracy)
