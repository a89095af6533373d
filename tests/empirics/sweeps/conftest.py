"""A small study, its undisturbed results, and commands run as a user would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from empirics import run
from empirics.sweeps import Store, Sweep, parse, read_result

ROOT = Path(__file__).parents[3]
COLD = sys.executable

SMALL = """
title = "small"
generations = 3
replicates = 4
[target]
kind = "normal"
[model]
kind = "kde"
[cycle]
kind = "fresh-real"
n = [100, 200, 300]
share = [0.1, 0.5]
"""


class Commands:
    """``python -m empirics`` in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store(folder / "results")
        path = os.pathsep.join([str(ROOT), str(folder)])
        self.environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def write(self, text, name="small.toml"):
        (self.folder / name).write_text(text)
        return name

    def start(self, *arguments, python=None, **how):
        if arguments[:1] == ("run",) and "--workers" not in arguments:
            arguments += ("--workers", "1")  # every worker is a process to start
        return subprocess.Popen(
            [python or sys.executable, "-m", "empirics", *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
        )

    def __call__(self, *arguments, **how):
        process = self.start(*arguments, **how)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture(scope="module", autouse=True)
def _warm(warm_workers):
    """Commands and workers start with the libraries, but for tests that are marked as cold."""


@pytest.fixture(autouse=True)
def _cold(request, monkeypatch):
    if request.node.get_closest_marker("cold") is not None:
        monkeypatch.setattr(sys, "executable", COLD)


@pytest.fixture
def commands(tmp_path):
    return Commands(tmp_path)


def swept(study, folder, **how):
    """Run a study; returns the store and the report."""
    store = Store(folder)
    sweep = Sweep(study.cells, store, **how)
    for _ in sweep:
        pass
    return store, sweep.report


@pytest.fixture(scope="session")
def small_text():
    return SMALL


@pytest.fixture(scope="session")
def small():
    return parse(SMALL, "small")


@pytest.fixture(scope="session")
def finished(small, tmp_path_factory, warm_python):
    """A store with every cell of the small study, to be copied, not changed."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", warm_python)
        store, report = swept(small, folder, workers=1)
    assert report.computed == len(small.cells)
    return store


@pytest.fixture(scope="session")
def sweep_into():
    return swept


@pytest.fixture(scope="session")
def frames_of():
    """Every result of a study, for comparison bit for bit."""

    def frames(study, store):
        return {cell.label: read_result(store, cell).frame for cell in study.cells}

    return frames


@pytest.fixture(scope="session")
def plain_frames():
    """The same results as they come without a store and without workers."""

    def frames(study):
        return {cell.label: run(cell.experiment).frame for cell in study.cells}

    return frames


@pytest.fixture(scope="session")
def same():
    """Whether two studies' results are equal in every bit."""

    def equal(left, right):
        return left.keys() == right.keys() and all(left[k].equals(right[k]) for k in left)

    return equal
