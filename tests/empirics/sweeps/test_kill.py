"""A sweep may be killed at any instant: nothing is lost, wrong, or computed twice."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from empirics.sweeps import parse
from tests.empirics.sweeps.conftest import COLD

TEXT = """
title = "killed"
generations = 8
replicates = 40
target.kind = "normal"
model.kind = "kde"
[cycle]
kind = "balanced"
n = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160]
data = ["fresh", "resampled"]
"""
_PATIENCE = 60.0


def stamps(store):
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in store.cells.glob("*.parquet")}


def children(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    found = [path, *threads] if path.exists() else []
    return {int(pid) for file in found for pid in file.read_text().split()}


def gone(pids):
    """Whether these processes end by themselves."""
    until = time.monotonic() + _PATIENCE
    while pids and time.monotonic() < until:
        pids = {pid for pid in pids if Path(f"/proc/{pid}").exists()}
        time.sleep(0.01)
    return not pids


def kill_one(commands, spec, instant):
    """Kill a runner an instant after its first new cell; what was finished stays as it is."""
    store = commands.store
    before = stamps(store) if store.cells.exists() else {}
    # One from a warm interpreter would not end its workers with itself.
    runner = commands.start("run", spec, "--workers", "2", python=COLD)
    until = time.monotonic() + _PATIENCE
    while runner.poll() is None and time.monotonic() < until:
        if store.cells.exists() and len(stamps(store)) > len(before):
            break
        time.sleep(0.005)
    time.sleep(instant)
    workers = children(runner)
    os.kill(runner.pid, signal.SIGKILL)
    runner.communicate()
    assert gone(workers)
    after = stamps(store)
    assert before.items() <= after.items()
    found, damages = store.check(store.finished())
    assert not damages
    assert len(found) == len(after)
    return len(found)


@pytest.fixture(scope="module")
def undisturbed(plain_frames):
    study = parse(TEXT, "killed")
    return study, plain_frames(study)


def survive(commands, undisturbed, kills, frames_of, same):
    """Kill runners until ``kills`` have died, starting over whenever a sweep is finished."""
    study, expected = undisturbed
    spec, instants = commands.write(TEXT, "killed.toml"), random.Random(20240611)
    for _ in range(kills):
        done = kill_one(commands, spec, instants.uniform(0.0, 0.25))
        if done == len(study.cells):
            assert same(frames_of(study, commands.store), expected)
            shutil.rmtree(commands.store.folder)
            commands.store.cells.mkdir(parents=True)
    before = stamps(commands.store)
    status, out, _ = commands("run", spec, "--workers", "2")
    assert status == 0
    assert f"{len(before)} found, {len(study.cells) - len(before)} computed" in out
    assert before.items() <= stamps(commands.store).items()
    assert same(frames_of(study, commands.store), expected)
    assert not [p for p in commands.store.cells.iterdir() if p.suffix != ".parquet"]


needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


@needs_proc
def test_killed_once(commands, undisturbed, frames_of, same):
    survive(commands, undisturbed, 1, frames_of, same)


@needs_proc
@pytest.mark.slow
def test_killed_fifty_times(commands, undisturbed, frames_of, same):
    survive(commands, undisturbed, 50, frames_of, same)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_stops_soon_and_says_how_to_go_on(name, commands):
    spec = commands.write(TEXT, "killed.toml")
    runner = commands.start("run", spec, "--workers", "1")
    while not (commands.store.cells.exists() and commands.store.finished()):
        assert runner.poll() is None
        time.sleep(0.005)
    start = time.monotonic()
    runner.send_signal(getattr(signal, name))
    out, err = runner.communicate(timeout=_PATIENCE)
    seconds = time.monotonic() - start
    assert runner.returncode == 130
    assert out == ""
    assert err.count("\n") == 1
    assert "cells are finished and kept; go on with the same command" in err
    assert "python -m empirics run killed.toml --workers 1" in err
    assert seconds < 5, "two seconds on a free machine"
    assert not list(commands.store.cells.glob(".*.part"))
