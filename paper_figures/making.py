"""Making figures: one in memory, or several as files, whose loops are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import matplotlib as mpl
import polars as pl
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from drawing.style import settings, styled
from empirics import InputError, Result, run
from empirics.progress import shown
from empirics.sweeps.files import clear_leftovers
from empirics.sweeps.store import Store
from empirics.sweeps.terminal import bar
from paper_figures.catalogue import select
from paper_figures.loops import Found, Loops, check_loops, experiments_of
from paper_figures.makers import Makers, say_made
from paper_figures.spec import FigureSpec
from paper_figures.writing import (
    FORMATS,
    drawn_by,
    has_pictures,
    known_table,
    manifest,
    read_table,
    rewrite_json,
    stored_parameters,
    write_for_web,
    write_json,
    write_pictures,
    write_table,
)
from verify.page.gallery import write_gallery
from verify.scale import Scale

__all__ = ["How", "Made", "make", "make_all", "make_one", "redraw", "show"]

_STORE = "store"


class Made(NamedTuple):
    """A figure and the numbers that are plotted in it."""

    figure: Figure
    frame: pl.DataFrame


def make(
    name: str,
    *,
    scale: Scale | str = Scale.QUICK,
    style: str | None = None,
    progress: bool = False,
    **changes: Any,
) -> Made:
    """Make one figure, with other parameters than its own where they are given.

    >>> import paper_figures
    >>> figure, frame = paper_figures.make("R2", style="neurips2024")
    >>> frame.columns
    ['panel', 'series', 'x', 'y', 'low', 'high']

    Args:
        name: the figure, such as ``"R7"``.
        scale: ``"quick"`` or ``"paper"``, whose parameters hold where no others are given.
        style: venue, such as ``"neurips2024"``.
        progress: whether a bar is shown.
        **changes: parameters of the figure, such as ``n=500`` or ``target=...``.

    Returns:
        The figure, whose ``caption`` and ``alt`` say what is seen, and its numbers.

    Raises:
        InputError: no such figure, style or parameter, or a value out of range; nothing is run.
    """
    (figure,) = select([name])
    parameters = figure.parameters(Scale(scale), changes)
    loops = figure.loops(parameters)
    check_loops(figure, parameters, loops)
    with styled(style):
        with shown(progress, "loops", len(experiments_of(loops))) as advance:

            def measured(label: str) -> Result:
                result = run(loops[label], keep_laws=figure.keep_laws(parameters))
                advance(1)
                return result

            results = Found(loops, measured)
        table = figure.table(results, parameters)
        with mpl.rc_context(settings()):
            drawn = figure.draw(table)
    drawn.caption, drawn.alt = figure.words(parameters, table)  # type: ignore[attr-defined]
    return Made(drawn, table)


@dataclass(frozen=True)
class How:
    """Settings for the making of figures.

    Args:
        scale: how much is computed.
        changes: parameters other than the scale's.
        style: venue for which they are drawn, of :data:`drawing.style.VENUES`.
        formats: kinds of files that are written.
    """

    scale: Scale = Scale.QUICK
    changes: Mapping[str, Any] = field(default_factory=dict)
    style: str | None = None
    formats: Collection[str] = FORMATS


def make_all(
    figures: Sequence[FigureSpec],
    how: How | Scale,
    out: Path,
    console: Console,
    store: Path | None = None,
    cluster: str | None = None,
) -> None:
    """Write every figure when its loops are there; several are made at a time.

    Args:
        figures: what to make.
        how: how they are made, or only how much is computed.
        out: folder that receives the files.
        console: where progress is shown.
        store: folder of finished loops, ``out / "store"`` unless given; loops that are in it are
            not run again.
        cluster: address of a Dask scheduler that runs the loops instead of this machine.

    Raises:
        IncompleteError: a loop failed; figures that do not need it have been made.
        InputError: a parameter that a figure does not have, or a value out of range; nothing has
            been run.
    """
    how = How(how) if isinstance(how, Scale) else how
    parameters = {f.name: f.parameters(how.scale, how.changes) for f in figures}
    # The cores are the workers'; threads of the linear algebra here would only fight them.
    with styled(how.style), threadpool_limits(1, "blas"):
        _make(figures, how, parameters, out, console, store, cluster)


def _make(
    figures: Sequence[FigureSpec],
    how: How,
    parameters: Mapping[str, Any],
    out: Path,
    console: Console,
    store: Path | None,
    cluster: str | None,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    clear_leftovers(out)
    store = out / _STORE if store is None else store
    with Makers(figures, how, out, store, console) as makers:
        loops = Loops(figures, parameters, Store(store), cluster)
        with bar(console) as progress, loops.running(progress) as ready:
            for figure, results in ready:
                start = perf_counter()
                if results is None:
                    console.print(f"{figure.name:<7}not made: a loop failed", highlight=False)
                elif _is_made(figure, how, out, loops):
                    say_made(console, figure, perf_counter() - start)
                elif not makers.take(figure):
                    _make_one(figure, how, parameters[figure.name], out, loops, results)
                    say_made(console, figure, perf_counter() - start)
                makers.tell()
            makers.finish()
    page = write_gallery(out)
    loops.close()
    kinds = ", ".join(kind.upper() for kind in how.formats)
    count = f"{len(figures)} figure{'s' if len(figures) != 1 else ''}"
    console.print(f"{kinds}, CSV and JSON of {count} are in {out}", highlight=False)
    console.print(f"{page} shows them", highlight=False)


def make_one(figure: FigureSpec, how: How, out: Path, store: Path) -> None:
    """Write a figure whose loops are in the store.

    Raises:
        InputError: what it shows cannot be made, or a loop has gone and failed when run again.
    """
    parameters = {figure.name: figure.parameters(how.scale, how.changes)}
    with styled(how.style), threadpool_limits(1, "blas"):
        loops = Loops([figure], parameters, Store(store), None)
        with loops.running(Progress(disable=True)) as ready:
            for _, results in ready:
                if results is not None:
                    _make_one(figure, how, parameters[figure.name], out, loops, results)
        loops.close()


def _is_made(figure: FigureSpec, how: How, out: Path, loops: Loops) -> bool:
    """Whether table and pictures are there as they would be made."""
    path = out / f"{figure.name}.json"
    known = known_table(path, loops.inputs(figure)) is not None
    return known and has_pictures(path, drawn_by(how.style, how.formats))


def _make_one(
    figure: FigureSpec,
    how: How,
    parameters: Any,
    out: Path,
    loops: Loops,
    results: Mapping[str, Any],
) -> None:
    start = perf_counter()
    path, inputs = out / f"{figure.name}.csv", loops.inputs(figure)
    told, table = path.with_suffix(".json"), known_table(path, inputs)
    if table is not None:
        drawn = _draw(figure, table, out, how.style, how.formats)
        rewrite_json(told, figure.words(parameters, table), drawn)
        return
    table = figure.table(results, parameters)
    write_table(path, table)
    drawn = _draw(figure, table, out, how.style, how.formats)
    seconds = perf_counter() - start
    words, own = figure.words(parameters, table), loops.of(figure)
    write_json(
        told,
        manifest(figure, how.scale, parameters, words, own, results, seconds, inputs, path, drawn),
    )


def redraw(
    figures: Sequence[FigureSpec],
    out: Path,
    console: Console,
    style: str | None = None,
    formats: Collection[str] = FORMATS,
) -> None:
    """Draw figures again from their CSV files, computing nothing.

    Their manifests then say who drew them, and in the words of this version what is seen.

    Raises:
        InputError: the data of a figure is missing or damaged.
    """
    clear_leftovers(out)
    for figure in figures:
        path = out / f"{figure.name}.json"
        with styled(style), _drawable(path.with_suffix(".csv")) as table:
            drawn = _draw(figure, table, out, style, formats)
            parameters = stored_parameters(figure, path)
            words = None if parameters is None else figure.words(parameters, table)
        rewrite_json(path, words, drawn)
        console.print(f"{figure.name:<7}redrawn", highlight=False)
    console.print(f"{write_gallery(out)} shows them", highlight=False)


@contextmanager
def _drawable(path: Path) -> Iterator[pl.DataFrame]:
    """A table from disk; one from which a drawing fails is not the data of its figure."""
    table = read_table(path)
    try:
        yield table
    except (OSError, InputError):
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"{path}: cannot be drawn ({why}); run without --redraw") from None


def _draw(
    figure: FigureSpec, table: pl.DataFrame, out: Path, style: str | None, formats: Collection[str]
) -> dict[str, Any]:
    """Write the pictures; who drew them, and their digests."""
    with mpl.rc_context(settings()):
        pictures = write_pictures(out / figure.name, figure.draw(table), formats)
    return {**drawn_by(style, formats), "pictures": pictures}


def show(figures: Sequence[FigureSpec], out: Path, gallery: Path, console: Console) -> None:
    """Draw figures from their CSV files once more, as small PNGs for a web page.

    Args:
        figures: what to draw.
        out: folder with the data.
        gallery: folder that receives ``NAME.png``.
        console: where progress is shown.

    Raises:
        InputError: the data of a figure is missing or damaged.
    """
    gallery.mkdir(parents=True, exist_ok=True)
    clear_leftovers(gallery)
    for figure in figures:
        with mpl.rc_context(settings()), _drawable(out / f"{figure.name}.csv") as table:
            drawn = figure.draw(table)
            write_for_web(gallery / f"{figure.name}.png", drawn)
        console.print(f"{figure.name:<7}in {gallery}", highlight=False)
