"""The commands of ``python -m empirics`` on a study: its parts, its cost, its run."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from inspect import getdoc
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from bounds.command_line import INTERRUPTED, MISTAKE, plain, say, warn
from bounds.discovery import given_of, kinds_of
from empirics.cost import cost_of
from empirics.experiment import Experiment
from empirics.sweeps import constructors
from empirics.sweeps.cell import Cell, experiment_in
from empirics.sweeps.constructors import PARTS
from empirics.sweeps.describing import Description
from empirics.sweeps.reading import Study, load
from empirics.sweeps.schema import fields_of
from empirics.sweeps.store import Store, write_record
from empirics.sweeps.studies import path_of_study
from empirics.sweeps.sweeping import Report, Sweep
from empirics.sweeps.terminal import bar, terminal
from empirics.sweeps.versions import library_versions

__all__ = ["bytes_for", "check", "kinds", "run"]

_GIB = 2**30
_BASE_BYTES = 100 * 2**20
"""A worker with its libraries."""
_MOST_COMPARED = 200


def run(command: Namespace) -> int:
    """Run a study and say what became of it."""
    study, store = load(path_of_study(command.spec)), Store(command.store)
    sweep = Sweep(
        study.cells,
        store,
        workers=command.workers,
        cluster=command.cluster,
        limit=command.limit,
        tell=warn,
    )
    start = perf_counter()
    _warn(sweep)
    write_record(store, study.name, study.title, study.cells, study.text)
    try:
        _advance(sweep, study.name)
    except KeyboardInterrupt:
        done = len(store.check(sweep.cells)[0])
        again = shlex.join(["python", "-m", "empirics", *sys.argv[1:]])
        warn(
            f"stopped: {done} of {sweep.report.total} cells are finished and kept; go on with the"
            f" same command: {again}"
        )
        return INTERRUPTED
    return _close(study, store, sweep.report, perf_counter() - start)


def _advance(sweep: Sweep, name: str) -> None:
    with bar(terminal(errors=True)) as shown:
        task = shown.add_task(plain(name), total=sweep.report.found + sweep.planned)
        for _ in sweep:
            shown.advance(task)


def _warn(sweep: Sweep) -> None:
    for damage in sweep.report.damages:
        warn(f"set aside and computed again: {damage}")
    now = library_versions()
    for name in ("numpy", "scipy"):
        others = {versions.get(name) for versions in sweep.versions} - {now[name]}
        if others:
            found = ", ".join(sorted(map(str, others)))
            warn(
                f"note: finished cells come from {name} {found}, new ones from {now[name]};"
                " across versions results agree to rounding at best"
            )


def _close(study: Study, store: Store, report: Report, seconds: float) -> int:
    others = f", {report.elsewhere} by another process" if report.elsewhere else ""
    say(
        f"{study.name}: {report.finished} of {report.total} cells are in {store.folder};"
        f" {report.found} found, {report.computed} computed{others} in {seconds:.1f} s"
    )
    if not report.failures:
        return 0
    warn(f"{len(report.failures)} cells failed twice:")
    for failure in report.failures:
        warn(f"  {failure}")
    return MISTAKE


def check(command: Namespace) -> int:
    """The cost of a study, without running it."""
    study, store = load(path_of_study(command.spec)), Store(command.store)
    done, damages = store.check(cell.key for cell in study.cells)
    for damage in damages:
        warn(f"damaged, to be computed again: {damage}")
    left = [cell for cell in study.cells if cell.key not in done]
    say(f"{study.name}: {study.title or 'no title'}")
    say(f"cells     {len(study.cells)}, of which {len(done)} are in {store.folder}")
    if left:
        ratios = _calibration(store.manifests(), {cell.key: cell for cell in study.cells})
        _plan(left, ratios, command.workers or os.cpu_count() or 1)
    return 0


def _plan(left: list[Cell], ratios: Mapping[str, float], workers: int) -> None:
    models = [_model_of(cell.description) for cell in left]
    factors = [ratios.get(model, 1.0) for model in models]
    seconds = [cost_of(c.experiment).seconds * f for c, f in zip(left, factors, strict=True)]
    used = min(workers, len(left))
    total = max(sum(seconds) / used, max(seconds))
    basis = "scaled by finished cells" if models[0] in ratios else "a rough guess"
    memory = used * max(bytes_for(cell.experiment) for cell in left)
    longest = left[seconds.index(max(seconds))]
    say(f"time      {_duration(total)} on {used} workers ({basis})")
    say(f"longest   {_duration(max(seconds))}: {longest.label}")
    say(f"memory    {memory / _GIB:.1f} GiB in all")


def bytes_for(experiment: Experiment) -> int:
    """Expected memory of one worker."""
    return _BASE_BYTES + int(cost_of(experiment).memory)


def _calibration(
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
            expected = cost_of(experiment).seconds if experiment else 0.0
        except (ArithmeticError, LookupError, TypeError, ValueError):
            continue  # this version refuses its grid, or the file says anything at all
        if expected > 0:
            ratio = manifest["seconds"] / expected
            ratios.setdefault(_model_of(manifest["spec"]), []).append(ratio)
    return {kind: median(found) for kind, found in ratios.items()}


def _model_of(description: Description) -> str:
    """The kind of model in a description, by its path."""
    model = description["model"]
    return str(model.get("type") or model.get("call"))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def kinds() -> list[list[str]]:
    """The parts that a study may name: part, kind, parameters and meaning, in words."""
    rows = [
        [part, kind, ", ".join(fields_of((part, kind))), _about(make)]
        for part in PARTS
        for kind, make in constructors.kinds(part).items()
    ]
    recorded = kinds_of(constructors.RECORDED).items()
    return rows + [["record", kind, ", ".join(given_of(m)), _about(m)] for kind, m in recorded]


def _about(make: Callable[..., object]) -> str:
    return (getdoc(make) or "").partition("\n")[0].replace("``", "")
