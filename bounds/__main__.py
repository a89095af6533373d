"""Bounds from the command line: list them, show one, evaluate one.

Commands are parsed by argparse rather than tyro, because ``key=value`` pairs have no signature and
a mistake is answered in one line.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from bounds.bound import Bound, Side
from bounds.catalogue import catalogue, get
from bounds.errors import ParameterError, UserError
from bounds.notation import Notation
from bounds.typeset import unicode

__all__ = ["main"]

_MISTAKE = 2
_PIPED_WIDTH = 120
_VACUOUS = {
    Side.UPPER: "vacuous: the bound is at least 1",
    Side.LOWER: "vacuous: the lower bound is at most 0",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for a user's mistake."""
    try:
        command = _parser().parse_args(arguments)
        command.run(command)
    except UserError as error:
        print(error, file=sys.stderr)
        return _MISTAKE
    return 0


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{self.prog}: {message}")


def _parser() -> ArgumentParser:
    parser = _Parser(prog="python -m bounds", description="Total-variation bounds by name.")
    commands = parser.add_subparsers(required=True, metavar="list | show | eval")
    listing = commands.add_parser("list", help="every bound in one table")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="one bound: formula, hypotheses, source, parameters")
    show.add_argument("name")
    show.add_argument("--latex", action="store_true", help="only the inequality, in LaTeX")
    show.set_defaults(run=_show)
    evaluate = commands.add_parser("eval", help="the value of one bound")
    evaluate.add_argument("name")
    evaluate.add_argument("pairs", nargs="*", metavar="key=value", help="12, 0.1, 1/4 or 1,2,5")
    evaluate.set_defaults(run=_evaluate)
    return parser


def _list(command: Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    del command
    table = Table(box=None)
    table.add_column("name", no_wrap=True)
    for column in ("title", "side", "constants", "evidence"):
        table.add_column(column)
    for bound in catalogue().values():
        table.add_row(bound.name, bound.title, bound.side, bound.constants, bound.source.evidence)
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def _show(command: Namespace) -> None:
    bound = get(command.name)
    print(bound.latex() if command.latex else "\n".join(_description(bound)))


def _evaluate(command: Namespace) -> None:
    bound = get(command.name)
    params = dict(map(_pair, command.pairs))
    value = bound.evaluate(**params)
    print(", ".join(f"{v:.10g}" for v in np.ravel(value)))
    for word, default in bound.defaults(**params).items():
        print(f"{word} = {default} ({'free; ' if word == 'constant' else ''}default)")
    if np.any(bound.is_vacuous(**params)):
        print(_VACUOUS[bound.side])


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ParameterError(f"{text!r}: must be key=value, such as n=1000 or gamma=1/4")
    return key, value.split(",") if "," in value else value


def _description(bound: Bound) -> Iterator[str]:
    yield f"{bound.title} ({bound.name})"
    yield from (bound.statement, "")
    yield f"{bound.subject} is {_RELATION[bound.side]}"
    yield from (f"    {line.rstrip()}" for line in unicode(bound.formula).splitlines())
    yield from ("", "Hypotheses")
    yield from (f"    {item.name}: {item.text}" for item in bound.hypotheses)
    yield from ("Parameters", *map(_parameter, bound.symbols))
    if bound.inputs:
        yield f"    or computed from: {', '.join(bound.inputs)}"
    yield f"Side       {bound.side}"
    yield f"Statistic  {bound.statistic}"
    yield f"Constants  {bound.constants}"
    yield f"Source     {bound.source}"


_RELATION = {Side.UPPER: "at most", Side.LOWER: "at least", Side.PREDICTION: "about"}


def _parameter(entry: Notation) -> str:
    unit = f", {entry.unit}" if entry.unit else ""
    default = "" if entry.default is None else f"; default {entry.default}"
    return f"    {entry.word} ({entry.symbol}): {entry.meaning}{unit}; {entry.allowed}{default}"


if __name__ == "__main__":
    sys.exit(main())
