"""X8: how often runs exceed their high-probability bounds, against the stated probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look
from empirics import Experiment, Result
from empirics.runs import Runs
from empirics.targets import Target
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import law, percent, range_of, values
from verify import along
from verify.settings import THREE_MODES, kde
from verify.statistics import proportion_interval

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Two kernel-density loops, of whose runs few may exceed their bounds."""

    n: Count = 1000
    generations: Generations = 10
    replicates: Replicates = 1000
    share: Share = 0.3
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES


_QUICK, _PAPER = Parameters(), Parameters(replicates=10_000)

_DELTAS = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
_LEVEL = 0.95


@dataclass(frozen=True)
class _Stated:
    """A bound that a run may exceed with probability delta, in any of some generations."""

    look: Look
    bound: str
    generations: Callable[[np.ndarray], np.ndarray]


_STATED = {
    "single first": _Stated(
        Look("generation 1 alone", "#E69F00", "--", "s"),
        "kde-high-probability-single",
        lambda ratios: ratios[:, :1],
    ),
    "single last": _Stated(
        Look("the last generation alone", "#D55E00", "-.", "D"),
        "kde-high-probability-single",
        lambda ratios: ratios[:, -1:],
    ),
    "every": _Stated(
        Look("any generation", "#CC79A7", ":", "^"),
        "kde-high-probability",
        lambda ratios: ratios,
    ),
}
_DEVIATION = Look("generation 1: mean + deviation term", "#0072B2", "-", "o")
_LOOKS = {"deviation": _DEVIATION} | {name: stated.look for name, stated in _STATED.items()}


def _experiments(p: Parameters) -> dict[str, Experiment]:
    cases = {
        "full synthetic": cycles.full_synthetic(n=p.n),
        f"fresh real share {percent(p.share)}": cycles.fresh_real(n=p.n, share=p.share),
    }
    return {
        panel: replace(kde(p.target, p.bandwidth, cycle, p.generations, p.replicates), seed=seed)
        for seed, (panel, cycle) in enumerate(cases.items())
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    del p
    rows = []
    for panel, result in results.items():
        runs = Runs.of(result)
        for name in _LOOKS:
            ratios = [_ratios(runs, name, float(delta)) for delta in _DELTAS]
            rows.append(tidy(panel, name, _DELTAS, *np.array([_share(r) for r in ratios]).T))
            used = [np.quantile(r, 1 - d) for r, d in zip(ratios, _DELTAS, strict=True)]
            rows.append(tidy(f"used, {panel}", name, _DELTAS, used))
    return pl.concat(rows)


def _ratios(runs: Runs, name: str, delta: float) -> np.ndarray:
    """Every run's largest TV over its bound; numerical errors count against the bound."""
    most = runs.tv + runs.tv_error
    if name == "deviation":
        # Concentration of one estimate around its mean: the bound without bias and noise.
        nothing = np.zeros(runs.generations)
        term = _least(runs, "kde-high-probability-single", delta, smoothing_bias=nothing)
        return np.asarray(most[:, 0] / (runs.tv[:, 0].mean() + term[0]))
    stated = _STATED[name]
    ratios = most / _least(runs, stated.bound, delta, noise=runs.noise)
    return np.asarray(stated.generations(ratios).max(axis=1))


def _least(runs: Runs, bound: str, delta: float, **recorded: Any) -> np.ndarray:
    """A bound less its quadrature error; without recorded noise it has none."""
    assert runs.experiment is not None
    given = {"noise": np.zeros(runs.generations), **recorded}
    found = along(bounds.get(bound), runs.experiment, delta=delta, **given)
    return found.value - found.error


def _share(ratios: np.ndarray) -> tuple[float, float, float]:
    """Share of runs above their bound, with its exact interval."""
    count = int((ratios > 1).sum())
    return count / len(ratios), *proportion_interval(count, len(ratios), _LEVEL)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 2, ratio=0.62, sharex=True, sharey="row")
    for column, panel in zip(axes.T, _panels(frame), strict=True):
        shares, used = column
        for shift, (name, look) in zip((0.88, 0.96, 1.04, 1.13), _LOOKS.items(), strict=True):
            here = frame.filter(pl.col("series") == name)
            _draw_share(shares, here.filter(pl.col("panel") == panel), look, shift)
            curve(used, here.filter(pl.col("panel") == f"used, {panel}"), look)
        ends = np.array([_DELTAS[0] * 0.8, 1.0])
        shares.fill_between(ends, ends, 1.0, color="#7F7F7F", alpha=0.15, linewidth=0)
        shares.text(0.0125, 0.3, "a proved bound cannot lie here", fontsize=6.5, color="#555555")
        shares.set(title=panel, xscale="log", yscale="log", xlim=ends)
        used.axhline(1.0, color="#7F7F7F", linewidth=0.7, linestyle="--", label="attained")
        used.set(xlabel=r"stated probability $\delta$", ylim=(0, 1.05))
        plain_ticks(used.xaxis, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1))
    axes[0, 0].set_ylim(_lowest(frame), 1)
    axes[0, 0].set_ylabel("share of runs above\n(open: none; upper limit)")
    axes[1, 0].set_ylabel("TV / bound at\nthe $1-\\delta$ quantile")
    legend_below(figure, [axes[1, 0]], 3)
    return figure


def _panels(frame: pl.DataFrame) -> list[str]:
    """The loops, in their order."""
    return [p for p in frame["panel"].unique(maintain_order=True) if not p.startswith("used, ")]


def _lowest(frame: pl.DataFrame) -> float:
    """A little below everything that is drawn: shares above zero, upper limits of the others."""
    shares = frame.filter(pl.col("panel").is_in(_panels(frame)))
    drawn = shares.select(pl.when(pl.col("y") > 0).then("y").otherwise("high"))
    return 0.6 * float(drawn.to_numpy().min())


def _draw_share(ax: Axes, rows: pl.DataFrame, look: Look, shift: float) -> None:
    """Shares with intervals; where no run exceeds, an open marker at the upper limit."""
    moved = rows.with_columns(pl.col("x") * shift)
    some, none = moved.filter(pl.col("y") > 0), moved.filter(pl.col("y") == 0)
    curve(ax, some, look, linestyle="", label=None)
    x, high = none["x"].to_numpy(), none["high"].to_numpy()
    ax.plot(x, high, look.marker, color=look.colour, markerfacecolor="white")


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    most, _ = _found(table)
    return (
        f"Kernel-density loops of n = {p.n} on {law(p.target)}, {p.replicates} runs each."
        f" Top: share of runs whose TV exceeds a bound that may fail with probability delta, with"
        f" exact 95 % intervals (Clopper-Pearson); open markers: no run did, drawn at the upper"
        f" limit. A proved bound lies below the diagonal; Theorems 2 and 2' are exceeded by at most"
        f" {100 * most:.2g} % of the runs. The deviation term alone is set around the measured mean"
        f" of generation 1. Bottom: the multiple of the bound that a share"
        f" delta of the runs exceeds: {_used(table)}. Beyond the paper."
    )


def _found(table: pl.DataFrame) -> tuple[float, str]:
    """The largest share above a theorem's bound, and what part of the bounds is used."""
    theorems = table.filter(pl.col("series") != "deviation")
    is_used = pl.col("panel").str.starts_with("used, ")
    shares, used = theorems.filter(~is_used)["y"], theorems.filter(is_used)["y"].to_numpy()
    return float(shares.to_numpy().max()), f"{used.min():.2g} to {used.max():.2g}"


def _of_stated(table: pl.DataFrame) -> float:
    """The largest share of runs above a theorem's bound over the probability that it states."""
    is_used = pl.col("panel").str.starts_with("used, ")
    shares = table.filter((pl.col("series") != "deviation") & ~is_used)
    return float((shares["y"] / shares["x"]).to_numpy().max())


def _used(table: pl.DataFrame) -> str:
    """The share of every bound that is used."""
    here = table.filter(pl.col("panel").str.starts_with("used, "))
    return "; ".join(
        f"{range_of(values(here, series=name))} of it for {look.label}"
        for name, look in _LOOKS.items()
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    most, used = _found(table)
    return (
        f"Four panels against the stated probability. At most {100 * most:.2g} % of {p.replicates}"
        f" runs lie above a theorem's bound, at most {_of_stated(table):.2g} times what it states;"
        f" at the quantile that a bound speaks of, TV is {used} of it."
    )


FIGURE = FigureSpec(
    name="X8",
    title="Calibration of high-probability bounds",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("each-generation", "all-generations"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
