"""Studies from the command line: run, check, kinds, list, show, export."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from bounds.command_line import Parser, answer, path_text, run_command
from bounds.made_once import made_once

__all__ = ["main"]

_STORE = "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: done; 2: cells failed, a mistake, or a store that cannot be used; 130: interrupted.
    """
    return answer(lambda: _run(_parser().parse_args(arguments)))


def _run(command: Namespace) -> int:
    # Imported when they are needed: help, lists, mistakes and looking at a store come at once.
    if command.name == "kinds":
        return _kinds()
    if command.name in ("run", "check"):
        from empirics.sweeps.studies import path_of_study

        path_of_study(command.spec)
        from empirics.sweeps import commands

        return {"run": commands.run, "check": commands.check}[command.name](command)
    from empirics.sweeps import viewing

    views = {"list": viewing.listing, "show": viewing.show, "export": viewing.export}
    return views[command.name](command)


def _kinds() -> int:
    from empirics.sweeps.terminal import show

    show(made_once("kinds", _rows))
    return 0


def _rows() -> list[list[str]]:
    from empirics.sweeps.commands import kinds

    return kinds()


def _parser() -> ArgumentParser:
    parser = Parser(prog="python -m empirics", description="Studies of self-consuming loops.")
    commands = parser.add_subparsers(
        required=True, dest="name", metavar="run | check | kinds | list | show | export"
    )
    run = commands.add_parser("run", help="compute the cells of a study that are missing")
    run.add_argument(
        "spec", type=path_text, help="TOML file, or the name of a study that comes with the project"
    )
    run.add_argument("--workers", type=int, help="processes on this machine (default: all cores)")
    run.add_argument("--cluster", metavar="ADDRESS", help="Dask scheduler to use instead")
    run.add_argument("--limit", type=int, metavar="CELLS", help="compute at most this many of them")
    check = commands.add_parser("check", help="cells, expected time and memory; computes nothing")
    check.add_argument("spec", type=path_text, help="TOML file, or the name of a study")
    check.add_argument("--workers", type=int, help="processes to plan for (default: all cores)")
    commands.add_parser("kinds", help="targets, models and cycles that a study may name")
    listing = commands.add_parser("list", help="the runs of a store")
    show = commands.add_parser("show", help="the cells of a run, or all about one cell")
    show.add_argument("run_name", metavar="RUN", help="name of a study, or start of a cell's key")
    export = commands.add_parser("export", help="all rows of a run as CSV")
    export.add_argument("run_name", metavar="RUN", help="name of a study")
    export.add_argument(
        "--csv", required=True, type=path_text, metavar="FILE", help="file to write"
    )
    for command in (run, check, listing, show, export):
        command.add_argument(
            "--store", type=path_text, default=_STORE, metavar="DIR", help=f"default: {_STORE}"
        )
    return parser


if __name__ == "__main__":
    run_command(main)
