"""R6: early stopping – TV by training time, and how its optimum moves with n."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, legend_below, panels
from empirics import Experiment, Result
from empirics.diffusion.cell_laws import divergence_to_tv
from empirics.models import BestKl, BestTv, Diffusion, FixedTime
from empirics.targets import Target
from paper_figures.diffusion import LOOKS, at_sizes, known_beforehand, loop, order, power
from paper_figures.spec import Count, FigureSpec, Positive, Replicates, Sizes, tidy
from paper_figures.words import apart, generation_list, law, ratios
from verify import Runs
from verify.settings import STANDARD
from verify.values import EARLY_STOPPING, bound_values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """One generation of diffusion by training time, and at the best time for several sizes."""

    shown: tuple[Count, ...] = (100, 1000, 10_000, 100_000)
    bounded: Count = 10_000
    times: Count = 12
    longest: Positive = 1e6
    sizes: Sizes = (100, 1000, 10_000, 100_000)
    replicates: Replicates = 12
    width: Count = 64
    target: Target = STANDARD


_QUICK = Parameters()
_PAPER = Parameters(
    times=23,
    sizes=tuple(int(n) for n in np.geomspace(100, 1e6, 9)),
    replicates=64,
    width=256,
)

_COLOURS = ("#8C510A", "#01665E", "#542788", "#B2182B")


def _experiments(p: Parameters) -> dict[str, Experiment]:
    width, runs, law = p.width, p.replicates, p.target
    times = np.geomspace(3, p.longest, p.times)
    out = {
        f"time {n} {tau:.6g}": loop(
            cycles.full_synthetic(n=n),
            Diffusion(width=width, training_time=float(tau)),
            runs,
            1,
            law,
        )
        for n in dict.fromkeys((*p.shown, p.bounded))
        for tau in times
    }
    for name, rule in (("tv", BestTv()), ("kl", BestKl())):
        for n in p.sizes:
            model = Diffusion(width=width, training_time=rule)
            out[f"best-{name} {n}"] = loop(cycles.full_synthetic(n=n), model, runs, 1, law)
    return out


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for name, result in results.items():
        kind, n, *_ = name.split()
        if kind == "time":
            rule = result.experiment.model.rule  # type: ignore[attr-defined]
            assert isinstance(rule, FixedTime)
            if int(n) in p.shown:
                rows.append(at_sizes("time", n, rule.time, result, "tv"))
            if int(n) == p.bounded:
                rows.append(at_sizes("bound", "measured", rule.time, result, "tv"))
                rows.append(tidy("bounded", n, [rule.time], [float(n)]))
                step = divergence_to_tv(result.matrix("kl_bound")).mean()
                rows.append(tidy("bound", "one step", [rule.time], [step]))
                explicit = bound_values(bounds.get(EARLY_STOPPING), Runs.of(result), {}).value
                capped = np.minimum(explicit, 1.0).mean()
                rows.append(tidy("bound", "early stopping", [rule.time], [capped]))
                if rule.time < p.bounded:
                    known = known_beforehand(result.experiment)
                    rows.append(tidy("bound", "explicit", [rule.time], [known]))
        else:
            rows.append(at_sizes("best tv", kind, float(n), result, "tv"))
            tau = np.exp(np.log(result.matrix("training_time")).mean())
            rows.append(tidy("best time", kind, [float(n)], [tau]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 3, ratio=1.05)
    by_time, bound, best = axes[0]
    bounded = int(frame.filter(pl.col("panel") == "bounded")["y"][0])
    sizes = frame.filter(pl.col("panel") == "time")["series"].unique(maintain_order=True)
    for n, colour in zip(sizes, cycle(_COLOURS)):
        rows = frame.filter((pl.col("panel") == "time") & (pl.col("series") == n)).sort("x")
        x, y = rows["x"].to_numpy(), rows["y"].to_numpy()
        by_time.fill_between(x, rows["low"], rows["high"], color=colour, alpha=0.25, linewidth=0)
        by_time.plot(x, y, color=colour, label=f"$n={power(int(n))}$")
        by_time.plot(x[y.argmin()], y.min(), "v", color=colour, markersize=5)
    for series in ("one step", "early stopping", "explicit", "measured"):
        here = (pl.col("panel") == "bound") & (pl.col("series") == series)
        curve(bound, frame.filter(here).sort("x"), LOOKS[series])
    for ax, title in (
        (by_time, "TV by training time"),
        (bound, f"its bounds, $n={power(bounded)}$"),
    ):
        ax.set(title=title, xscale="log", yscale="log", xlabel=r"training time $\tau$")
    by_time.set_ylabel("TV of generation 1")
    bound.set_ylim(None, 1.5)
    _draw_best(best, frame)
    legend_below(figure, axes[0], 3)
    return figure


def _draw_best(ax: Axes, frame: pl.DataFrame) -> None:
    for kind, colour, marker in (("best-tv", "#000000", "o"), ("best-kl", "#0072B2", "s")):
        what = kind.removeprefix("best-").upper()
        rows = frame.filter((pl.col("panel") == "best tv") & (pl.col("series") == kind)).sort("x")
        label = f"stopped at the best {what}: slope {order(rows):.2f}"
        ax.plot(rows["x"], rows["y"], marker + "-", color=colour, label=label)
        times = frame.filter((pl.col("panel") == "best time") & (pl.col("series") == kind))
        for x, y, tau in zip(rows["x"], rows["y"], times.sort("x")["y"], strict=True):
            shift = (5, 4) if kind == "best-kl" else (-4, -9)
            side = "left" if kind == "best-kl" else "right"
            ax.annotate(
                _short(tau),
                (x, y),
                xytext=shift,
                textcoords="offset points",
                fontsize=6,
                color=colour,
                ha=side,
            )
    ax.set(title=r"best training time ($\tau$ written)", xscale="log", yscale="log")
    ax.set_xlabel("training points $n$")
    ax.margins(x=0.22, y=0.2)


def _short(time: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if time >= unit:
            return f"{time / unit:.2g}{name}" if time < 10 * unit else f"{time / unit:.0f}{name}"
    return f"{time:.0f}"


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    slopes = {
        kind: order(
            table.filter((pl.col("panel") == "best tv") & (pl.col("series") == f"best-{kind}"))
        )
        for kind in ("tv", "kl")
    }
    return (
        f"Left: mean TV of one generation against the training time of gradient flow,"
        f" {law(p.target)}; triangles mark the optimum, for n = {generation_list(p.shown)}. Middle:"
        f" at n = {p.bounded} the same with the computed path-KL bound"
        f" ({_above(table, 'one step')} the mean), the early-stopping bound, which explains the"
        f" rate ({_above(table, 'early stopping')}), and for tau < n the explicit bound, known"
        f" before a point is drawn; nothing is fitted. Right: TV at the best time for TV"
        f" and at the best"
        f" time for path KL (both oracles); their slopes in n are {slopes['tv']:.2f} and"
        f" {slopes['kl']:.2f}, beside the proved -1/4. The paper's claim of the efficacy of early"
        f" stopping."
    )


def _above(table: pl.DataFrame, series: str) -> str:
    return apart(ratios(table, series, "measured", panel="bound"))


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    best = {
        n: table.filter((pl.col("panel") == "time") & (pl.col("series") == str(n))).sort("y")["x"][
            0
        ]
        for n in p.shown
    }
    times = ", ".join(f"{tau:.2g} for n = {n}" for n, tau in best.items())
    return (
        f"TV against training time, with its minimum at time {times}; the"
        f" computed bounds lie above it, {_above(table, 'one step')} the mean."
    )


FIGURE = FigureSpec(
    name="R6",
    title="Early stopping of diffusion training",
    caption=_caption,
    alt=_alt,
    paper=True,
    claims=("early-stopping", "early-stopping-bound", "explicit-bound"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
