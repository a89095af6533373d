"""Costs of the store and the executor, as ratios to a named alternative."""

import sys
import time
from dataclasses import replace

import joblib
import numpy as np
import polars as pl
import pytest

from empirics import run
from empirics.sweeps import Store, Sweep, parse
from empirics.sweeps.encoding import encode
from empirics.sweeps.executors import LocalProcesses
from empirics.sweeps.worker import compute

pytestmark = [pytest.mark.benchmark, pytest.mark.cold]

CELLS = 200
ROUNDS = 4
# About 10 ms of computation a cell.
TEXT = f"""
generations = 5
replicates = 14
seed = [{", ".join(map(str, range(CELLS)))}]
target.kind = "normal"
model.kind = "kde"
cycle = {{ kind = "fresh-real", n = 1000, share = 0.1 }}
"""


def seconds(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def sweep(study, store, workers):
    for _ in Sweep(study.cells, store, workers=workers):
        pass


def by_hand(study):
    """The loops alone, one after the other, nothing kept."""
    for cell in study.cells:
        run(cell.experiment)


def encoded(study):
    """The same with the bytes of every file, thrown away."""
    for cell in study.cells:
        compute(cell.key, cell.task)


def pooled(study):
    """The same in a worker process."""
    pool, left, waiting = LocalProcesses(1), list(study.cells), 0
    while left or waiting:
        while left and waiting < pool.slots:
            cell = left.pop()
            pool.submit(cell.key, cell.task)
            waiting += 1
        waiting -= len(pool.wait(1.0))
    pool.close()


def with_joblib(study):
    calls = (joblib.delayed(compute)(cell.key, cell.task) for cell in study.cells)
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        joblib.Parallel()(calls)


@pytest.fixture(scope="module")
def study():
    whole = parse(TEXT, "speed")
    encoded(whole)
    return whole


def beginning(study):
    """One cell: what starting takes."""
    return replace(study, cells=study.cells[:1])


def test_overhead_of_the_store_at_ten_milliseconds_a_cell(study, tmp_path, capsys):
    def stored(part):
        sweep(part, Store(tmp_path / str(time.monotonic_ns())), 1)

    def steady(work):
        starts = min(seconds(work, beginning(study)) for _ in range(ROUNDS))
        return (min(seconds(work, study) for _ in range(ROUNDS)) - starts) / (CELLS - 1)

    def one(work):
        return min(seconds(work, study) for _ in range(ROUNDS)) / CELLS

    plain, coded = one(by_hand), one(encoded)
    thrown, kept = steady(pooled), steady(stored)
    with capsys.disabled():
        sys.stdout.write(
            f"\ncell of {1e3 * plain:.1f} ms: encoding adds {100 * (coded / plain - 1):.1f} %;"
            f" a sweep with one worker takes {100 * (kept / thrown - 1):.1f} % more than the same"
            f" process keeping nothing, {100 * (kept / plain - 1):.1f} % more than the bare loops\n"
        )


def test_scheduling_against_joblib_alone(study, tmp_path, capsys):
    def stored(part):
        sweep(part, Store(tmp_path / str(time.monotonic_ns())), 2)

    ours_start = min(seconds(stored, beginning(study)) for _ in range(ROUNDS))
    ours = min(seconds(stored, study) for _ in range(ROUNDS)) - ours_start
    with_joblib(study)
    theirs = min(seconds(with_joblib, study) for _ in range(ROUNDS))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{CELLS} cells, two workers, without their start: sweep into a store {ours:.2f} s,"
            f" joblib keeping nothing {theirs:.2f} s; ratio {ours / theirs:.2f}\n"
        )


def test_scan_of_ten_thousand_cells(tmp_path, capsys):
    store = Store(tmp_path)
    store.cells.mkdir(parents=True)
    rows = pl.DataFrame(
        {"replicate": range(40), "generation": [1] * 40, "tv": np.linspace(0, 1, 40)}
    )
    for i in range(10_000):
        key = f"{i:032x}"
        store.path(key).write_bytes(encode(rows, {"key": key, "columns": rows.columns}))
    keys = store.finished()
    checking = seconds(store.check, keys)
    reading = seconds(lambda: store.scan().group_by("cell").agg(pl.col("tv").mean()).collect())
    with capsys.disabled():
        sys.stdout.write(
            f"\n10000 cells: scan {reading:.2f} s, check of every byte {checking:.2f} s"
        )
