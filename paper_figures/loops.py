"""The loops behind the figures: one sweep for all of them, drawn from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.progress import Progress

from bounds.command_line import warn
from bounds.made_once import made_once
from empirics import Experiment, InputError, Result, run
from empirics.cost import cost_of
from empirics.running import engine_for
from empirics.sweeps import IncompleteError, Store, Sweep, read_result
from empirics.sweeps.describing import digest
from empirics.sweeps.store import write_record
from empirics.sweeps.versions import code_digest
from empirics.targets import Target
from paper_figures.spec import FigureSpec
from verify.loops import cells_of

__all__ = ["Found", "Loops", "check_loops", "experiments_of"]

Ready = Iterator[tuple[FigureSpec, Mapping[str, Any] | None]]


class Found(Mapping[str, Any]):
    """Results of loops by name: of experiments as they are read, of loops in closed form as runs.

    Those in closed form run when they are asked for, which is faster than reading them, and are
    not held: those of a figure may be too large together.

    Args:
        loops: all loops of a figure.
        read: the result of an experiment, by its name.
    """

    def __init__(self, loops: Mapping[str, Any], read: Callable[[str], Result]) -> None:
        self._loops = loops
        self._results = {name: read(name) for name in experiments_of(loops)}

    def __getitem__(self, name: str) -> Any:
        return self._results[name] if name in self._results else self._loops[name].run()

    def __iter__(self) -> Iterator[str]:
        return iter(self._loops)

    def __len__(self) -> int:
        return len(self._loops)


def experiments_of(loops: Mapping[str, Any]) -> dict[str, Experiment]:
    """The loops that are not in closed form."""
    return {name: loop for name, loop in loops.items() if isinstance(loop, Experiment)}


def check_loops(figure: FigureSpec, parameters: Any, loops: Mapping[str, Any]) -> None:
    """Refuse loops that no grid holds, and a target on which a model cannot be measured.

    Raises:
        InputError: says why; no loop has been run.
    """
    if figure.scales is not None:
        _check_targets(figure, parameters, experiments_of(loops).values())
    for loop in experiments_of(loops).values():
        cost_of(loop)


def _check_targets(figure: FigureSpec, parameters: Any, loops: Collection[Experiment]) -> None:
    """Try the targets that are not the figure's own, each with one loop of every kind of model."""
    assert figure.scales is not None
    known = [value for scale in figure.scales for value in vars(scale).values()]
    given = {n: v for n, v in vars(parameters).items() if isinstance(v, Target) and v not in known}
    for name, target in given.items():
        here = {type(loop.model): loop for loop in loops if loop.target is target}
        for loop in here.values():
            try:
                cost_of(loop)
                _ = getattr(engine_for(loop), "real_law", None)
            except InputError as error:
                raise InputError(f"{name} = {target!r}: {error}") from None


class Loops:
    """The loops of several figures; those of one figure run while another is drawn.

    Args:
        figures: the figures.
        parameters: of every figure, by name; or how much is computed.
        store: where finished loops are kept.
        cluster: address of a Dask scheduler, or ``None`` for this machine.
    """

    def __init__(
        self,
        figures: Sequence[FigureSpec],
        parameters: Mapping[str, Any],
        store: Store,
        cluster: str | None,
    ) -> None:
        self.store = store
        self._figures = list(figures)
        self._parameters = parameters
        self._loops = {f.name: dict(f.loops(parameters[f.name])) for f in figures}
        self._kept = {f.name: f.keep_laws(parameters[f.name]) for f in figures}
        self._cells = {
            name: cells_of(experiments_of(loops), self._kept[name])
            for name, loops in self._loops.items()
        }
        for figure in figures:
            check_loops(figure, parameters[figure.name], self._loops[figure.name])
        every = [cell for cells in self._cells.values() for cell in cells.values()]
        self._sweep = Sweep(every, store, cluster=cluster, tell=warn)
        self._finished: set[str] = set()
        for figure in figures:
            if cells := self._cells[figure.name]:
                write_record(store, figure.name, figure.title, cells.values(), "")

    @contextmanager
    def running(self, bar: Progress) -> Iterator[Ready]:
        """Start the loops that are missing; gives every figure when its results are there.

        ``None`` stands for the results of a figure one of whose loops failed.
        """
        with self._sweep.running() as finished:
            task = bar.add_task("loops", total=max(self._sweep.report.total, 1))

            def ready() -> Ready:
                waiting = list(self._figures)
                while waiting:
                    at = next((f for f in waiting if not self._missing(f)), None)
                    if at is None and (cell := next(finished, None)):
                        self._finished.add(cell.key)
                        bar.advance(task)
                        continue
                    figure = waiting[0] if at is None else at
                    waiting.remove(figure)
                    yield figure, None if at is None else self._results(figure.name)

            yield ready()

    def _missing(self, figure: FigureSpec) -> bool:
        return any(cell.key not in self._finished for cell in self._cells[figure.name].values())

    def of(self, figure: FigureSpec) -> Mapping[str, Any]:
        """The loops of one figure, by name."""
        return self._loops[figure.name]

    def inputs(self, figure: FigureSpec) -> str | None:
        """Digest of all that a figure's table is made of; ``None`` if that cannot be said."""
        loops, cells = self._loops[figure.name], self._cells[figure.name]
        if len(experiments_of(loops)) != len(cells):
            return None
        known = {name: cells[name].key if name in cells else repr(loops[name]) for name in loops}
        return digest(
            {
                "loops": [[name, what] for name, what in known.items()],
                "parameters": repr(self._parameters[figure.name]),
                "code": _code(),
            }
        )

    def _results(self, figure: str) -> Found:
        cells, loops = self._cells[figure], self._loops[figure]

        def read(name: str) -> Result:
            if name in cells:
                return read_result(self.store, cells[name])
            return run(loops[name], keep_laws=self._kept[figure])

        return Found(loops, read)

    def close(self) -> None:
        """End with an error if a loop failed.

        Raises:
            IncompleteError: a loop failed.
        """
        if self._sweep.report.failures:
            raise IncompleteError(self._sweep.report)


@lru_cache
def _code() -> str:
    return made_once("code-of-figures", _digest)


def _digest() -> str:
    root = Path(__file__).parents[1]
    folders = ("bounds", "drawing", "empirics", "verify", "paper_figures")
    return code_digest(sorted(p for folder in folders for p in (root / folder).rglob("*.py")))
