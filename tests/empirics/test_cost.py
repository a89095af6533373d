"""Work that cannot be done is refused before it begins, from estimates that are about right."""

import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.cost import check_memory, cost_of, fitting
from empirics.diffusion.accuracy import REPORT
from empirics.kde.engine import grid_of
from empirics.models import BestKl, Diffusion, Kde, PowerRule, TrainedDiffusion
from empirics.sweeps.commands import bytes_for

GIB = 2**30
LINE = targets.gaussian_mixture([0.5, 0.3, 0.2], [-1.2, 0.1, 1.2], [0.4, 0.2, 0.3])
GAMMA = targets.Frozen(stats.gamma(3))


def experiment(target, model, cycle=1000, generations=2, replicates=1, **numerics):
    cycle = cycles.full_synthetic(n=cycle) if isinstance(cycle, int) else cycle
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=Numerics(**numerics),
    )


class Own:
    def fit(self, samples, generator):
        raise AssertionError("no work may begin")


def space(n, **numerics):
    return experiment(targets.normal(6), Kde(), n, **numerics)


def sandwich(**words):
    return bounds.get("kde-sandwich").evaluate(n=100, bandwidth=0.3, **words)


HOPELESS = {
    "n on the line": (lambda: experiment(LINE, Kde(), 10**10, sampling="points"), "fewer points"),
    "n in space": (lambda: space(10**10), "fewer points"),
    "n of an own model": (lambda: experiment(LINE, Own(), 10**10), "fewer points"),
    "n by steps of the sampler": (
        lambda: experiment(LINE, Diffusion(), 10**10, sampling="points"),
        "fewer points",
    ),
    "draws": (lambda: space(100, draws=10**10), "fewer draws"),
    "draws of an own model": (lambda: experiment(LINE, Own(), 100, draws=10**10), "fewer draws"),
    "replicates": (lambda: experiment(LINE, Kde(), replicates=10**10), "fewer replicates"),
    "width": (lambda: experiment(LINE, Diffusion(width=10**6)), "smaller width"),
    "width in the plane": (
        lambda: experiment(targets.normal(2), Diffusion(width=10**6)),
        "smaller width",
    ),
    "width in space": (
        lambda: experiment(targets.normal(3), Diffusion(width=10**6, sampler="ode")),
        "smaller width",
    ),
    "width trained": (lambda: experiment(LINE, TrainedDiffusion(width=10**9)), "smaller width"),
    "pool": (
        lambda: experiment(
            LINE, Kde(), cycles.balanced(n=10**9, data="reused"), 20, sampling="points"
        ),
        "fewer points",
    ),
    "cells": (lambda: experiment(targets.normal(2), Kde(0.001)), "at most 4194304"),
    "cells of a wide kernel": (lambda: experiment(LINE, Kde(1e300)), "at most 4194304"),
    "cells of a narrow kernel": (lambda: experiment(LINE, Kde(5e-324)), "at most 4194304"),
    "cells of an interval": (
        lambda: experiment(targets.truncated_mixture([1], [0], [1], (-1, 1)), Kde(1e-300)),
        "at most 4194304",
    ),
    "cells of a rule": (lambda: experiment(LINE, Kde(PowerRule(1.0, 1e3))), "at most 4194304"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_work_is_refused_at_once_in_a_line(name):
    make, cure = HOPELESS[name]
    hopeless = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=cure) as refusal:
        run(hopeless, memory=32 * GIB)
    assert "\n" not in str(refusal.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**17  # KiB: 128 MiB


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: experiment(LINE, Kde(), generations=10**5), "generations = 100000"),
        (
            lambda: experiment(LINE, Kde(), cycles.real_plus_synthetic(n=10**6, lam=1e15)),
            "1e\\+21 points",
        ),
        (
            lambda: experiment(LINE, Kde(), cycles.balanced(n=10**9, data="subsampled")),
            "pool of 1000000000 points",
        ),
        (lambda: cycles.balanced(n=10).weight_matrix(10**6), "generations = 1000000"),
        (lambda: sandwich(generation=10**6), "generations = 1000000"),
        (lambda: sandwich(generation=10**15), "generations = 1000000000000000"),
        (lambda: experiment(LINE, Kde(), generations=10**400), "generations: .* <= 1e\\+15"),
        (lambda: experiment(LINE, Kde(), replicates=10**400), "replicates: .* <= 1e\\+15"),
        (lambda: space(100, draws=10**400), "draws: .* <= 1e\\+15"),
        (lambda: Diffusion(width=10**400), "width: .* <= 1e\\+12"),
        (lambda: TrainedDiffusion(batch_size=10**400), "batch_size: .* <= 1e\\+12"),
        (lambda: Kde(10**400), "bandwidth = 1"),
    ],
)
def test_what_cannot_be_set_up_is_refused_in_a_line(make, words):
    with pytest.raises(ValueError, match=words) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_the_largest_subsampled_pool_and_generation_are_allowed():
    pool = cycles.balanced(n=10**9 // 2 - 1, data="subsampled")
    assert run(experiment(LINE, Kde(), pool)).matrix("tv").shape == (1, 2)
    enormous = experiment(LINE, Kde(), cycles.full_synthetic(n=10**15))
    assert np.isfinite(run(enormous).matrix("tv")).all()


def test_the_cap_counts_the_cells_of_the_whole_grid():
    assert np.prod(grid_of(experiment(targets.normal(2), Kde(0.05))).shape) < 2**22
    with pytest.raises(InputError, match=r"grid of \S+ cells on \[.*\] x \[.*\]: at most 4194304"):
        grid_of(experiment(targets.normal(2), Kde(0.03)))


def test_a_limit_is_kept_to_the_byte_and_workers_share_it():
    small = experiment(LINE, Kde(), replicates=4)
    memory = cost_of(small).memory
    check_memory(small, limit=memory)
    check_memory(small, workers=4, limit=4 * memory)
    with pytest.raises(InputError, match="allowed"):
        check_memory(small, limit=0.999 * memory)
    with pytest.raises(InputError, match="allowed"):
        check_memory(small, workers=4, limit=3.99 * memory)
    check_memory(small, workers=400, limit=4 * memory)
    with pytest.raises(InputError, match="memory = 0"):
        run(small, memory=0)


def test_estimates_of_counts_do_not_grow_with_the_sample():
    few, many = (experiment(LINE, Diffusion(), n) for n in (10**3, 10**9))
    assert cost_of(few).seconds == cost_of(many).seconds
    assert bytes_for(few) == bytes_for(many)


def test_laws_are_held_as_long_as_they_are_used():
    """Full synthetic holds the real law and one more; a balanced loop holds all."""
    chain, pool = (
        cost_of(experiment(LINE, Kde(1e-3), cycle, generations=50)).memory
        for cycle in (cycles.full_synthetic(n=100), cycles.balanced(n=100))
    )
    assert pool > 5 * chain


MEASURED = {
    "line": (lambda: experiment(LINE, Kde(3e-4), generations=3, replicates=16), 1.2, 48),
    "line, no closed form": (lambda: experiment(GAMMA, Kde(3e-4), generations=3), 6.0, 1000),
    "plane": (lambda: experiment(targets.normal(2), Kde(0.05), generations=3), 2.0, 450),
    "points": (lambda: experiment(LINE, Kde(), 3 * 10**6, 3, sampling="points"), 3.5, 190),
    "six dimensions": (lambda: space(1000, draws=10**4), 2.4, 140),
    "a thousand dimensions": (lambda: experiment(targets.normal(1000), Kde(), 100), 11, 257),
    "many draws": (lambda: space(100, draws=10**6), 25.0, 400),
    "diffusion": (lambda: experiment(LINE, Diffusion(), 10**9, 3, 4), 4.2, 322),
    "wide diffusion": (lambda: experiment(LINE, Diffusion(width=1024), 1000, 3, 4), 13, 700),
    "kinks": (lambda: experiment(LINE, Diffusion(preset="relu"), 1000, 3, 4), 12, 727),
    "report": (lambda: experiment(LINE, Diffusion(accuracy=REPORT), 1000, 3, 4), 22, 1237),
    "flow": (lambda: experiment(LINE, Diffusion(sampler="ode"), 1000, 3, 4), 8.0, 322),
    "steps": (lambda: experiment(LINE, Diffusion(), 10**4, 3, 2, sampling="points"), 31, 322),
    "plane diffusion": (lambda: experiment(targets.normal(2), Diffusion(), 10**4, 2), 8.2, 382),
    "plane flow": (
        lambda: experiment(targets.normal(2), Diffusion(sampler="ode"), 10**4, 1),
        20,
        174,
    ),
    "plane oracle": (
        lambda: experiment(targets.normal(2), Diffusion(width=64, training_time=BestKl()), 1000, 1),
        6.6,
        487,
    ),
    "space": (lambda: experiment(targets.normal(3), Diffusion(sampler="ode"), 1000), 24, 30),
    "trained": (lambda: experiment(LINE, TrainedDiffusion(), 10**4, 2, 2), 7.5, 370),
    "trained in the plane": (
        lambda: experiment(targets.normal(2), TrainedDiffusion(sampler="ode", steps=500), 1000),
        15.5,
        300,
    ),
}
"""Seconds and MiB beyond the libraries', measured on one core of a machine of 2024."""
_FIRST_USE = 30
"""MiB that libraries take when first used."""


@pytest.mark.parametrize("name", MEASURED)
def test_estimates_are_what_was_measured(name):
    make, seconds, mebibytes = MEASURED[name]
    cost = cost_of(make())
    assert seconds / 3 < cost.seconds < 3 * seconds
    assert (mebibytes - _FIRST_USE) / 3 < cost.memory / 2**20 < 3 * (mebibytes + _FIRST_USE)


_STATUS = Path("/proc/self/status")
_MEASURE = """
from tests.empirics.test_cost import MEASURED, _STATUS
from empirics import run
def peak():  # the process's own; what getrusage tells begins with that of its parent
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024
made = MEASURED[{name!r}][0]()
before = peak()
run(made)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not _STATUS.exists(), reason="needs /proc")
@pytest.mark.parametrize("name", MEASURED)
def test_memory_is_measured_again(name):
    """Peak memory of a fresh process."""
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(name=name)], capture_output=True, text=True
    )
    took, expected = float(ran.stdout), cost_of(MEASURED[name][0]()).memory / 2**20
    assert (expected - _FIRST_USE) / 3 < took < 3 * (expected + _FIRST_USE)


def test_drawing_in_many_dimensions_takes_a_few_copies_of_the_draws():
    law = targets.normal(60)
    tracemalloc.start()
    drawn = law.sample(20_000, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * drawn.nbytes


@pytest.mark.parametrize("dimension", [2, 5, 33])
def test_draws_are_a_component_and_then_a_normal(dimension):
    random = np.random.default_rng(dimension)
    roots = random.normal(size=(3, dimension, dimension))
    covariances = roots @ roots.transpose(0, 2, 1) + np.eye(dimension)
    means = random.normal(size=(3, dimension))
    drawn = targets.gaussian_mixture([0.2, 0.5, 0.3], means, covariances).sample(
        300, np.random.default_rng(1)
    )
    generator = np.random.default_rng(1)
    which = generator.choice(3, size=300, p=[0.2, 0.5, 0.3])
    noise = generator.standard_normal((300, dimension))
    spread = np.einsum("nij,nj->ni", np.linalg.cholesky(covariances)[which], noise)
    np.testing.assert_array_equal(drawn, means[which] + spread)


ROWS = 40_000
SECONDS_PER_UNIT, SECONDS_PER_MULTIPLICATION = 1e-8, 7e-11


def _per_row_and_unit(width):
    """Seconds that one more row costs, over its times and units."""
    model = Diffusion(width=width)
    more, fewer = (fitting(model, 3, [n])[0] for n in (ROWS // 2, ROWS // 4))
    return (more - fewer) / (ROWS * model.accuracy.training_times * width)


def test_a_row_costs_every_unit_its_value_and_its_slope_and_a_product_with_each():
    narrow, wide = _per_row_and_unit(100), _per_row_and_unit(300)
    assert (wide - narrow) / 200 == pytest.approx(SECONDS_PER_MULTIPLICATION, rel=1e-6)
    assert narrow - 100 * (wide - narrow) / 200 == pytest.approx(2 * SECONDS_PER_UNIT, rel=1e-6)
