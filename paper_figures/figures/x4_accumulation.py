"""X4: accumulating data stays bounded for ever: the bound's constants, the truth below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.theorems.accumulating import limit_constant
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look
from empirics.closed_form import GaussianMean
from empirics.runs import Runs
from empirics.targets import Target
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import law, range_of, values
from verify.estimates import Term, log_contrast
from verify.settings import THREE_MODES, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Kernel-density loops and normal means on accumulating data."""

    n: Count = 1000
    generations: Generations = 30
    replicates: Replicates = 100
    mean_replicates: Replicates = 100_000
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES


_QUICK, _PAPER = Parameters(), Parameters(replicates=2000)

_EXPONENTS = {
    Fraction(1, 5): "#000000",
    Fraction(1, 4): "#CC79A7",
    Fraction(1, 3): "#009E73",
    Fraction(2, 5): "#E69F00",
    Fraction(1, 2): "#0072B2",
}
_END = 1e5
"""The last generation for which the bound is drawn."""
_LOOKS = {
    "mean reused": Look("normal mean, all data kept", "#0072B2", "", "o"),
    "kde fresh": Look("kernel density, fresh draws", "#E69F00", "", "D"),
    "kde reused": Look("kernel density, all data kept", "#E69F00", "", "s"),
}
_BOUNDS = {Fraction(2, 5): "#E69F00", Fraction(1, 2): "#0072B2"}


def _experiments(p: Parameters) -> dict[str, Any]:
    kept = cycles.accumulating(n=p.n, data="reused")
    mean = GaussianMean(cycle=kept, generations=p.generations, replicates=p.mean_replicates)
    return {"mean reused": mean} | {
        f"kde {data}": kde(
            p.target,
            p.bandwidth,
            cycles.accumulating(n=p.n, data=data),
            p.generations,
            p.replicates,
        )
        for data in ("fresh", "reused")
    }


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    steps = p.generations
    late = np.geomspace(steps, _END, 29).round().astype(int)
    far = np.union1d(np.arange(1, steps + 1), late)
    rows = [_growth(name, Runs.of(result)) for name, result in results.items()]
    for gamma in _EXPONENTS:
        limit = np.full(2, limit_constant(gamma))  # type: ignore[arg-type]
        rows.append(tidy("bound", str(gamma), far, _partial_sums(gamma, far)))
        rows.append(tidy("limit", str(gamma), [1, far[-1]], limit))
    return pl.concat([*rows, _exact(steps)])


def _partial_sums(gamma: Fraction, generation: np.ndarray) -> np.ndarray:
    bound = bounds.get("accumulating")
    return np.asarray(bound.evaluate(n=1, generation=generation, gamma=gamma))


def _exact(steps: int) -> pl.DataFrame:
    """Root of the variance ratio, which the mean TV follows for large n, and its limit."""
    bound, x = bounds.get("gaussian-mean-accumulated"), np.arange(1, steps + 1)
    end = float(bound.limit("generation", "oo")) ** 0.5
    return pl.concat(
        [
            tidy("exact", "mean", x, np.sqrt(bound.evaluate(generation=x))),
            tidy("exact", "limit", [1, steps], [end, end]),
        ]
    )


def _growth(name: str, runs: Runs) -> pl.DataFrame:
    """Mean TV over that of generation 1, with 95 % limits from the runs of both."""
    shown = np.unique(np.geomspace(1, runs.generations, 11).round().astype(int))
    found = [(1.0, 1.0, 1.0), *(_ratio(runs, j) for j in shown[1:].tolist())]
    return tidy("measured", name, shown, *np.array(found).T)


def _ratio(runs: Runs, generation: int) -> tuple[float, float, float]:
    weights = np.zeros(runs.generations)
    weights[[generation - 1, 0]] = 1, -1
    estimate = log_contrast([Term(runs, weights)])
    low, high = estimate.limits(0.05)
    return float(np.exp(estimate.value)), float(np.exp(low)), float(np.exp(high))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.85)
    left, right = axes[0]
    steps = float(frame.filter(pl.col("panel") == "measured")["x"].max())  # type: ignore[arg-type]
    for gamma, colour in _EXPONENTS.items():
        _draw_bound(left, frame, gamma, colour)
        end = frame.filter((pl.col("panel") == "limit") & (pl.col("series") == str(gamma)))["y"][0]
        text = f"{end:.2f}  ($\\gamma={gamma}$)"
        _write(left, text, (_END, end), colour)
    for gamma, colour in _BOUNDS.items():
        _draw_bound(right, frame, gamma, colour, f"bound, $\\gamma={gamma}$", steps)
    exact = frame.filter(pl.col("panel") == "exact")
    right.plot(*_xy(exact, "mean"), ":", color="black", label="normal mean, exact")
    right.plot(*_xy(exact, "limit"), "--", color="black", linewidth=0.7)
    end = exact.filter(pl.col("series") == "limit")["y"][0]
    _write(right, f"{end:.3f}", (1.3, end), "black")
    for name, look in _LOOKS.items():
        here = (pl.col("panel") == "measured") & (pl.col("series") == name)
        curve(right, frame.filter(here), look, markerfacecolor="white")
    left.set(title="the bound", ylabel=r"bound on TV, in units of $C n^{-\gamma}$")
    right.set(title="measured growth", ylabel="relative to generation 1", xlim=(0.9, steps * 1.12))
    for ax in (left, right):
        ax.set(xscale="log", xlabel="generation")
    left.plot([], [], "--", color="#555555", linewidth=0.7, label="limit over all generations")
    plain_ticks(right.xaxis, [t for t in (1, 2, 3, 5, 10, 20, 30, 50) if t <= steps])
    legend_below(figure, axes[0], 4)
    return figure


def _write(ax: Axes, text: str, at: tuple[float, float], colour: str) -> None:
    """A number over the right end of a line."""
    style: dict[str, Any] = {"fontsize": 6.5, "ha": "right", "color": colour}
    ax.annotate(text, at, (0, 2), textcoords="offset points", **style)


def _draw_bound(
    ax: Axes,
    frame: pl.DataFrame,
    gamma: Fraction,
    colour: str,
    label: str | None = None,
    last: float = _END,
) -> None:
    here = frame.filter(pl.col("series") == str(gamma))
    x, y = _xy(here.filter(pl.col("panel") == "bound"), str(gamma))
    shown = x <= last
    ax.plot(x[shown], y[shown], color=colour, label=label)
    x, y = _xy(here.filter(pl.col("panel") == "limit"), str(gamma))
    ax.plot(np.minimum(x, last), y, "--", color=colour, linewidth=0.7)


def _xy(frame: pl.DataFrame, series: str) -> tuple[np.ndarray, np.ndarray]:
    rows = frame.filter(pl.col("series") == series)
    return rows["x"].to_numpy(), rows["y"].to_numpy()


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    (truth,) = set(values(table, panel="exact", series="limit").tolist())
    (bound,) = set(values(table, panel="limit", series="1/2").tolist())
    return (
        f"Left: the bound for accumulating data (j n points in generation j) in units of its"
        f" one-step rate, for five exponents; it stays below a constant for ever (dashed, Hurwitz"
        f" zeta), which small exponents approach slowly. Right: mean TV relative to generation 1,"
        f" with 95 % intervals, for a normal mean fitted to all data kept (exact: pi/sqrt(6) ="
        f" {truth:.3f} in the limit, where the bound with its exponent 1/2 has {bound:.3f}) and for"
        f" kernel density estimates of {law(p.target)} (n = {p.n}, exponent 2/5), on draws made"
        f" anew, of which the bound speaks, and on data kept: {_measured(table)} up to generation"
        f" {p.generations}. Beyond the paper."
    )


def _measured(table: pl.DataFrame) -> str:
    return range_of(values(table, panel="measured"))


def _shown(table: pl.DataFrame, p: Parameters) -> str:
    """The bounds in the last generation that is measured."""
    last = table.filter((pl.col("panel") == "bound") & (pl.col("x") == p.generations))
    return range_of(np.array([values(last, series=str(gamma))[0] for gamma in _BOUNDS]))


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    limits = range_of(values(table, panel="limit"))
    return (
        f"Left, the bound's curves for {len(_EXPONENTS)} exponents, with dashed lines at their"
        f" limits, {limits}. Right, the measured growth of three loops, {_measured(table)} over"
        f" {p.generations} generations, beside the bounds' curves, {_shown(table, p)} there, and"
        f" their limits."
    )


FIGURE = FigureSpec(
    name="X4",
    title="Accumulating data: constants and truth",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("growth", "gaussian-mean"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
