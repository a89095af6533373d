"""Making figures: run their experiments under a progress bar, then write data and pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import matplotlib as mpl
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from empirics import Result, run
from paper_figures.spec import FigureSpec, Scale
from paper_figures.style import LOOK
from paper_figures.writing import manifest, read_table, write_json, write_pictures, write_table

__all__ = ["make", "redraw"]


def make(figures: Sequence[FigureSpec], scale: Scale, out: Path, console: Console) -> None:
    """Compute and write every figure; each is on disk before the next begins."""
    out.mkdir(parents=True, exist_ok=True)
    with _progress(console) as bar:
        for figure in figures:
            start = perf_counter()
            results = _run(figure, scale, bar)
            table = figure.tabulate(results)
            write_table(out / f"{figure.name}.csv", table)
            _draw(figure, table, out)
            seconds = perf_counter() - start
            write_json(out / f"{figure.name}.json", manifest(figure, scale, results, seconds))
            console.print(f"{figure.name:<7}{figure.title:<50}{seconds:6.1f} s", highlight=False)
    console.print(f"PDF, PNG, CSV and JSON of {len(figures)} figures are in {out}", highlight=False)


def redraw(figures: Sequence[FigureSpec], out: Path, console: Console) -> None:
    """Draw figures again from their CSV files, computing nothing.

    Raises:
        ValueError: the data of a figure is missing or damaged.
    """
    for figure in figures:
        _draw(figure, read_table(out / f"{figure.name}.csv"), out)
        console.print(f"{figure.name:<7}redrawn", highlight=False)


def _draw(figure: FigureSpec, table: pl.DataFrame, out: Path) -> None:
    with mpl.rc_context(LOOK):
        write_pictures(out / figure.name, figure.draw(table))


def _run(figure: FigureSpec, scale: Scale, bar: Progress) -> dict[str, Result]:
    experiments = figure.experiments(scale)
    total = sum(e.replicates for e in experiments.values())
    task = bar.add_task(figure.name, total=max(total, 1))
    workers = os.cpu_count() or 1
    results = {
        name: run(experiment, workers, lambda done: bar.advance(task, done))
        for name, experiment in experiments.items()
    }
    bar.update(task, completed=max(total, 1))
    return results


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description:<7}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
