"""Computing one cell: what every worker does, on this machine or on a cluster."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.result import Result
from empirics.running import run
from empirics.sweeps.cell import experiment_of, key_of
from empirics.sweeps.describing import Description, imported, mentioned
from empirics.sweeps.encoding import encode
from empirics.sweeps.versions import code_version, commit, library_versions

__all__ = ["compute", "measure"]


def compute(key: str, task: bytes) -> bytes:
    """Run one cell and return the bytes of its file; see :func:`measure`."""
    return encode(*measure(key, task))


def measure(key: str, task: bytes) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Run one cell; its rows and its manifest.

    Args:
        key: the cell's key, as whoever asks knows it.
        task: the cell's description as canonical JSON; nothing else goes into the result. It comes
            from the sweep that was started here, so what it names is imported.

    Raises:
        InputError: the code here is not the code that made the key, or the cell cannot be run.
    """
    description = json.loads(task)
    if key_of(description) != key:
        raise InputError("this worker runs another version of the code than the sweep")
    experiment = experiment_of(description, imported)
    started = datetime.now(UTC)
    result = run(experiment)
    return result.frame, {"key": key, **_manifest(description, experiment, result, started)}


def _manifest(
    description: Description, experiment: Experiment, result: Result, started: datetime
) -> dict[str, Any]:
    frame = result.frame
    # Rows stand replicate by replicate; sorting them again would cost as much as storing them.
    means = frame["tv"].to_numpy().reshape(-1, experiment.generations).mean(axis=0)
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
        "mean_tv": {"first": float(means[0]), "last": float(means[-1])},
        "largest_error": {
            name: frame[name].max() for name in ("tv_error", "mass_defect") if name in frame.columns
        },
    }
