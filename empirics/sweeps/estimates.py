"""What a cell is expected to take, before it runs: an order of magnitude for queues and plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from math import log2, prod
from statistics import median
from typing import Any

from empirics.errors import InputError
from empirics.experiment import Experiment, Sampling
from empirics.kde.engine import smoothers
from empirics.models import Kde
from empirics.sweeps.cell import Cell, experiment_in
from empirics.sweeps.describing import Description

__all__ = ["bytes_for", "calibration", "model_of", "seconds_for"]

_BASE_BYTES = 150 * 2**20
"""A worker with its libraries."""
_NUMBER = 8
_LAW_ARRAYS = 3
_TEMPORARY_ARRAYS = 12
_BATCH_NUMBERS = 2**16
_CELL_SECONDS = (25e-9, 5e-9, 2e-9)
"""Per grid cell, replicate and generation: constant, per binary digit of the grid, per law."""
_GRID_SECONDS = 5e-3
"""Laws and kernels of a grid of ordinary size, once."""
_MOST_COMPARED = 200
_POINT_SECONDS = 2e-6
"""Per training point or Monte-Carlo draw of a model whose cost is not known."""


def seconds_for(experiment: Experiment) -> float:
    """Expected seconds of one worker."""
    rows = experiment.cycle.weight_matrix(experiment.generations) > 0
    runs, steps = experiment.replicates, experiment.generations
    if _on_known_grid(experiment):
        cells = _cells(experiment)
        fixed, per_digit, per_law = _CELL_SECONDS
        each = steps * (fixed + per_digit * log2(cells)) + per_law * float(rows.sum())
        return runs * cells * each + _GRID_SECONDS
    points = float(experiment.cycle.sizes(steps).sum())
    return runs * (points + 2 * steps * experiment.numerics.draws) * _POINT_SECONDS


def bytes_for(experiment: Experiment) -> int:
    """Expected memory of one worker."""
    steps = experiment.generations
    if _on_known_grid(experiment):
        rows = experiment.cycle.weight_matrix(steps) > 0
        # A law is kept as long as a later row has weight on it.
        kept = max(int(rows[j:, : j + 1].any(axis=0).sum()) for j in range(steps)) + 1
        numbers = max(_BATCH_NUMBERS, _cells(experiment))
        return _BASE_BYTES + numbers * _NUMBER * (_LAW_ARRAYS * kept + _TEMPORARY_ARRAYS)
    points = float(experiment.cycle.sizes(steps).max()) + experiment.numerics.draws
    dimension = experiment.target.dimension
    return _BASE_BYTES + int(points * dimension * _NUMBER * _TEMPORARY_ARRAYS)


def _on_known_grid(experiment: Experiment) -> bool:
    return isinstance(experiment.model, Kde) and experiment.sampling is Sampling.COUNTS


def _cells(experiment: Experiment) -> int:
    return _grid_cells(replace(experiment, replicates=1, seed=0, entropy=None))


@lru_cache(maxsize=4096)
def _grid_cells(experiment: Experiment) -> int:
    return prod(smoothers(experiment)[0].grid.shape)


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
        except InputError:
            continue  # a grid that this version refuses
        if expected > 0:
            ratio = manifest["seconds"] / expected
            ratios.setdefault(model_of(manifest["spec"]), []).append(ratio)
    return {kind: median(found) for kind, found in ratios.items()}


def model_of(description: Description) -> str:
    """The kind of model in a description, by its path."""
    model = description["model"]
    return str(model.get("type") or model.get("call"))
