"""The same cells on a Dask cluster."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from empirics.errors import InputError
from empirics.sweeps.executors import Outcome, Outcomes
from empirics.sweeps.worker import compute

__all__ = ["DaskCluster"]

_KNOCKING = 1.0
"""Seconds for a connection, which the system of the other machine takes."""
_PATIENCE = 2.0
"""Seconds in which a scheduler that is connected must answer."""
_CONNECTING = 10.0
"""Seconds for a scheduler that has answered to take a client in."""
_AHEAD = 2
"""Cells held for each thread of the cluster, so that none waits for the network."""


class DaskCluster:
    """The workers of a running Dask scheduler.

    Results travel back to this process, which alone writes the store, so the cluster need not
    share its disk. A cell whose worker dies is run again by the scheduler.

    Args:
        address: the scheduler's, such as ``tcp://10.0.0.1:8786``.

    Raises:
        InputError: ``distributed`` is not installed, or no scheduler answers.
    """

    def __init__(self, address: str) -> None:
        self._client = _connected(address)
        self._outcomes = Outcomes()
        self._futures: dict[str, Any] = {}

    @property
    def slots(self) -> int:
        """Twice the threads of the cluster as it now is."""
        return _AHEAD * max(1, sum(self._client.nthreads().values()))

    def submit(self, key: str, task: bytes) -> None:
        """Send a cell to the scheduler."""
        # A name of its own for each attempt: the scheduler remembers how the last one ended.
        future = self._client.submit(compute, key, task, pure=False)
        self._futures[key] = future
        self._outcomes.follow(key, future)

    def wait(self, seconds: float) -> list[Outcome]:
        """Cells that have ended."""
        ended = self._outcomes.wait(seconds)
        for outcome in ended:
            self._futures.pop(outcome.key, None)
        return ended

    def close(self) -> None:
        """Cancel what is left and leave the cluster as it was."""
        self._client.cancel(list(self._futures.values()))
        self._client.close(timeout=2)


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "cluster: needs Dask, which is not installed; pip install '.[cluster]'"
        ) from None
    try:
        _knock(address)
        # On a thread of its own: a notebook's has a loop that runs already.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(_greet(address))).result()
        connect: Any = Client
        return connect(address, timeout=f"{_CONNECTING}s", set_as_default=False)
    except Exception as error:
        raise InputError(
            f"cluster = {address!r}: no scheduler answers there ({_why(error)})"
        ) from None


def _why(error: Exception) -> str:
    """The reason of a failure; a text that is not in Dask's own words would break its reader."""
    if not isinstance(error, OSError | ValueError):
        return "what answers is no scheduler"
    return str(error).splitlines()[0] if str(error) else "nothing is said"


def _knock(address: str) -> None:
    """Open and close a connection, which a client of Dask would try for half a minute."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
        return
    place, failed = (parts.hostname, parts.port), SimpleQueue[OSError | None]()

    def connect() -> None:
        try:
            socket.create_connection(place, timeout=_KNOCKING).close()
            failed.put(None)
        except OSError as error:
            failed.put(error)

    # Looking a name up has no time limit of its own.
    Thread(target=connect, daemon=True).start()
    try:
        error = failed.get(timeout=_KNOCKING)
    except Empty:
        raise TimeoutError(f"nobody answered in {_KNOCKING:g} s") from None
    if error is not None:
        raise error


async def _greet(address: str) -> None:
    """Ask who is there: a client that finds no scheduler goes on trying behind the scenes."""
    from distributed.core import rpc

    connect: Any = rpc
    there = connect(address)
    try:
        await asyncio.wait_for(there.identity(), _PATIENCE)
    finally:
        await there.close_rpc()
