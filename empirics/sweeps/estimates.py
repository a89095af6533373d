"""Expected time and memory of a cell before it runs: orders of magnitude for queues and plans."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from statistics import median
from typing import Any

from empirics.cost import cost_of
from empirics.experiment import Experiment
from empirics.sweeps.cell import Cell, experiment_in
from empirics.sweeps.describing import Description

__all__ = ["bytes_for", "calibration", "model_of", "seconds_for"]

_BASE_BYTES = 100 * 2**20
"""A worker with its libraries."""
_MOST_COMPARED = 200


def seconds_for(experiment: Experiment) -> float:
    """Expected seconds of one worker."""
    return cost_of(experiment).seconds


def bytes_for(experiment: Experiment) -> int:
    """Expected memory of one worker."""
    return _BASE_BYTES + int(cost_of(experiment).memory)


def calibration(
    manifests: Mapping[str, Mapping[str, Any]], cells: Mapping[str, Cell]
) -> dict[str, float]:
    """Measured seconds over expected ones, the median for each kind of model.

    Args:
        manifests: of finished cells, by key.
        cells: of the study that is planned, by key: only a study brings models of one's own.
    """
    ratios: dict[str, list[float]] = {}
    for key, manifest in islice(manifests.items(), _MOST_COMPARED):
        experiment = cells[key].experiment if key in cells else experiment_in(manifest["spec"])
        try:
            expected = seconds_for(experiment) if experiment else 0.0
        except (ArithmeticError, LookupError, TypeError, ValueError):
            continue  # this version refuses its grid, or the file says anything at all
        if expected > 0:
            ratio = manifest["seconds"] / expected
            ratios.setdefault(model_of(manifest["spec"]), []).append(ratio)
    return {kind: median(found) for kind, found in ratios.items()}


def model_of(description: Description) -> str:
    """The kind of model in a description, by its path."""
    model = description["model"]
    return str(model.get("type") or model.get("call"))
