"""Planning a study: its cells, what is done already, and what the rest would take."""

from __future__ import annotations

import os
from argparse import Namespace

from empirics.sweeps.cell import Cell
from empirics.sweeps.commands import study_of
from empirics.sweeps.estimates import bytes_for, calibration, seconds_for
from empirics.sweeps.store import Store
from empirics.sweeps.terminal import say, warn

__all__ = ["check"]

_GIB = 2**30


def check(command: Namespace) -> int:
    """What a study would take, without running it."""
    study, store = study_of(command.spec), Store(command.store)
    done, damages = store.check(cell.key for cell in study.cells)
    for damage in damages:
        warn(f"damaged, to be computed again: {damage}")
    left = [cell for cell in study.cells if cell.key not in done]
    say(f"{study.name}: {study.title or 'no title'}")
    say(f"cells     {len(study.cells)}, of which {len(done)} are in {store.folder}")
    if left:
        _plan(left, store, command.workers or os.cpu_count() or 1)
    return 0


def _plan(left: list[Cell], store: Store, workers: int) -> None:
    ratios = calibration(store.manifests().values())
    seconds = [seconds_for(c.experiment) * ratios.get(_model(c), 1.0) for c in left]
    used = min(workers, len(left))
    total = max(sum(seconds) / used, max(seconds))
    basis = "scaled by finished cells" if _model(left[0]) in ratios else "a rough guess"
    memory = used * max(bytes_for(cell.experiment) for cell in left)
    longest = left[seconds.index(max(seconds))]
    say(f"time      {_duration(total)} on {used} workers ({basis})")
    say(f"longest   {_duration(max(seconds))}: {longest.label}")
    say(f"memory    {memory / _GIB:.1f} GiB in all")


def _model(cell: Cell) -> str:
    model = cell.description["model"]
    return str(model.get("type") or model.get("call"))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
