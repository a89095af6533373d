"""The implicit step on the line: its equation, and the same numbers from LAPACK and compiled."""

from importlib.util import find_spec

import numpy as np
import pytest

from empirics.compiled import Work
from empirics.diffusion.fokker_planck import bernoulli, midpoint_step

WIDTH, HALF = 0.2, 0.03


def batch(laws, cells, seed=3):
    generator = np.random.default_rng(seed)
    drift = generator.normal(0, 20, (laws, cells - 1))
    drift[0, 0] = 0.0
    masses = generator.random((laws, cells))
    return drift, masses / masses.sum(axis=1, keepdims=True)


def by_equation(drift, masses):
    """Dense systems: what leaves a cell through a face enters the next; the ends absorb."""
    cells, rate = masses.shape[1], HALF / WIDTH**2
    leftward, rightward = rate * bernoulli(drift * WIDTH), rate * bernoulli(-drift * WIDTH)
    found = []
    for left, right, q in zip(leftward, rightward, masses, strict=True):
        system = np.eye(cells) - np.diag(left, 1) - np.diag(right, -1)
        system += np.diag(np.append(right, right[-1])) + np.diag(np.append(left[:1], left))
        found.append(2 * np.linalg.solve(system, q) - q)
    return np.array(found)


@pytest.mark.parametrize(("laws", "cells"), [(1, 2), (3, 5), (8, 40), (11, 30), (40, 12)])
def test_compiled_lines_give_the_same_numbers(laws, cells, monkeypatch):
    pytest.importorskip("numba")
    drift, masses = batch(laws, cells)
    monkeypatch.setattr(Work, "pays", lambda *_: False)
    found = midpoint_step(drift, HALF, WIDTH, masses)
    np.testing.assert_allclose(found, by_equation(drift, masses), rtol=1e-11, atol=1e-14)
    monkeypatch.setattr(Work, "pays", lambda *_: True)
    np.testing.assert_array_equal(midpoint_step(drift, HALF, WIDTH, masses), found)


def test_one_law_stands_for_a_batch(monkeypatch):
    drift, masses = batch(5, 20)
    shared = np.broadcast_to(masses[0], masses.shape)
    for pays in (False, find_spec("numba") is not None):
        monkeypatch.setattr(Work, "pays", lambda *_, answer=pays: answer)
        found = midpoint_step(drift, HALF, WIDTH, shared)
        np.testing.assert_array_equal(found, midpoint_step(drift, HALF, WIDTH, shared.copy()))
        assert (shared == masses[0]).all()
