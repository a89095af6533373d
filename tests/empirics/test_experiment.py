"""Each bad argument of an experiment gets exactly one line, and the line names it."""

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from bounds import cycles
from empirics import Experiment, InputError, Numerics, Sampling
from empirics.kde.engine import smoothers
from empirics.models import Epanechnikov, Gaussian, Kde, PowerRule
from empirics.targets import Frozen, beta, normal

_CYCLE = cycles.full_synthetic(n=100)


class _Moments:
    """A normal law fitted by moments."""

    def fit(self, samples, generator):
        return normal()


def _experiment(**changes):
    parts = {"target": normal(), "model": Kde(0.3), "cycle": _CYCLE, "generations": 2}
    return Experiment(**parts | changes)


def _numerics(**changes):
    return _experiment(numerics=Numerics(**changes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _experiment(target=stats.norm()), "target = .*must be a Target"),
        (lambda: _experiment(target=None), "target = None: must be a Target"),
        (lambda: _experiment(model=3), "model = 3: must be a Model"),
        (lambda: _experiment(cycle="balanced"), "cycle = 'balanced': must be a DataCycle"),
        (lambda: _experiment(generations=0), "generations = 0: must be an integer >= 1"),
        (lambda: _experiment(generations=2.0), "generations = 2.0: must be an integer"),
        (lambda: _experiment(generations=True), "generations = True: must be an integer"),
        (lambda: _experiment(replicates=0), "replicates = 0: must be an integer >= 1"),
        (lambda: _experiment(replicates="8"), "replicates = '8': must be an integer"),
        (lambda: _experiment(seed=-1), "seed = -1: must be an integer >= 0"),
        (lambda: _experiment(seed=0.5), "seed = 0.5: must be an integer >= 0"),
        (lambda: _numerics(resolution=2.0), "resolution = 2.0: must be .*>= 3"),
        (lambda: _numerics(resolution=float("nan")), "resolution = nan: must be .*>= 3"),
        (lambda: _numerics(draws=3), "draws = 3: must be .*>= 4"),
        (lambda: _numerics(confidence_level=1.0), "confidence_level = 1.0: must be "),
        (lambda: _numerics(confidence_level=0.0), "confidence_level = 0.0: must be "),
        (
            lambda: _experiment(model=_Moments(), numerics=Numerics(sampling=Sampling.COUNTS)),
            "sampling = 'counts': needs a model",
        ),
        (
            lambda: _experiment(target=normal(3), numerics=Numerics(sampling=Sampling.COUNTS)),
            "sampling = 'counts': needs a model",
        ),
        (
            lambda: _experiment(cycle=cycles.full_synthetic(n=sp.Symbol("n"))),
            "cycle = .*not symbols",
        ),
        (
            lambda: _experiment(cycle=cycles.custom(rows=[[1]], n=10)),
            "generations = 2: the custom cycle has rows for 1",
        ),
        (
            lambda: _experiment(cycle=cycles.fresh_real(n=100, share=0.3, data="subsampled")),
            "generation 2: data = 'subsampled'",
        ),
        (
            lambda: _experiment(cycle=cycles.real_plus_synthetic(n=10, lam=0.01, data="reused")),
            "generation 2: a batch with positive weight has no points",
        ),
    ],
)
def test_one_line_that_names_the_argument(make, message):
    with pytest.raises(ValueError, match=f"^{message}") as raised:
        make()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "sampling"),
    [
        ({}, Sampling.COUNTS),
        ({"target": normal(2)}, Sampling.COUNTS),
        ({"target": normal(3)}, Sampling.POINTS),
        ({"model": _Moments()}, Sampling.POINTS),
        ({"numerics": Numerics(sampling=Sampling.POINTS)}, Sampling.POINTS),
    ],
)
def test_counts_wherever_they_are_possible(changes, sampling):
    assert _experiment(**changes).sampling is sampling


@pytest.mark.parametrize(("kernel", "cells"), [(Gaussian(), 6), (Epanechnikov(), 9)])
def test_default_resolution(kernel, cells):
    kernels = smoothers(_experiment(model=Kde(0.3, kernel), generations=3))
    assert len(kernels) == 3
    assert kernels[0].grid.axes[0].step <= 0.3 / cells
    assert len({id(s.grid) for s in kernels}) == 1


def test_the_grid_serves_the_smallest_bandwidth_and_holds_all_smoothing():
    cycle = cycles.accumulating(n=1000)
    experiment = _experiment(cycle=cycle, model=Kde(PowerRule(1.0)), generations=9)
    kernels = smoothers(experiment)
    widths = [s.bandwidth for s in kernels]
    axis = kernels[0].grid.axes[0]
    np.testing.assert_allclose(widths, [(1000 * j) ** -0.2 for j in range(1, 10)])
    assert axis.step <= min(widths) / 6
    assert axis.high > 6 * np.sqrt(1 + np.sum(np.square(widths)))


def test_a_finite_support_is_kept_on_cell_edges():
    axis = smoothers(_experiment(target=beta(2, 3), model=Kde(0.07)))[0].grid.axes[0]
    assert np.abs(axis.edges).min() < 1e-12
    assert np.abs(axis.edges - 1).min() < 1e-12


def test_streams_depend_on_seed_and_replicate_only():
    one, two = _experiment(seed=3), _experiment(seed=3, replicates=5, generations=1)
    assert one.stream(4).random() == two.stream(4).random()
    drawn = {_experiment(seed=s).stream(r).random() for s in range(4) for r in range(4)}
    assert len(drawn) == 16


def test_heavy_tails_are_refused_with_advice():
    with pytest.raises(InputError, match=r"^target .*so heavy that .* use a larger bandwidth"):
        smoothers(_experiment(target=Frozen(stats.t(0.5))))
