"""A whole loop in one dimension: 256 replicates x 20 generations x 1e4 points, full synthetic.

Ours is ``empirics.run`` with everything it records. The peers are loops that draw exactly (a
training point plus kernel noise) and measure TV only: ``scipy.stats.gaussian_kde`` on 1024 points,
timed on one generation of one replicate and multiplied by 256 x 20, and ``KDEpy.FFTKDE`` on the
smallest grid whose TV error is at most 1e-6, timed on 4 replicates and multiplied by 64.
Run: ``OMP_NUM_THREADS=1 pytest tests/benchmarks -m benchmark -s``. Nothing is asserted of times.
"""

from time import perf_counter

import numpy as np
import pytest
from KDEpy import FFTKDE
from scipy.stats import gaussian_kde

from bounds import cycles
from empirics import Experiment, run
from empirics.models import Gaussian, Kde

pytestmark = pytest.mark.benchmark
SIZE, GENERATIONS, REPLICATES = 10_000, 20, 256
WIDTH = 0.55 * SIZE**-0.2


def _kdepy_tv(points, x, target):
    density = FFTKDE(kernel="gaussian", bw=WIDTH).fit(points).evaluate(x)
    return 0.5 * np.abs(density - target).sum() * (x[1] - x[0])


def _grid(cells):
    return np.linspace(-8.0, 8.0, cells)


def _smallest_grid(target, exact_tv):
    """Cells at which the largest error over 5 samples is at most 1e-6, and that error."""
    samples = [target.sample(SIZE, np.random.default_rng(s)) for s in range(5)]
    exact = [exact_tv(p, None, WIDTH, Gaussian(), target) for p in samples]
    for cells in 2 ** np.arange(10, 19):
        x = _grid(cells)
        real = target.density(x)
        worst = max(abs(_kdepy_tv(p, x, real) - e) for p, e in zip(samples, exact, strict=True))
        if worst <= 1e-6:
            break
    return int(cells), worst


def _kdepy_loop(target, cells, replicates):
    generator, x = np.random.default_rng(0), _grid(cells)
    real, out = target.density(x), np.zeros((replicates, GENERATIONS))
    for r in range(replicates):
        points = target.sample(SIZE, generator)
        for j in range(GENERATIONS):
            out[r, j] = _kdepy_tv(points, x, real)
            chosen = points[generator.integers(0, SIZE, SIZE)]
            points = chosen + WIDTH * generator.standard_normal(SIZE)
    return out


def _scipy_generation(target):
    generator, x = np.random.default_rng(0), _grid(1024)
    points = target.sample(SIZE, generator)
    law = gaussian_kde(points, bw_method=WIDTH / points.std(ddof=1))
    tv = 0.5 * np.abs(law(x) - target.density(x)).sum() * (x[1] - x[0])
    return tv, law.resample(SIZE, seed=generator)


def test_loop(mixture, alternating, show, exact_tv):
    experiment = Experiment(
        target=mixture,
        model=Kde(WIDTH),
        cycle=cycles.full_synthetic(n=SIZE),
        generations=GENERATIONS,
        replicates=REPLICATES,
    )
    cells, worst = _smallest_grid(mixture, exact_tv)
    result = [run(experiment) for _ in range(3)][-1]  # compiled lines are loaded when they pay
    times = alternating(
        {
            "ours": lambda: run(experiment),
            "KDEpy": lambda: _kdepy_loop(mixture, cells, 4),
            "scipy": lambda: _scipy_generation(mixture),
        }
    )
    ours = times["ours"]
    kdepy, scipy = times["KDEpy"] * REPLICATES / 4, times["scipy"] * REPLICATES * GENERATIONS
    start = perf_counter()
    mean = _kdepy_loop(mixture, cells, 32).mean(axis=0)
    show(
        f"loop, KDEpy on {cells} cells ({perf_counter() - start:.2g} s for 32 replicates)",
        ("peer", "seconds", "times ours", "TV error", "mean TV at 1", "at 20"),
        [
            (
                "ours",
                ours,
                1.0,
                result.matrix("tv_error").max(),
                *result.matrix("tv").mean(axis=0)[[0, -1]],
            ),
            ("KDEpy", kdepy, kdepy / ours, worst, *mean[[0, -1]]),
            ("scipy (extrapolated)", scipy, scipy / ours, "", "", ""),
        ],
    )
    np.testing.assert_allclose(result.matrix("tv").mean(axis=0), mean, rtol=0.1)
