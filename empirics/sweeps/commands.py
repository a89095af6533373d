"""What ``python -m empirics`` does with a study: run it, plan it, look at it, take it out."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from pathlib import Path
from time import perf_counter

from bounds.command_line import INTERRUPTED, MISTAKE, plain, say, warn
from empirics.sweeps.progress import bar
from empirics.sweeps.reading import Study, load
from empirics.sweeps.records import write_record
from empirics.sweeps.store import Store
from empirics.sweeps.sweeping import Report, Sweep
from empirics.sweeps.terminal import terminal
from empirics.sweeps.versions import library_versions

__all__ = ["run", "study_of"]

_STUDIES = Path(__file__).parents[1] / "studies"


def study_of(spec: str) -> Study:
    """The study in a file, or the one of this name that comes with the project.

    Raises:
        SpecError: there is no such file, or it is not a study that can be run.
    """
    shipped = _STUDIES / f"{spec}.toml"
    return load(shipped if not Path(spec).exists() and shipped.exists() else spec)


def run(command: Namespace) -> int:
    """Run a study and say what became of it."""
    study, store = study_of(command.spec), Store(command.store)
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
