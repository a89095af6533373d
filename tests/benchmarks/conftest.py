"""Speed as a ratio to named peers: the jobs run in turn in one process, medians are compared.

Run with ``OMP_NUM_THREADS=1 pytest tests/benchmarks -m benchmark -s``. No time is asserted.
"""

from time import process_time

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

from empirics.targets import gaussian_mixture

_BUDGET = 3.0
"""Seconds after which a slow job is not repeated."""


def _alternating(jobs, repeats=5):
    """Median CPU seconds of each named job; the jobs run in turn, ``repeats`` times each."""
    seconds = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            if sum(seconds[name]) < _BUDGET:
                start = process_time()
                job()
                seconds[name].append(process_time() - start)
    return {name: float(np.median(s)) for name, s in seconds.items()}


def _show(title, columns, rows):
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(v if isinstance(v, str) else f"{v:.3g}" for v in row))
    Console(width=110).print(table)


@pytest.fixture(scope="session")
def alternating():
    return _alternating


@pytest.fixture(scope="session")
def show():
    return _show


@pytest.fixture(scope="session")
def mixture():
    return gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])


def pytest_ignore_collect(config):
    """Where none is asked for, the peers' libraries are not imported either."""
    return True if "not benchmark" in config.option.markexpr else None
