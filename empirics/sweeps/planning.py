"""Planning a study: its cells, what is done already, and what the rest would take."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping

from bounds.command_line import say, warn
from empirics.sweeps.cell import Cell
from empirics.sweeps.commands import study_of
from empirics.sweeps.estimates import bytes_for, calibration, model_of, seconds_for
from empirics.sweeps.store import Store

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
