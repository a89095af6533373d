"""X5: how to spend a budget of training points over the generations, and what it really buys."""

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
from bounds.cycles import DataCycle
from bounds.propagation import paper_errors
from bounds.theorems.budget_allocation import allocation
from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import CYCLES
from empirics import Experiment, Result
from empirics.runs import Runs
from empirics.targets import Target
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import law, range_of, values
from verify import along
from verify.estimates import Term, log_contrast
from verify.settings import THREE_MODES, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """A budget of ``n`` points per generation, split over the generations."""

    n: Count = 1000
    generations: Generations = 10
    replicates: Replicates = 150
    horizon: Generations = 30
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES


_QUICK, _PAPER = Parameters(), Parameters(replicates=4000)

_GAMMA = Fraction(2, 5)
_CASES = ("full synthetic", "fresh real 10 %", "fresh real 30 %", "fresh real 50 %", "balanced")
_SPLITS = ("equal", "best")
_MARKS = {
    "bound": ("_", -0.22, "bound of the last model"),
    "measured": ("o", 0.0, "measured mean TV, 95 % interval"),
    "sandwich": ("x", 0.22, "sandwich, upper side"),
}
_NAMES = ("full\nsynth.", "10 %\nreal", "30 %\nreal", "50 %\nreal", "bal-\nanced")


def _cycles(n: int) -> dict[str, DataCycle]:
    found = (
        cycles.full_synthetic(n=n),
        *(cycles.fresh_real(n=n, share=share) for share in ("1/10", "3/10", "1/2")),
        cycles.balanced(n=n),
    )
    return dict(zip(_CASES, found, strict=True))


def _shares(cycle: DataCycle, steps: int) -> np.ndarray:
    return allocation(bounds.influence(cycle, steps)[-1], _GAMMA)


def _split(p: Parameters, cycle: DataCycle, split: str) -> DataCycle:
    """The weights of a cycle with the budget split equally or as is best for the last model."""
    if split == "equal":
        return cycle
    sizes = np.maximum(np.round(_shares(cycle, p.generations) * p.generations * p.n), 1).astype(int)
    rows = [cycle.weights(j) for j in range(1, p.generations + 1)]
    return cycles.custom(rows=rows, n=sizes.tolist())


def _experiments(p: Parameters) -> dict[str, Experiment]:
    return {
        f"{series}|{split}": kde(
            p.target, p.bandwidth, _split(p, cycle, split), p.generations, p.replicates
        )
        for series, cycle in _cycles(p.n).items()
        for split in _SPLITS
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows, last = [], p.generations
    horizons = np.arange(1, max(p.horizon, last) + 1)
    for place, (series, cycle) in enumerate(_cycles(p.n).items()):
        gains = np.array([_gain(cycle, steps, p.n) for steps in horizons.tolist()])
        shares = _shares(cycle, last)
        pair = [results[f"{series}|{split}"] for split in _SPLITS]
        rows += [
            tidy("shares", series, np.arange(1, last + 1), shares),
            tidy("gain", series, horizons, gains),
            tidy("bound", series, [place], gains[last - 1 : last]),
            tidy("sandwich", series, [place], [_sandwich(pair[1]) / _sandwich(pair[0])]),
            tidy("measured", series, [place], *np.array([_measured(pair)]).T),
        ]
    return pl.concat(rows)


def _gain(cycle: DataCycle, steps: int, n: int) -> float:
    """The bound at the best split over the bound at the equal one."""
    row = bounds.influence(cycle, steps)[-1]
    words = {"generation": steps, "gamma": _GAMMA, "influence": row, "budget": steps * n}
    best = bounds.get("budget-allocation").evaluate(**words)
    equal = bounds.propagate(cycle, paper_errors(cycle, steps, gamma=_GAMMA))[-1]
    return float(best / equal)


def _sandwich(result: Result) -> float:
    return float(along(bounds.get("kde-sandwich"), result.experiment).value[-1])


def _measured(pair: list[Result]) -> tuple[float, float, float]:
    """Mean TV of the last model at the best split over that at the equal one, 95 % limits."""
    equal, best = (Runs.of(result) for result in pair)
    last = np.eye(equal.generations)[-1]
    estimate = log_contrast([Term(best, last), Term(equal, -last)])
    low, high = estimate.limits(0.05)
    return float(np.exp(estimate.value)), float(np.exp(low)), float(np.exp(high))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 3, ratio=1.05)
    shares, gain, measured = axes[0]
    for series in _CASES:
        look = CYCLES[series]
        for ax, panel in ((shares, "shares"), (gain, "gain")):
            here = (pl.col("panel") == panel) & (pl.col("series") == series)
            curve(ax, frame.filter(here), look, marker=look.marker if ax is shares else "")
    last = int(frame.filter(pl.col("panel") == "shares")["x"].max())  # type: ignore[arg-type]
    shares.axhline(1 / last, color="#7F7F7F", linewidth=0.7, linestyle="--")
    shares.set(title=f"best split for model {last}", ylabel="share of the budget", yscale="log")
    gain.set(title="the bound", ylabel="best split / equal split", ylim=(None, 1.02))
    generations_below(shares, gain)
    shares.set_xlabel("spent on generation $k$")
    gain.set_xlabel("split for model $N$")
    _draw_measured(measured, frame)
    legend_below(figure, axes[0], 3)
    return figure


def _draw_measured(ax: Axes, frame: pl.DataFrame) -> None:
    for series in _CASES:
        colour = CYCLES[series].colour
        for panel, (marker, shift, _) in _MARKS.items():
            row = frame.filter((pl.col("panel") == panel) & (pl.col("series") == series))
            style: dict[str, Any] = {"marker": marker, "color": colour, "markersize": 4}
            x, y = row["x"].to_numpy() + shift, row["y"].to_numpy()
            if panel == "measured":
                bars = [y - row["low"].to_numpy(), row["high"].to_numpy() - y]
                ax.errorbar(x, y, bars, capsize=1.5, elinewidth=0.7, **style)
            else:
                ax.plot(x, y, linestyle="", markeredgewidth=1.2, **style)
    for marker, _, label in _MARKS.values():
        ax.plot([], [], marker, color="#555555", label=label, markeredgewidth=1.2)
    ax.axhline(1.0, color="#7F7F7F", linewidth=0.7, linestyle="--", label="equal split")
    ax.set_xticks(range(len(_CASES)), _NAMES)
    ax.set(title="TV of the last model", ylabel="best split / equal split", xlim=(-0.6, 4.6))
    ax.grid(visible=False, axis="x")


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    found = {
        what: range_of(values(table, panel=what)) for what in ("bound", "sandwich", "measured")
    }
    return (
        f"A budget of N n training points over N generations (n = {p.n}, rate exponent 2/5). Left:"
        f" the split that makes the error-propagation bound of model {p.generations} least gives"
        f" generation k a share in proportion to G_Nk^(5/7). Middle: the least bound relative to"
        f" the equal split's, for {max(p.horizon, p.generations)} generations {_gains(table)}."
        f" Right: the same for model {p.generations}"
        f" ({found['bound']} over the data cycles), with"
        f" the certified sandwich's upper side ({found['sandwich']}) and measured mean TV"
        f" ({found['measured']}) of kernel-density loops on {law(p.target)} (bandwidth"
        f" {p.bandwidth:g} n_k^(-1/5)). Beyond the paper."
    )


def _gains(table: pl.DataFrame) -> str:
    """The gain of the best split for the most generations, in each data cycle."""
    found = {series: values(table, panel="gain", series=series) for series in _CASES}
    return ", ".join(f"{gain[-1]:.2g} for {series}" for series, gain in found.items())


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    last = np.array([values(table, panel="shares", series=series)[-1] for series in _CASES])
    gains = np.array([values(table, panel="gain", series=series)[-1] for series in _CASES])
    return (
        f"Left, best shares of {p.generations} generations, {range_of(last)} for the last. Middle,"
        f" the bound at the best split over that at the equal one, {range_of(gains)} for"
        f" {max(p.horizon, p.generations)} generations. Right, ratios of the bound"
        f" ({range_of(values(table, panel='bound'))}), the"
        f" sandwich and measured TV ({range_of(values(table, panel='measured'))}) for each data"
        f" cycle."
    )


FIGURE = FigureSpec(
    name="X5",
    title="Best split of a budget of points",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
