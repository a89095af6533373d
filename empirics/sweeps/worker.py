"""Computing one cell: what every worker does, on a cluster or as a process of this machine.

As ``python -m empirics.sweeps.worker`` it is a process that reads pickled ``(key, task)`` from its
input. It answers with the key when it begins, and with ``(made, bytes)`` at the end. It ends as
soon as its input does, in the middle of a cell if need be, so it never outlives whoever feeds it.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from math import isfinite
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

import polars as pl

from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.memory import keep_freed
from empirics.result import Result
from empirics.running import run
from empirics.sweeps.cell import asked_for, experiment_of, key_of
from empirics.sweeps.describing import Description, mentioned
from empirics.sweeps.encoding import LAW, encode
from empirics.sweeps.versions import code_version, commit, library_versions

__all__ = ["compute", "main", "serve"]

_NICENESS = 3
"""Half the weight on a core that is shared."""
_ROW = ("replicate", "generation")


def compute(key: str, task: bytes) -> bytes:
    """Run one cell and return the bytes of its file.

    Args:
        key: the cell's key, as whoever asks knows it.
        task: the cell's task. It comes from the sweep that was started here, so what it names is
            imported, and the files that it names are read.

    Raises:
        InputError: a module or a data file is missing here, the code here is not the code that made
            the key, or the cell cannot be run.
    """
    description, find = asked_for(task)
    _refuse_missing(description)
    if key_of(description) != key:
        raise InputError("this worker runs another version of the code than the sweep")
    experiment = experiment_of(description, find)
    started = datetime.now(UTC)
    result = run(experiment, keep_laws=description.get("keep_laws", 0))
    manifest = _manifest(description, experiment, result, started)
    return encode(_with_laws(result), {"key": key, **manifest})


def _with_laws(result: Result) -> pl.DataFrame:
    """The rows of a result, with the densities that were kept in the column ``law``."""
    if result.laws is None:
        return result.frame
    lists = result.laws.group_by(_ROW, maintain_order=True).agg(pl.col("density").alias(LAW))
    return result.frame.join(lists, on=_ROW, how="left", maintain_order="left")


def _manifest(
    description: Description, experiment: Experiment, result: Result, started: datetime
) -> dict[str, Any]:
    frame = result.frame
    # Rows stand replicate by replicate; sorting them again would cost as much as storing them.
    measured = frame["tv_low" if result.limits_only else "tv"].to_numpy()
    means = measured.reshape(-1, experiment.generations).mean(axis=0)
    return {
        "spec": description,
        "seed": experiment.seed,
        "code": code_version(mentioned(description)),
        "commit": commit(),
        "versions": library_versions(),
        "started": started.isoformat(timespec="seconds"),
        "seconds": result.seconds,
        "columns": frame.columns,
        "rows": len(frame),
        "notes": list(result.notes),
        "limits_only": result.limits_only,
        "mean_tv": {"first": _finite(means[0]), "last": _finite(means[-1])},
        "largest_error": {
            name: _finite(frame[name].max())
            for name in ("tv_error", "mass_defect")
            if name in frame.columns
        },
    }


def _finite(value: Any) -> float | None:
    """A number that a file can hold; ``None`` for what is missing, infinite or not a number."""
    return float(value) if value is not None and isfinite(value) else None


def _refuse_missing(description: Description) -> None:
    """Refuse a cell whose model or target is of a module that is not on this machine.

    Raises:
        InputError: names it.
    """
    for module in sorted(mentioned(description)):
        if not _is_there(module):
            raise InputError(
                f"this worker lacks the module {module!r}, which the study names; install it, or"
                " put it on the Python path, where the workers run"
            )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return module in sys.modules


def main() -> None:
    """Compute the cells that are asked for until the input ends."""
    if hasattr(os, "nice"):
        # A core is left to whoever feeds the workers, which tabulates and draws meanwhile.
        os.nice(_NICENESS)
    serve(compute)


def serve(compute: Callable[[str, bytes], bytes]) -> None:
    """Answer what is asked for until the input ends.

    Args:
        compute: gives the bytes of the answer to a key and a task.
    """
    keep_freed()
    requests, replies = _streams()
    waiting: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
    Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        key, task = waiting.get()
        _send(replies, key)
        try:
            _send(replies, (True, compute(key, task)))
        except Exception as error:
            _send(replies, (False, _described(error).encode()))


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The two channels, moved away from where a model's own prints would disturb them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, replies


def _listen(requests: BinaryIO, waiting: SimpleQueue[tuple[str, bytes]]) -> None:
    try:
        while True:
            waiting.put(pickle.load(requests))
    finally:
        os._exit(0)


def _send(replies: BinaryIO, message: object) -> None:
    pickle.dump(message, replies)
    replies.flush()


def _described(error: Exception) -> str:
    """The error in a line, and where in the code it was raised."""
    text = f"{type(error).__name__}: {error}".replace("\n", " ")
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return text if last is None else f"{text} ({os.path.basename(last.filename)}:{last.lineno})"


if __name__ == "__main__":
    main()
