"""``python -m paper_figures``: make all figures, or the named ones.

``python -m paper_figures ladder X12 --gallery paper_figures/gallery`` makes the README's two
pictures. Exit status 2 means that a loop failed or the user made a mistake, which is answered in
one line.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from bounds.command_line import Parser, answer, path_of, run_command
from paper_figures.catalogue import check_names, select, titles

__all__ = ["main"]

_FORMATS = ("pdf", "svg", "png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what the command line asks for and return the exit status."""
    return answer(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    given = _parser(titles()).parse_args(arguments)
    if given.names == ["list"]:
        print("\n".join(f"{name:<8}{title}" for name, title in titles().items()))
    else:
        check_names(given.names)
        _make(given)
    return 0


def _make(given: Namespace) -> None:
    # Figures and their libraries take two seconds, for which neither help nor a mistake waits.
    from empirics.memory import keep_freed
    from empirics.sweeps.terminal import terminal
    from paper_figures.making import How, make_all, redraw, show
    from verify.scale import Scale

    keep_freed()
    console, figures = terminal(), select(given.names)
    formats = given.format or _FORMATS
    if given.redraw:
        redraw(figures, given.out, console, given.style, formats)
    else:
        how = How(Scale(given.scale), dict(given.set), given.style, formats)
        make_all(figures, how, given.out, console, given.store, given.cluster)
    if given.gallery is not None:
        show(figures, given.out, given.gallery, console)


def _change(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.isidentifier() and value):
        raise ArgumentTypeError(f"{text!r}: must be NAME=VALUE, such as n=500")
    return name, value


def _parser(figures: Iterable[str]) -> ArgumentParser:
    parser = Parser(
        prog="python -m paper_figures",
        description="Make figures as PDF, SVG, PNG, plotted data (CSV) and manifest (JSON).",
        epilog=f"Figures: {', '.join(figures)}.",
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="figures to make, all if none; or list")
    add(
        "--scale",
        choices=("quick", "paper"),
        default="quick",
        help="quick (the default) takes some minutes, paper some tens of minutes",
    )
    add(
        "--set",
        action="append",
        default=[],
        type=_change,
        metavar="NAME=VALUE",
        help="a parameter of the figures, such as n=500; lists as 1,2,5; may be given again",
    )
    add("--style", metavar="VENUE", help="sizes and fonts of a venue, such as neurips2024")
    add("--format", action="append", choices=_FORMATS, help="one kind of file only; also again")
    add("--out", type=path_of, default=Path("figures"), help="folder that receives the files")
    add("--store", type=path_of, help="finished loops, not run again; OUT/store unless given")
    add("--cluster", metavar="ADDRESS", help="Dask scheduler; needs pip install '.[cluster]'")
    add("--redraw", action="store_true", help="draw from the CSV files, compute nothing")
    add("--gallery", type=path_of, metavar="DIR", help="also small PNGs for a web page, into DIR")
    return parser


if __name__ == "__main__":
    run_command(main)
