"""``python -m paper_figures``: make all figures, or the named ones.

``python -m paper_figures ladder R5 X1 --gallery paper_figures/gallery`` makes the README's three
pictures. Exit status 1 means that a loop failed, 2 that the user made a mistake, which is answered
in one line.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from empirics.sweeps import IncompleteError
from paper_figures.catalogue import FIGURES, select
from paper_figures.making import make, redraw, show
from paper_figures.spec import Scale

__all__ = ["main"]

_FAILED, _MISTAKE, _STOPPED = 1, 2, 130


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what the command line asks for and return the exit status."""
    try:
        _run(arguments)
    except IncompleteError as error:
        print(f"error: {error}", file=sys.stderr)
        return _FAILED
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _MISTAKE
    except KeyboardInterrupt:
        print("stopped; finished figures are kept", file=sys.stderr)
        return _STOPPED
    return 0


def _run(arguments: Sequence[str] | None) -> None:
    given = _parser().parse_args(arguments)
    console, figures = Console(), select(given.names)
    if given.redraw:
        redraw(figures, given.out, console)
    else:
        make(figures, Scale(given.scale), given.out, console, given.store, given.cluster)
    if given.gallery is not None:
        show(figures, given.out, given.gallery, console)


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="python -m paper_figures",
        description="Make figures as PDF, SVG, PNG, plotted data (CSV) and manifest (JSON).",
        epilog=f"Figures: {', '.join(FIGURES)}.",
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="figures to make; all if none is named")
    add(
        "--scale",
        choices=[scale.value for scale in Scale],
        default=Scale.QUICK.value,
        help="quick (the default) takes two minutes, paper some tens of minutes",
    )
    add("--out", type=Path, default=Path("figures"), help="folder that receives the files")
    add("--store", type=Path, help="finished loops, not run again; OUT/store unless given")
    add("--cluster", metavar="ADDRESS", help="Dask scheduler; needs pip install '.[cluster]'")
    add("--redraw", action="store_true", help="draw from the CSV files, compute nothing")
    add("--gallery", type=Path, metavar="DIR", help="also small PNGs for a web page, into DIR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
