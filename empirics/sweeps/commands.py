"""The commands of ``python -m empirics`` on a study: its parts, its cost, its run."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from inspect import getdoc
from time import perf_counter

from bounds.command_line import INTERRUPTED, MISTAKE, plain, say, warn
from bounds.discovery import given_of, kinds_of
from empirics.sweeps import constructors
from empirics.sweeps.cell import Cell
from empirics.sweeps.constructors import PARTS
from empirics.sweeps.estimates import bytes_for, calibration, model_of, seconds_for
from empirics.sweeps.reading import Study, load
from empirics.sweeps.records import write_record
from empirics.sweeps.schema import fields_of
from empirics.sweeps.store import Store
from empirics.sweeps.studies import path_of_study
from empirics.sweeps.sweeping import Report, Sweep
from empirics.sweeps.terminal import bar, terminal
from empirics.sweeps.versions import library_versions

__all__ = ["check", "kinds", "run"]

_GIB = 2**30


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
        ratios = calibration(store.manifests(), {cell.key: cell for cell in study.cells})
        _plan(left, ratios, command.workers or os.cpu_count() or 1)
    return 0


def _plan(left: list[Cell], ratios: Mapping[str, float], workers: int) -> None:
    models = [model_of(cell.description) for cell in left]
    factors = [ratios.get(model, 1.0) for model in models]
    seconds = [seconds_for(c.experiment) * f for c, f in zip(left, factors, strict=True)]
    used = min(workers, len(left))
    total = max(sum(seconds) / used, max(seconds))
    basis = "scaled by finished cells" if models[0] in ratios else "a rough guess"
    memory = used * max(bytes_for(cell.experiment) for cell in left)
    longest = left[seconds.index(max(seconds))]
    say(f"time      {_duration(total)} on {used} workers ({basis})")
    say(f"longest   {_duration(max(seconds))}: {longest.label}")
    say(f"memory    {memory / _GIB:.1f} GiB in all")


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
