"""Figures made side by side are those that one process makes, and their errors arrive."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from empirics import InputError
from empirics.sweeps.executors import WorkerProcess
from paper_figures.catalogue import select
from paper_figures.maker import made
from paper_figures.makers import Makers
from paper_figures.making import How, make_all

QUIET = Console(quiet=True)
HOW = How(formats=("png", "svg"))


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def started(monkeypatch):
    """The modules whose processes were started."""
    found, start = [], WorkerProcess._start

    def noted(self):
        found.append(self._module)
        start(self)

    monkeypatch.setattr(WorkerProcess, "_start", noted)
    return found


def files(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix != ".json" and p.is_file()}


def test_makers_and_one_process_write_the_same(tmp_path, started):
    several, alone = tmp_path / "several", tmp_path / "alone"
    make_all(select(["R2", "R3"]), HOW, several, QUIET)
    assert set(started) == {"paper_figures.maker"}
    started.clear()
    for name in ("R2", "R3"):
        make_all(select([name]), HOW, alone, QUIET)
    assert not started
    assert {**files(several), "index.html": b""} == {**files(alone), "index.html": b""}


def test_what_is_made_starts_no_maker(tmp_path, started):
    make_all(select(["R2", "R3"]), HOW, tmp_path, QUIET)
    started.clear()
    make_all(select(["R2", "R3"]), HOW, tmp_path, QUIET)
    assert not started
    (tmp_path / "R3.png").unlink()
    make_all(select(["R2", "R3"]), HOW, tmp_path, QUIET)
    assert (tmp_path / "R3.png").exists()
    assert started == ["paper_figures.maker"]


def test_changes_reach_the_makers(tmp_path, started):
    how = How(changes={"replicates": "40"}, formats=("png",))
    make_all(select(["X2", "X22"]), how, tmp_path, QUIET)
    assert set(started) == {"paper_figures.maker"}
    for name in ("X2", "X22"):
        assert json.loads((tmp_path / f"{name}.json").read_text())["parameters"]["replicates"] == 40


def test_a_figure_of_ones_own_is_made_here(tmp_path):
    with Makers(select(["R2", "R3"]), HOW, tmp_path, tmp_path / "store", QUIET) as makers:
        assert not makers.take(replace(select(["R2"])[0], title="another"))
        unknown = How(changes={"target": lambda: None})
        with Makers(select(["R2", "R3"]), unknown, tmp_path, tmp_path, QUIET) as others:
            assert not others.take(select(["R2"])[0])


def test_one_figure_needs_no_maker(tmp_path):
    with Makers(select(["R2"]), HOW, tmp_path, tmp_path / "store", QUIET) as makers:
        assert not makers.take(select(["R2"])[0])


def test_a_refusal_arrives_as_one(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    figures = select(["R2", "R3"])
    with Makers(figures, HOW, blocked / "out", tmp_path / "store", QUIET) as makers:
        assert makers.take(figures[0])
        with pytest.raises(InputError, match="file"):
            makers.finish()


def test_an_error_does_not_cost_the_others(tmp_path):
    """A figure that is being made when another fails is finished."""
    good, bad = select(["R3"])[0], replace(select(["R2"])[0], tabulate=_fails)
    with pytest.raises(ZeroDivisionError):
        make_all([good, bad], HOW, tmp_path, QUIET)
    assert (tmp_path / "R3.json").exists()
    assert not (tmp_path / "R2.csv").exists()


def _fails(_):
    raise ZeroDivisionError


def test_a_maker_that_dies_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("paper_figures.makers._MAKER", "paper_figures.none")
    figures = select(["R2", "R3"])
    with Makers(figures, HOW, tmp_path, tmp_path / "store", QUIET) as makers:
        assert makers.take(figures[0])
        with pytest.raises(RuntimeError, match="figure R2: its worker process ended"):
            makers.finish()


def test_a_maker_is_warmed_by_an_empty_task():
    assert b"seconds" in made("R2", b"")


def test_makers_end_with_whoever_feeds_them(tmp_path):
    """Its input closed, a maker ends by itself."""
    command = [sys.executable, "-m", "paper_figures.maker"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, input=b"", cwd=root, timeout=60, check=False)
    assert done.returncode == 0
