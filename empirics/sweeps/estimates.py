"""What a cell is expected to take, before it runs: an order of magnitude for queues and plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from statistics import median
from typing import Any

from empirics.cost import cost_of
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.sweeps.cell import experiment_of

__all__ = ["bytes_for", "calibration", "seconds_for"]

_BASE_BYTES = 100 * 2**20
"""A worker with its libraries."""
_MOST_COMPARED = 200


def seconds_for(experiment: Experiment) -> float:
    """Expected seconds of one worker."""
    return cost_of(experiment).seconds


def bytes_for(experiment: Experiment) -> int:
    """Expected memory of one worker."""
    return _BASE_BYTES + int(cost_of(experiment).memory)


def calibration(manifests: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Measured seconds over expected ones, the median for each kind of model."""
    ratios: dict[str, list[float]] = {}
    for manifest in islice(manifests, _MOST_COMPARED):
        model = manifest["spec"]["model"]
        kind = model.get("type") or model.get("call")
        try:
            expected = seconds_for(experiment_of(manifest["spec"]))
        except (ImportError, InputError, TypeError):
            continue  # a cell of another version of the code, or of a model that is gone
        ratios.setdefault(kind, []).append(manifest["seconds"] / expected)
    return {kind: median(found) for kind, found in ratios.items()}
