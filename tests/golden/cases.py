"""Small loops of every family, dimension, protocol and sampling, by name."""

from functools import partial

from scipy import stats

import empirics
from bounds import cycles
from empirics import targets
from empirics.closed_form import Discrete, GaussianMean
from empirics.examples.mixture import Mixture
from empirics.models import (
    BestKl,
    BestTv,
    Diffusion,
    Epanechnikov,
    Kde,
    PowerRule,
    PowerTime,
    TrainedDiffusion,
)

__all__ = ["CASES", "matrices"]

MODES = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])
PAIR = targets.gaussian_mixture([0.6, 0.4], [[-0.8, 0.3], [0.9, -0.2]], [0.4, 0.5])
SQUARE = targets.normal(2)
CUBE = targets.normal(3)
KDE = Kde(bandwidth=PowerRule(0.55))
BOXES = Kde(bandwidth=PowerRule(0.8), kernel=Epanechnikov())
FLOW = Diffusion(width=32, training_time=PowerTime(1.0, 0.9))
FLAT = Diffusion(width=24, training_time=30.0)
TRAINED = TrainedDiffusion(width=12, steps=20, batch_size=32)
CUSTOM = cycles.custom(rows=[[1], ["1/4", "3/4"], ["1/5", "1/5", "3/5"]], n=[80, 120, 200])


def _loop(target, model, cycle, generations=3, replicates=2, sampling=None):
    return empirics.Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        seed=7,
        numerics=empirics.Numerics(sampling=sampling, draws=2000),
    )


_line = partial(_loop, MODES)
_full = cycles.full_synthetic
_both = cycles.real_plus_synthetic

EXPERIMENTS = {
    "kde-full-synthetic": _line(KDE, _full(n=200), generations=5),
    "kde-fresh-real": _line(KDE, cycles.fresh_real(n=300, share="1/5")),
    "kde-balanced": _line(KDE, cycles.balanced(n=200)),
    "kde-accumulating": _line(KDE, cycles.accumulating(n=100)),
    "kde-accumulating-reused": _line(KDE, cycles.accumulating(n=100, data="reused")),
    "kde-balanced-resampled": _line(KDE, cycles.balanced(n=150, data="resampled")),
    "kde-balanced-subsampled": _line(KDE, cycles.balanced(n=150, data="subsampled")),
    "kde-real-plus-synthetic": _line(KDE, _both(n=100, lam=2)),
    "kde-real-plus-synthetic-reused": _line(KDE, _both(n=100, lam=2, data="reused")),
    "kde-paper-start": _line(KDE, _both(n=100, lam=2, real_start=False)),
    "kde-custom": _line(KDE, CUSTOM),
    "kde-custom-reused": _line(
        KDE, cycles.custom(rows=CUSTOM.rows, n=list(CUSTOM.n), data="reused")
    ),
    "kde-epanechnikov": _line(BOXES, _full(n=200)),
    "kde-population": _line(Kde(bandwidth=0.3), _full(n=100), sampling="population"),
    "kde-tabulated": _line(KDE, _full(n=10**4)),
    "kde-large": _line(KDE, _full(n=10**7)),
    "kde-beta": _loop(targets.beta(2, 3), KDE, cycles.fresh_real(n=200, share=0.1)),
    "kde-laplace": _loop(targets.Frozen(stats.laplace()), KDE, _full(n=200)),
    "kde-points": _line(KDE, cycles.fresh_real(n=200, share=0.5), sampling="points"),
    "kde-points-reused": _line(KDE, _both(n=60, lam=2, data="reused"), sampling="points"),
    "kde-points-resampled": _line(
        KDE, cycles.accumulating(n=60, data="resampled"), sampling="points"
    ),
    "kde-points-subsampled": _line(
        KDE, cycles.balanced(n=60, data="subsampled"), sampling="points"
    ),
    "kde-plane": _loop(PAIR, KDE, cycles.fresh_real(n=300, share=0.1)),
    "kde-plane-reused": _loop(PAIR, BOXES, cycles.accumulating(n=100, data="reused")),
    "kde-plane-points": _loop(PAIR, KDE, _full(n=300), sampling="points"),
    "kde-plane-population": _loop(SQUARE, Kde(bandwidth=0.3), _full(n=9), sampling="population"),
    "kde-space": _loop(CUBE, Kde(bandwidth=0.4), cycles.fresh_real(n=200, share=0.3)),
    "diffusion": _line(FLOW, _full(n=300), generations=4),
    "diffusion-fresh-real": _line(FLOW, cycles.fresh_real(n=300, share=0.3)),
    "diffusion-accumulating-reused": _line(FLOW, cycles.accumulating(n=200, data="reused")),
    "diffusion-resampled": _line(FLOW, cycles.balanced(n=200, data="resampled")),
    "diffusion-population": _line(FLAT, _full(n=200), sampling="population"),
    "diffusion-points": _line(FLAT, _both(n=100, lam=1), sampling="points", replicates=1),
    "diffusion-relu": _line(Diffusion(width=24, preset="relu", training_time=50.0), _full(n=300)),
    "diffusion-ode": _line(
        Diffusion(width=24, sampler="ode", training_time=50.0), _full(n=300), generations=2
    ),
    "diffusion-best-kl": _line(
        Diffusion(width=24, training_time=BestKl()), _full(n=300), generations=2
    ),
    "diffusion-best-tv": _line(
        Diffusion(width=24, training_time=BestTv()), _full(n=300), generations=2
    ),
    "diffusion-plane": _loop(PAIR, FLAT, _full(n=300), generations=2, replicates=1),
    "diffusion-plane-reused-points": _loop(
        PAIR,
        FLAT,
        cycles.accumulating(n=100, data="reused"),
        generations=2,
        replicates=1,
        sampling="points",
    ),
    "diffusion-space-ode": _loop(
        CUBE,
        Diffusion(width=16, sampler="ode", training_time=5.0),
        _full(n=100),
        generations=2,
        replicates=1,
    ),
    "trained-diffusion": _line(TRAINED, _full(n=100), generations=2),
    "trained-diffusion-points": _line(
        TRAINED, cycles.fresh_real(n=100, share=0.5), generations=2, replicates=1, sampling="points"
    ),
    "own-model": _line(Mixture(components=2), cycles.fresh_real(n=150, share=0.2)),
}

_LETTERS = (0.5, 0.3, 0.15, 0.05)
_FORMS = {"generations": 4, "replicates": 3, "seed": 7}
CLOSED_FORMS = {
    "gaussian-mean": GaussianMean(cycle=cycles.balanced(n=50), one_step=True, **_FORMS),
    "gaussian-mean-reused": GaussianMean(cycle=_both(n=50, lam=2, data="reused"), **_FORMS),
    "discrete": Discrete(real=_LETTERS, cycle=cycles.fresh_real(n=40, share=0.1), **_FORMS),
    "discrete-reused": Discrete(
        real=_LETTERS, cycle=cycles.accumulating(n=40, data="reused"), **_FORMS
    ),
    "discrete-resampled": Discrete(
        real=_LETTERS, cycle=cycles.balanced(n=40, data="resampled"), **_FORMS
    ),
}

CASES = {**EXPERIMENTS, **CLOSED_FORMS}
_RUNS_COLUMNS = ("tv", "tv_error", "one_step_tv", "one_step_error")


def matrices(name):
    """Run a case: every measured column as nested lists ``[replicate][generation]``."""
    if name in CLOSED_FORMS:
        runs = CLOSED_FORMS[name].run()
        columns = {c: getattr(runs, c) for c in _RUNS_COLUMNS}
        return {c: value.tolist() for c, value in columns.items() if value is not None}
    experiment = EXPERIMENTS[name]
    frame = empirics.run(experiment).frame.sort("replicate", "generation")
    shape = (experiment.replicates, experiment.generations)
    columns = [c for c in frame.columns if c not in ("replicate", "generation")]
    return {c: frame[c].to_numpy().reshape(shape).tolist() for c in columns}
