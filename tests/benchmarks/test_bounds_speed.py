"""Speed of the bounds against hand-written NumPy, and of the command line (-m benchmark -s)."""

import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest
from scipy.special import digamma

import bounds

POINTS = 10**6
_REPEATS = 5


def _parameters():
    draw = np.random.default_rng(0)
    return {
        "n": draw.integers(1, 10**6, POINTS).astype(float),
        "generation": draw.integers(1, 60, POINTS).astype(float),
        "share": draw.uniform(0.01, 1, POINTS),
        "lam": draw.uniform(0, 100, POINTS),
        "gamma": draw.uniform(0.1, 0.9, POINTS),
        "constant": draw.uniform(0.5, 2, POINTS),
        "dimension": draw.integers(1, 20, POINTS).astype(float),
        "delta": draw.uniform(0.01, 0.5, POINTS),
        "neurons": draw.integers(1, 10**4, POINTS).astype(float),
        "training_time": draw.uniform(1, 100, POINTS),
        "width_constant": draw.uniform(0.5, 2, POINTS),
        "time_constant": draw.uniform(0.5, 2, POINTS),
        "prior_kl": draw.uniform(0, 1, POINTS),
    }


def _full_synthetic(n, generation, gamma, constant):
    return generation * constant * n**-gamma


def _fresh_real(n, generation, share, gamma, constant):
    return constant * n**-gamma * -np.expm1(generation * np.log1p(-share)) / share


def _balanced(n, generation, gamma, constant):
    return constant * n**-gamma * (digamma(generation + 1) + np.euler_gamma)


def _phase_transition(n, generation, lam, gamma, constant):
    share = 1 / (1 + lam)
    depth = -np.expm1(generation * np.log1p(-share)) / share
    return constant * n**-gamma * (1 + lam) ** -gamma * depth


def _real_start(n, generation, lam, gamma, constant):
    share = 1 / (1 + lam)
    kept = np.exp((generation - 1) * np.log1p(-share))
    return constant * n**-gamma * ((1 + lam) ** -gamma * (1 - kept) / share + kept)


def _kde_rate(n, gamma, constant):
    return constant * n**-gamma


def _diffusion_rate(
    n,
    gamma,
    constant,
    delta,
    dimension,
    neurons,
    training_time,
    width_constant,
    time_constant,
    prior_kl,
):
    return (
        constant * np.sqrt(dimension * np.log(dimension * n / delta)) * n**-gamma
        + width_constant / np.sqrt(neurons)
        + time_constant / np.sqrt(training_time)
        + np.sqrt(prior_kl / 2)
    )


PEERS = {
    "full-synthetic": _full_synthetic,
    "fresh-real": _fresh_real,
    "balanced": _balanced,
    "phase-transition": _phase_transition,
    "phase-transition-real-start": _real_start,
    "kde-rate": _kde_rate,
    "diffusion-rate": _diffusion_rate,
}


def _best_time(call):
    times = []
    for _ in range(_REPEATS):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


@pytest.mark.benchmark
@pytest.mark.parametrize("name", PEERS)
@pytest.mark.filterwarnings("ignore")
def test_a_million_points(name):
    bound, peer = bounds.get(name), PEERS[name]
    values = {w: v for w, v in _parameters().items() if w in bound.parameters}
    np.testing.assert_allclose(bound.evaluate(**values), peer(**values), rtol=1e-9)
    ours = _best_time(lambda: bound.evaluate(**values))
    theirs = _best_time(lambda: peer(**values))
    print(f"{name}: {1e3 * ours:.0f} ms, NumPy {1e3 * theirs:.0f} ms, ratio {ours / theirs:.2f}")


@pytest.mark.benchmark
def test_list_from_cold():
    command = [sys.executable, "-m", "bounds", "list"]
    seconds = _best_time(lambda: subprocess.run(command, capture_output=True, check=True))
    print(f"python -m bounds list: {seconds:.2f} s")


@pytest.mark.benchmark
def test_audit_from_cold():
    command = [sys.executable, "-m", "bounds", "audit"]
    start = perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    print(f"python -m bounds audit: {perf_counter() - start:.1f} s")
