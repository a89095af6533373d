"""Compiled lines are used once they are loaded, or once so much was done that it pays."""

from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np
import pytest

from empirics import compiled, shares
from empirics.compiled import Work
from empirics.diffusion import fokker_planck
from empirics.distances import swept_cells


def two_over(values, out):
    for i in range(len(values)):
        out[i] = 2 / values[i]


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch):
    compiled.compiled.cache_clear()
    monkeypatch.setattr(Work, "done", 0.0)
    yield
    compiled.compiled.cache_clear()


def test_work_pays_when_enough_is_done(monkeypatch):
    monkeypatch.setattr(compiled, "is_installed", lambda: True)
    work = Work(10)
    assert [work.pays(4) for _ in range(4)] == [False, False, True, True]


def test_kinds_of_work_add_up(monkeypatch):
    monkeypatch.setattr(compiled, "is_installed", lambda: True)
    assert not Work(10).pays(9)
    assert Work(1000).pays(200)


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


def test_without_a_folder_to_keep_them_lines_are_compiled_too():
    pytest.importorskip("numba")
    out = np.zeros(2)
    nowhere = two_over.__code__.replace(co_filename="no such file.py")
    compiled.compiled(FunctionType(nowhere, {}))(np.array([0.0, 1.0]), out)
    assert out.tolist() == [np.inf, 2.0]


@pytest.mark.parametrize(
    "function",
    [
        *(shares._line_sums, shares._plane_sums, fokker_planck._swept),
        *(swept_cells._find_on_line, swept_cells._add_up_on_line),
        *(swept_cells._find_in_plane, swept_cells._add_up_in_plane),
    ],
    ids=lambda f: f"{f.__module__}.{f.__name__}",
)
def test_constants_of_compiled_lines_are_their_files_own(function):
    """Numba's kept code is made anew where that file has changed, and no other."""
    known = function.__globals__
    names = [name for name in function.__code__.co_names if name in known]
    constants = [name for name in names if not isinstance(known[name], ModuleType)]
    source = Path(function.__code__.co_filename).read_text().splitlines()
    for name in constants:
        assert any(line.startswith(f"{name} = ") for line in source), name
