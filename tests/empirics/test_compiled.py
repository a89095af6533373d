"""When compiled lines are used: once they are loaded, or once so much was done that it pays."""

import numpy as np
import pytest

from empirics import compiled
from empirics.compiled import Work


def two_over(values, out):
    for i in range(len(values)):
        out[i] = 2 / values[i]


@pytest.fixture(autouse=True)
def _nothing_loaded():
    compiled.compiled.cache_clear()
    yield
    compiled.compiled.cache_clear()


def test_work_pays_when_enough_is_done(monkeypatch):
    monkeypatch.setattr(compiled, "is_installed", lambda: True)
    work = Work(10)
    assert [work.pays(4) for _ in range(4)] == [False, False, True, True]


def test_what_is_loaded_is_used_by_all(monkeypatch):
    pytest.importorskip("numba")
    assert not Work(10).pays(1)
    compiled.compiled(two_over)
    assert Work(10).pays(1)
    monkeypatch.setattr(compiled, "is_installed", lambda: False)
    assert not Work(10).pays(20)


def test_division_by_zero_is_infinity():
    pytest.importorskip("numba")
    out = np.zeros(2)
    compiled.compiled(two_over)(np.array([0.0, 1.0]), out)
    assert out.tolist() == [np.inf, 2.0]
