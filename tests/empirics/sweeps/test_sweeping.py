"""The result of a sweep does not depend on how it was computed."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from array import array
from dataclasses import replace
from time import monotonic, sleep

import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.cost import cost_of
from empirics.models import Kde
from empirics.sweeps import (
    IncompleteError,
    Store,
    Study,
    Sweep,
    cell_of,
    parse,
    read_result,
    results,
)
from empirics.sweeps.cell import experiment_of
from empirics.sweeps.commands import bytes_for
from empirics.sweeps.executors import LocalProcesses, WorkerProcess
from empirics.sweeps.files import Locks
from empirics.sweeps.sweeping import _longest_first

MODULE = '''
import os, pathlib, time
import numpy as np
import polars as pl

class Law:
    def sample(self, size, generator): return generator.standard_normal(size)
    def log_density(self, x): return -0.5 * x**2 - 0.5 * np.log(2 * np.pi)

class Moody:
    """Fails or dies, always or the first time."""
    def __init__(self, how, folder, number):
        self.how, self.folder, self.number = how, folder, number
    def fit(self, samples, generator):
        print("models may print")
        seen = pathlib.Path(self.folder, f"seen {self.how} {self.number}")
        first = not seen.exists()
        seen.touch()
        if self.how == "is slow to keep":
            keep = pl.DataFrame.write_parquet
            pl.DataFrame.write_parquet = lambda *a, **k: [time.sleep(0.5), keep(*a, **k)][1]
        if self.how == "fails" or (self.how == "fails once" and first):
            raise ArithmeticError("no luck\\nat all")
        if self.how == "dies" or (self.how == "dies once" and first):
            os.kill(os.getpid(), 9)
        return Law()
'''


@pytest.fixture
def moody(tmp_path, monkeypatch):
    """A study of models with these moods."""
    (tmp_path / "moody_models.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)

    def study(*moods):
        quoted = ", ".join(f'"{mood}"' for mood in moods)
        text = f"""
generations = 2
replicates = 1
target.kind = "normal"
cycle = {{ kind = "full-synthetic", n = 20 }}
numerics.draws = 50
[model]
kind = "moody_models:Moody"
how = {{ grid = [{quoted}] }}
folder = "{tmp_path}"
number = {{ grid = [1, 2] }}
"""
        return parse(text, "moody")

    yield study
    sys.modules.pop("moody_models", None)


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_and_order_change_nothing(
    workers, small, finished, tmp_path, sweep_into, frames_of, same
):
    backwards = Study("small", "", small.cells[::-1])
    store, report = sweep_into(backwards, tmp_path, workers=workers)
    assert report.computed == len(small.cells)
    assert same(frames_of(small, store), frames_of(small, finished))


def test_a_limit_leaves_the_rest_for_later(small, finished, tmp_path, sweep_into, frames_of, same):
    _, first = sweep_into(small, tmp_path, workers=1, limit=2)
    store, second = sweep_into(small, tmp_path, workers=1)
    assert (first.computed, second.found, second.computed) == (2, 2, 4)
    assert same(frames_of(small, store), frames_of(small, finished))


def test_a_stopped_iteration_keeps_what_is_finished(small, tmp_path):
    store = Store(tmp_path)
    for _ in Sweep(small.cells, store, workers=1):
        break
    kept = store.finished()
    assert kept
    assert set(store.check(kept)[0]) == set(kept)
    sweep = Sweep(small.cells, store, workers=1)
    assert sweep.report.found == len(kept)
    assert len(list(sweep)) == len(small.cells)


def test_workers_do_not_wait_for_whoever_reads_the_cells(small, tmp_path):
    store, latest = Store(tmp_path), monotonic() + 60
    with Sweep(small.cells, store, workers=1).running() as cells:
        next(cells)
        while len(store.finished()) < len(small.cells) and monotonic() < latest:
            sleep(0.05)
        assert len(store.finished()) == len(small.cells)
        assert len(list(cells)) == len(small.cells) - 1


def test_failures_are_tried_twice_told_together_and_stop_nobody(moody, tmp_path, sweep_into):
    study = moody("fails", "dies", "well", "fails once", "dies once")
    store, report = sweep_into(study, tmp_path / "store", workers=2)
    told = sorted(map(str, report.failures))
    assert len(told) == 4, told
    assert report.computed == 6
    assert [("status -9" in line, "no luck at all" in line) for line in told] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert all("\n" not in line for line in told)
    assert len(store.finished()) == 6


@pytest.fixture
def pool():
    """One worker, and what became of the cells that it is given at once."""
    processes = LocalProcesses(1)

    def compute(*cells):
        for cell in cells:
            processes.submit(cell.key, cell.task)
        found = []
        while len(found) < len(cells):
            found += processes.wait(60.0)
        return {outcome.key: outcome for outcome in found}

    compute.processes = processes
    yield compute
    processes.close()


@pytest.mark.cold  # one from a warm interpreter outlives the process that stands for it
def test_a_worker_that_is_found_dead_costs_no_cell(small, pool):
    first, second = small.cells[:2]
    assert pool(first)[first.key].data
    for worker in pool.processes._processes:
        worker._running.send_signal(signal.SIGKILL)
        worker._running.wait()
    outcome = pool(second)[second.key]
    assert outcome.data, outcome.error


@pytest.mark.cold
@pytest.mark.skipif(not hasattr(termios, "FIONREAD"), reason="cannot see what waits in a pipe")
def test_a_cell_that_was_handed_to_a_dying_worker_loses_no_attempt(small, pool):
    """The order is forced: the worker is stopped, is handed the cell, and only then is killed."""
    first, second = small.cells[:2]
    assert pool(first)[first.key].data
    (worker,) = pool.processes._processes
    dying = worker._running
    dying.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, dying.pid, os.WSTOPPED | os.WNOWAIT)
    pool.processes.submit(second.key, second.task)
    waiting = array("i", [0])
    while not waiting[0]:
        fcntl.ioctl(dying.stdin.fileno(), termios.FIONREAD, waiting)
    dying.send_signal(signal.SIGKILL)
    (outcome,) = pool.processes.wait(60.0)
    assert outcome.data, outcome.error
    assert worker._running is not dying


def test_workers_that_die_before_they_begin_cost_no_attempt(small, pool, monkeypatch):
    """Two in a row end as soon as they are started; the third computes the cell."""
    start, ended = WorkerProcess._start, []

    def short_lived(self):
        start(self)
        if len(ended) < 2:
            ended.append(self._running)
            self._running.kill()
            self._running.wait()

    monkeypatch.setattr(WorkerProcess, "_start", short_lived)
    cell = small.cells[0]
    outcome = pool(cell)[cell.key]
    assert outcome.data, outcome.error
    assert len(ended) == 2


def test_a_death_costs_the_cell_that_was_computed_and_no_other(moody, pool):
    """The cell before is finished though its file is still being made when its neighbour starts."""
    well, again, slow, _, dies, _ = moody("well", "is slow to keep", "dies").cells
    pool(well)
    pool(again)
    outcomes = pool(slow, dies)
    assert outcomes[slow.key].data, outcomes[slow.key].error
    assert "status -9" in outcomes[dies.key].error


SCRIPT = """
from empirics.sweeps import Store, Sweep, parse
print("once")
study = parse(open("small.toml").read(), "small")
print(len(list(Sweep(study.cells, Store("results"), workers=2))), "cells")
"""


def test_a_script_needs_no_guard(commands, small_text):
    commands.write(small_text)
    path = commands.folder / commands.write(SCRIPT, "script.py")
    how = {"cwd": commands.folder, "env": commands.environment}
    made = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True, **how)
    assert made.stdout == "once\n6 cells\n"


def test_failed_cells_are_tried_again_by_the_next_run(moody, tmp_path, sweep_into):
    study = moody("fails")
    for _ in range(2):
        _, report = sweep_into(study, tmp_path / "store", workers=1)
        assert len(report.failures) == 2


def test_results_of_experiments_are_those_of_a_run_without_a_store(tmp_path):
    plain = Experiment(
        target=targets.normal(),
        model=Kde(),
        cycle=cycles.balanced(n=100),
        generations=3,
        replicates=5,
    )
    experiments = {"one": plain, "two": replace(plain, seed=4)}
    for _ in range(2):
        found = results(experiments, Store(tmp_path), workers=1)
        for name, experiment in experiments.items():
            assert found[name].frame.equals(run(experiment).frame)
            assert found[name].experiment == experiment


def test_results_name_what_failed(tmp_path):
    narrow = Experiment(
        target=targets.normal(),
        model=Kde(),
        cycle=cycles.balanced(n=100),
        generations=1,
        replicates=1,
    )
    bad = replace(narrow, numerics=Numerics(window=((-1.0, 1.0),)))
    with pytest.raises(IncompleteError, match=r"1 of 2 cells failed twice: name=bad .*has mass"):
        results({"good": narrow, "bad": bad}, Store(tmp_path), workers=1)
    assert len(Store(tmp_path).finished()) == 1


def test_a_missing_result_is_named(small, tmp_path):
    with pytest.raises(InputError, match="is not there"):
        read_result(Store(tmp_path), small.cells[0])


def test_a_claim_held_by_another_process_is_waited_for(small, tmp_path, commands, small_text):
    """While this process holds a cell, a runner computes the rest, and takes it when it is free."""
    commands.store.cells.mkdir(parents=True)
    locks = Locks(commands.store.folder / ".locks")
    cell = small.cells[0]
    assert locks.take(cell.key)
    runner = commands.start("run", commands.write(small_text), "--workers", "1")
    while len(commands.store.finished()) < len(small.cells) - 1:
        assert runner.poll() is None
        time.sleep(0.01)
    assert cell.key not in commands.store.finished()
    locks.close()
    out, _ = runner.communicate(timeout=60)
    assert "6 computed" in out


def test_two_runners_share_one_store(small, commands, finished, frames_of, same, small_text):
    spec = commands.write(small_text)
    runners = [commands.start("run", spec, "--workers", "1") for _ in range(2)]
    told = [runner.communicate(timeout=120)[0] for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0]
    computed = [int(text.split(" computed")[0].split()[-1]) for text in told]
    assert sum(computed) == len(small.cells)
    assert same(frames_of(small, commands.store), frames_of(small, finished))
    assert not commands.store.foreign()


@pytest.mark.parametrize("argument", ["workers", "limit"])
def test_numbers_below_one_are_refused(argument, small, tmp_path):
    with pytest.raises(InputError, match=f"{argument} = 0: must be an integer >= 1"):
        Sweep(small.cells, Store(tmp_path), **{argument: 0})


def test_long_cells_start_first():
    text = (
        'generations = 3\nreplicates = [1, 1000, 10]\nmodel.kind = "kde"\ntarget.kind = "normal"\n'
    )
    study = parse(text + 'cycle = {kind = "balanced", n = 100}', "study")
    order = [cell.experiment.replicates for cell in _longest_first(study.cells)]
    assert order == [1000, 10, 1]


def test_the_expected_time_grows_with_the_work():
    plain = Experiment(
        target=targets.normal(),
        model=Kde(),
        cycle=cycles.balanced(n=1000),
        generations=10,
        replicates=300,
    )
    more = [
        replace(plain, **{k: 600 if k == "replicates" else 20})
        for k in ("replicates", "generations")
    ]
    assert all(cost_of(e).seconds > 1.8 * cost_of(plain).seconds for e in more)
    assert bytes_for(more[1]) > bytes_for(plain)


def test_an_unnamed_cell_has_a_label(small):
    assert cell_of(small.cells[0].experiment).label == "cell"


def test_entropy_of_more_than_64_bits_is_kept(small):
    experiment = replace(small.cells[0].experiment, entropy=2**200 + 1)
    assert cell_of(experiment).experiment.entropy == 2**200 + 1
    assert experiment_of(cell_of(experiment).description).entropy == 2**200 + 1
