"""The same cells on a Dask cluster: a scheduler and workers in processes of their own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from empirics import InputError
from empirics.sweeps import Store, Sweep, parse

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[3]
TEXT = """
generations = 10
replicates = 60
target.kind = "normal"
model.kind = "kde"
[cycle]
kind = "balanced"
n = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
"""
_PATIENCE = 120.0


class Cluster:
    """A scheduler on the loopback, and workers that can be killed."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.folder = folder
        self.processes, self.workers = [], []
        self._start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))

    def _start(self, module, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, "--no-dashboard"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def have(self, count):
        """Start the workers that are lacking, and wait for them."""
        from distributed import Client

        self.workers = [worker for worker in self.workers if worker.poll() is None]
        self.workers += [self._worker() for _ in range(count - len(self.workers))]
        with Client(self.address, timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(count, timeout=_PATIENCE)
        return self.workers

    def _worker(self):
        """One more, without a nanny that would bring it back."""
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder))
        return self._start("distributed.cli.dask_worker", self.address, *options)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def study():
    return parse(TEXT, "cluster")


@pytest.fixture(scope="module")
def local(study, plain_frames):
    return plain_frames(study)


def test_a_cluster_gives_the_same_bits_though_a_worker_dies(
    cluster, study, local, tmp_path, frames_of, same
):
    victim, _ = cluster.have(2)
    store = Store(tmp_path)
    sweep = Sweep(study.cells, store, cluster=cluster.address)
    for done, _ in enumerate(sweep, start=1):
        if done == 3:
            os.kill(victim.pid, signal.SIGKILL)
    assert sweep.report.computed == len(study.cells)
    assert not sweep.report.failures
    assert same(frames_of(study, store), local)


def test_the_command_takes_the_same_address(cluster, commands, local):
    cluster.have(1)
    spec = commands.write(TEXT, "cluster.toml")
    status, out, err = commands("run", spec, "--cluster", cluster.address)
    assert (status, err) == (0, "")
    assert f"{len(local)} computed" in out


def test_a_cell_that_fails_on_the_cluster_is_told(cluster, tmp_path):
    cluster.have(1)
    text = TEXT.replace("[cycle]", "numerics.window = [[-1, 1]]\n[cycle]").replace(
        "[10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]", "10"
    )
    sweep = Sweep(parse(text, "bad").cells, Store(tmp_path), cluster=cluster.address)
    assert not list(sweep)
    (failure,) = sweep.report.failures
    assert "must be 1; widen the window" in failure.error


OWN = """
from empirics.models import Kde
def make():
    return Kde()
"""


def test_a_worker_without_the_module_or_the_data_says_so_in_a_line(
    cluster, commands, tmp_path, monkeypatch
):
    """They are where the sweep was started, not where the workers run."""
    cluster.have(1)
    (tmp_path / "ownmodel.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    text = TEXT.replace('"kde"', '"ownmodel:make"').replace("[10, 20,", "10\n#")
    sweep = Sweep(parse(text, "own").cells, Store(tmp_path / "own"), cluster=cluster.address)
    assert not list(sweep)
    (failure,) = sweep.report.failures
    assert "this worker lacks the module 'ownmodel', which the study names" in failure.error
    assert "\n" not in failure.error
    status, _, err = commands("run", commands.write(text, "own.toml"), "--cluster", cluster.address)
    assert status == 2
    assert len(err.strip().splitlines()) == 2, "how many cells failed, and why"
    assert "lacks the module 'ownmodel'" in err


def test_a_worker_that_finds_no_data_says_so_in_a_line(cluster, tmp_path):
    cluster.have(1)
    np.save(tmp_path / "points.npy", np.arange(900.0))
    text = TEXT.replace(
        'target.kind = "normal"', 'target = {kind = "samples", data = "points.npy"}'
    )
    text = text.replace("[10, 20,", "10\n#")
    study = parse(text, "data", folder=tmp_path)
    (tmp_path / "points.npy").unlink()
    sweep = Sweep(study.cells, Store(tmp_path / "data"), cluster=cluster.address)
    assert not list(sweep)
    assert (
        "points.npy: No such file or directory; the study's data" in sweep.report.failures[0].error
    )


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9, b""])
def test_what_answers_and_is_no_scheduler_is_told_in_a_line(said, study, tmp_path):
    """A web server, or one that hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def answer():
            for _ in range(2):  # who knocks, and who greets
                with server.accept()[0] as caller:
                    caller.sendall(said)

        thread = Thread(target=answer, daemon=True)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match="no scheduler answers there") as caught:
            list(Sweep(study.cells, Store(tmp_path), cluster=address))
    assert "\n" not in str(caught.value)


def test_no_scheduler_is_a_mistake_in_one_line(study, tmp_path, monkeypatch):
    monkeypatch.setattr("empirics.sweeps.cluster._PATIENCE", 1.0)
    start = time.monotonic()
    with pytest.raises(InputError, match="no scheduler answers there"):
        list(Sweep(study.cells, Store(tmp_path), cluster="tcp://127.0.0.1:9"))
    assert time.monotonic() - start < 30


def test_a_notebook_may_ask_for_a_cluster(study, tmp_path, monkeypatch):
    """There an event loop runs already."""
    monkeypatch.setattr("empirics.sweeps.cluster._PATIENCE", 1.0)

    async def cell():
        list(Sweep(study.cells, Store(tmp_path), cluster="tcp://127.0.0.1:9"))

    with pytest.raises(InputError, match=r"no scheduler answers there \((?!asyncio)"):
        asyncio.run(cell())


def test_a_missing_dask_is_a_mistake_in_one_line(study, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install '\.\[cluster\]'"):
        list(Sweep(study.cells, Store(tmp_path), cluster="tcp://127.0.0.1:9"))
