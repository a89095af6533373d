"""``python -m paper_figures``: make all figures, or the named ones.

``python -m paper_figures ladder R5 X1 --gallery paper_figures/gallery`` makes the README's three
pictures. Exit status 2 means that a loop failed or the user made a mistake, which is answered in
one line.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from bounds.command_line import Parser, answer, run_command
from bounds.discovery import texts_of

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what the command line asks for and return the exit status."""
    return answer(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    names = [name for (name,) in texts_of("paper_figures.figures", "FIGURE", "name")]
    _make(_parser(names).parse_args(arguments))
    return 0


def _make(given: Namespace) -> None:
    # Figures and their libraries take two seconds, for which neither help nor a mistake waits.
    from empirics.sweeps.terminal import terminal
    from paper_figures.catalogue import select
    from paper_figures.making import make, redraw, show
    from verify.scale import Scale

    console, figures = terminal(), select(given.names)
    if given.redraw:
        redraw(figures, given.out, console)
    else:
        make(figures, Scale(given.scale), given.out, console, given.store, given.cluster)
    if given.gallery is not None:
        show(figures, given.out, given.gallery, console)


def _parser(figures: Sequence[str]) -> ArgumentParser:
    parser = Parser(
        prog="python -m paper_figures",
        description="Make figures as PDF, SVG, PNG, plotted data (CSV) and manifest (JSON).",
        epilog=f"Figures: {', '.join(figures)}.",
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="figures to make; all if none is named")
    add(
        "--scale",
        choices=("quick", "paper"),
        default="quick",
        help="quick (the default) takes two minutes, paper some tens of minutes",
    )
    add("--out", type=Path, default=Path("figures"), help="folder that receives the files")
    add("--store", type=Path, help="finished loops, not run again; OUT/store unless given")
    add("--cluster", metavar="ADDRESS", help="Dask scheduler; needs pip install '.[cluster]'")
    add("--redraw", action="store_true", help="draw from the CSV files, compute nothing")
    add("--gallery", type=Path, metavar="DIR", help="also small PNGs for a web page, into DIR")
    return parser


if __name__ == "__main__":
    run_command(main)
