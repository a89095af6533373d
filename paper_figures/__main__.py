"""``python -m paper_figures``: make all figures, or the named ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from empirics.sweeps import IncompleteError
from paper_figures.catalogue import FIGURES, select
from paper_figures.making import make, redraw
from paper_figures.spec import Scale


def main(
    names: Annotated[
        tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="[NAME ...]")
    ] = (),
    scale: Annotated[Scale, tyro.conf.EnumChoicesFromValues] = Scale.QUICK,
    out: Path = Path("figures"),
    store: Path | None = None,
    cluster: str | None = None,
    again: Annotated[bool, tyro.conf.arg(name="redraw"), tyro.conf.FlagCreatePairsOff] = False,
) -> None:
    """Regenerate figures as PDF, PNG, plotted data (CSV) and manifest (JSON).

    Args:
        names: figures to make; all if none is named.
        scale: quick takes about a minute, paper some tens of minutes.
        out: folder that receives the files.
        store: folder of finished loops, which are not run again; OUT/store unless given.
        cluster: address of a Dask scheduler that runs the loops; needs pip install '.[cluster]'.
        again: draw from the CSV files of an earlier run and compute nothing.
    """
    console = Console()
    figures = select(names)
    if again:
        redraw(figures, out, console)
    else:
        make(figures, scale, out, console, store, cluster)


if __name__ == "__main__":
    try:
        tyro.cli(
            main, prog="python -m paper_figures", description=f"Figures: {', '.join(FIGURES)}."
        )
    except IncompleteError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; finished figures are kept", file=sys.stderr)
        sys.exit(130)
