"""Loops of trained networks: protocols, bound, repeatability."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import cycles
from empirics import run

CYCLES = [
    cycles.fresh_real(n=300, share=0.3),
    cycles.real_plus_synthetic(n=200, lam=3, data="reused"),
    cycles.balanced(n=300, data="resampled"),
    cycles.real_plus_synthetic(n=200, lam=3, data="subsampled"),
]


@pytest.mark.parametrize(
    ("preset", "cycle"),
    [*(("tanh", cycle) for cycle in CYCLES), ("relu", CYCLES[1])],
    ids=lambda v: v if isinstance(v, str) else f"{v.name} {v.data}",
)
def test_every_protocol_runs_under_its_bound(cycle, preset, loop, small):
    result = run(loop(replace(small, preset=preset), cycle, generations=3))
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    assert np.all(tv - error <= result.matrix("tv_bound"))
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound") * (1 + 1e-3))
    step = np.sqrt(result.matrix("kl_bound") / 2)
    assert np.all(result.matrix("one_step_tv") <= step + error)
    assert np.all(error < 5e-4)
    assert np.all(tv[:, 0] < 0.6)
    assert result.frame["training_time"].is_null().all()


def test_longer_training_comes_closer(loop, small):
    """With infinite data the law is missed by less than half."""
    models = small, replace(small, width=64, steps=1200)
    short, long = (
        run(loop(m, generations=1, replicates=2, sampling="population")).matrix("tv")
        for m in models
    )
    assert long.max() < 0.5 * short.min()


def test_results_repeat_and_do_not_depend_on_workers(loop):
    experiment = loop(generations=2, replicates=17)
    first = run(experiment)
    assert first.frame.equals(run(experiment, workers=2).frame)
    alone, other = (run(replace(experiment, replicates=1, seed=s)).frame for s in (0, 1))
    assert not alone.equals(other)
    alone = alone["tv"][0]
    assert alone == pytest.approx(first.matrix("tv")[0, 0], rel=1e-3)


def test_other_initial_weights_give_another_network(loop, small):
    tv = [run(loop(replace(small, seed=s), generations=1)).matrix("tv") for s in (0, 1)]
    assert np.all(tv[0] != tv[1])


def test_points_and_counts_have_the_same_law(loop):
    """Mean TV of generation 2: z below 4, so 6e-5 false alarms."""
    tv = [
        run(loop(generations=2, replicates=6, sampling=s)).matrix("tv")[:, 1]
        for s in ("counts", "points")
    ]
    z = (tv[0].mean() - tv[1].mean()) / np.sqrt(sum(t.var(ddof=1) / len(t) for t in tv))
    assert abs(z) < 4


def test_the_ode_has_a_law_but_no_bound(loop, small):
    result = run(loop(replace(small, sampler="ode")))
    assert np.all((result.matrix("tv") > 0) & (result.matrix("tv") < 1))
    assert result.frame["kl_bound"].is_null().all()
    assert result.frame["tv_bound"].is_null().all()


def test_loops_in_the_plane_run_on_points(loop, small, plane):
    model = replace(small, sampler="ode", steps=400)
    result = run(loop(model, target=plane, replicates=1, draws=500))
    assert np.all(result.matrix("tv") + result.matrix("tv_error") < 0.7)
