"""X7: aligned errors attain the recursion; real loops fall short because errors cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from bounds.errors import ParameterError
from bounds.worst_case import aligned_errors
from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import CYCLES
from empirics import Experiment, InputError, Result
from empirics.targets import Target
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import law, range_of, values
from verify import check
from verify.settings import THREE_MODES, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Loops of four data cycles, and errors of one size that all point the same way."""

    n: Count = 1000
    generations: Generations = 12
    replicates: Replicates = 128
    share: Share = 0.3
    error: Share = 0.05
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES


_QUICK, _PAPER = Parameters(), Parameters(replicates=1000)

_LOOKS = {
    "full synthetic": CYCLES["full synthetic"],
    "fresh real": replace(CYCLES["fresh real 30 %"], label="fresh real share"),
    "balanced": CYCLES["balanced"],
    "accumulating": CYCLES["accumulating"],
}


def _cases(p: Parameters) -> dict[str, DataCycle]:
    return {
        "full synthetic": cycles.full_synthetic(n=p.n),
        "fresh real": cycles.fresh_real(n=p.n, share=Fraction(str(p.share))),
        "balanced": cycles.balanced(n=p.n),
        "accumulating": cycles.accumulating(n=p.n),
    }


def _experiments(p: Parameters) -> dict[str, Experiment]:
    for cycle in _cases(p).values():
        try:
            aligned_errors(cycle, _errors(p))
        except ParameterError as error:
            raise InputError(f"error = {p.error}: {error}") from None
    return {
        series: kde(p.target, p.bandwidth, cycle, p.generations, p.replicates)
        for series, cycle in _cases(p).items()
    }


def _errors(p: Parameters) -> list[Fraction]:
    return [Fraction(str(p.error))] * p.generations


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    x = np.arange(1, p.generations + 1)
    errors, rows = _errors(p), []
    for series, result in results.items():
        cycle = result.experiment.cycle
        attained = aligned_errors(cycle, errors).distances
        rows.append(tidy("attained", series, x, [float(d) for d in attained]))
        rows.append(tidy("recursion", series, x, bounds.propagate(cycle, errors)))
        verdicts = check(bounds.get("error-propagation"), result)
        rows.append(tidy("measured", series, x, [row.tightness for row in verdicts.rows]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8)
    left, right = axes[0]
    for series, look in _LOOKS.items():
        parts = {
            panel: frame.filter((pl.col("series") == series) & (pl.col("panel") == panel))
            for panel in ("recursion", "attained", "measured")
        }
        curve(left, parts["recursion"], look, marker="")
        left.plot(
            parts["attained"]["x"],
            parts["attained"]["y"],
            look.marker,
            color=look.colour,
            markerfacecolor="white",
        )
        curve(right, parts["measured"], look, label=None)
    left.plot([], [], "o", color="#555555", markerfacecolor="white", label="attained exactly")
    left.set(title="aligned errors", ylabel="TV to the real law")
    right.set(
        title="kernel-density loops, own errors",
        ylabel="recursion / measured TV",
        ylim=(0.9, None),
    )
    generations_below(left, right)
    legend_below(figure, axes[0], 5)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Left: when every generation's error, {p.error:g}, moves mass from the same place to the"
        f" same place, TV equals the error-propagation recursion exactly (open markers, rational"
        f" arithmetic, on the lines; balanced and accumulating coincide, as their weights do)."
        f" Right: fed with the measured one-step errors of kernel-density loops the same recursion"
        f" is up to {_most(table):.2g} times the measured TV, as it counts no cancellation of"
        f" independent errors (n = {p.n}, {law(p.target)}, bandwidth {p.bandwidth:g} n^(-1/5), real"
        f" share {p.share:g}). Beyond the paper."
    )


def _most(table: pl.DataFrame) -> float:
    return float(values(table, panel="measured").max())


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    last = table.filter((pl.col("panel") == "measured") & (pl.col("x") == p.generations))
    return (
        f"Left, open markers lie exactly on straight or flattening lines. Right, the ratio of"
        f" recursion to measured TV: {values(table, panel='measured')[0]:.2g} in generation 1,"
        f" {range_of(last['y'].to_numpy())} in generation {p.generations}."
    )


FIGURE = FigureSpec(
    name="X7",
    title="The recursion is attained, and where it loses",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("error-propagation",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
