"""X3: the sample size that adding errors up asks for, and the one that is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import brentq

import bounds
from bounds import cycles
from bounds.kde import kde_quantities
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import SERIES
from empirics import Experiment, InputError, Result, targets
from empirics.models import Kde, PowerRule
from paper_figures.curves import tv_with_limits
from paper_figures.diffusion import order
from paper_figures.spec import Count, FigureSpec, Replicates, Share, Sizes, tidy
from paper_figures.words import course, factor, range_of, ratios, values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Full synthetic loops on N(0, 1) whose points per generation grow with the horizon."""

    per_generation: Count = 1000
    horizons: Sizes = (1, 2, 4, 8, 16, 32)
    replicates: Replicates = 64
    target_error: Share = 0.05


_QUICK, _PAPER = Parameters(), Parameters(replicates=400)

_RULE = PowerRule(8.5, exponent=0.5)
"""The best common bandwidth's order if n grows with the horizon: ``N^(-3/10) n^(-1/5)``."""
_WIDTHS = np.geomspace(0.9, 1.4, 5)
"""Tried, in multiples of the rule's; the sample size at any of them is enough."""
_MOST = np.log(1e12)
"""Logarithm of the most points."""
_WIDEST, _SPREAD = 0.25, 1.05
"""Bandwidths stay below, and so do the standard deviations of all laws at the sizes solved for."""
_ON_PATH = ("kde-recursion", "kde-sandwich", "kde-sandwich-lower")


def _experiments(p: Parameters) -> dict[str, Experiment]:
    if not all(_is_reached(p, steps) for steps in p.horizons):
        raise InputError(
            f"target_error = {p.target_error}: is not reached with 1e12 points at the bandwidths"
            f" for per_generation = {p.per_generation}; take a larger one of them"
        )
    return {
        str(steps): Experiment(
            target=targets.normal(),
            model=Kde(_RULE),
            cycle=cycles.full_synthetic(n=p.per_generation * steps),
            generations=steps,
            replicates=p.replicates,
        )
        for steps in p.horizons
    }


def _constants() -> dict[str, float]:
    """Constants of ``c_b h^2 + c_s n^(-1/2) h^(-1/2)`` for all laws no wider than allowed.

    The noise bound times ``h^(1/2)`` grows with ``h`` and with the law's width.
    """
    line, h = {"dimension": 1}, _WIDEST
    bias = bounds.get("kde-bias-normal").evaluate(bandwidth=1, target_sd=1, **line)
    noise = bounds.get("kde-noise-normal").evaluate(n=1, bandwidth=h, target_sd=_SPREAD, **line)
    return {"bias_constant": float(bias), "noise_constant": float(noise) * h**0.5, **line}


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    x, words = np.array(p.horizons), {"target_error": p.target_error, **_constants()}
    added = bounds.get("sample-size-kde").evaluate(generation=x, smoothness=2, **words)
    spread = bounds.get("sample-size-kde-independent").evaluate(generation=x, **words)
    rows = [
        tidy("required", "kde-recursion", x, np.asarray(added)),
        tidy("required", "kde-clt", x, np.asarray(spread)),
        tidy("required", "kde-sandwich", x, [_enough(p, steps) for steps in p.horizons]),
    ]
    for steps, result in results.items():
        mean, low, high = (v[-1:] for v in tv_with_limits(result))
        rows.append(tidy("measured", "measured", [float(steps)], mean, low, high))
        rows.append(_bounds_at(int(steps), p.per_generation * int(steps)))
    return pl.concat(rows)


def _is_reached(p: Parameters, steps: int) -> bool:
    """Whether any number of points keeps the sandwich's upper side below the target error."""
    return any(_excess(steps, width, p.target_error)(_MOST) < 0 for width in _widths(p, steps))


def _enough(p: Parameters, steps: int) -> float:
    """Points per generation at which the sandwich's upper side is below the target error."""
    return min(_enough_at(_excess(steps, w, p.target_error)) for w in _widths(p, steps))


def _widths(p: Parameters, steps: int) -> list[float]:
    return (_RULE.bandwidth(p.per_generation * steps, 1) * _WIDTHS).tolist()


def _enough_at(excess: Callable[[float], float]) -> float:
    """Infinite where there are none."""
    if excess(0.0) <= 0:
        return 1.0
    return float(np.exp(brentq(excess, 0.0, _MOST))) if excess(_MOST) < 0 else np.inf


def _excess(steps: int, bandwidth: float, target_error: float) -> Callable[[float], float]:
    """The upper side less the target error, by the logarithm of the points per generation."""
    bound = bounds.get("kde-sandwich")
    one = _quantities(steps, 1, bandwidth)

    def excess(log_n: float) -> float:
        # Every term of the variance is divided by n.
        given = {"bias": one["bias"], "cell": one["cell"]}
        variance = one["variance"] / np.exp(log_n)
        return float(bound.evaluate(variance=variance, **given)) - target_error

    return excess


def _bounds_at(steps: int, n: int) -> pl.DataFrame:
    known = {"generation": steps, **_quantities(steps, n, _RULE.bandwidth(n, 1))}
    rows = []
    for name in _ON_PATH:
        bound = bounds.get(name)
        words = {word: known[word] for word in bound.parameters}
        rows.append(tidy("measured", name, [steps], [float(bound.evaluate(**words))]))
    return pl.concat(rows)


def _quantities(steps: int, n: int, bandwidth: float) -> dict:
    cycle = cycles.full_synthetic(n=n)
    return kde_quantities(
        bandwidth=bandwidth, generation=steps, cycle=cycle, target=targets.normal()
    )


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8)
    left, right = axes[0]
    need, found = (frame.filter(pl.col("panel") == panel) for panel in ("required", "measured"))
    labels = {
        "kde-recursion": "errors added up (recursion)",
        "kde-sandwich": "variances added up (sandwich)",
        "kde-clt": "same, orders only (prediction)",
    }
    for series, label in labels.items():
        rows = need.filter(pl.col("series") == series)
        curve(left, rows, SERIES[series], marker="o", label=label)
        _write_slope(left, rows, SERIES[series].colour)
    for series in (*_ON_PATH, "measured"):
        look, here = SERIES[series], found.filter(pl.col("series") == series).sort("x")
        curve(right, here, look, label=labels.get(series, look.label))
    left.set(title="points that are enough", ylabel="points per generation $n$")
    right.set(title=r"with $n\propto N$ points", ylabel="TV of model $N$ to the real law")
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel="model $N$ of a full synthetic loop")
        plain_ticks(ax.xaxis, need["x"].unique().sort().to_list())
    plain_ticks(right.yaxis, (0.02, 0.05, 0.1, 0.2, 0.5))
    left.set_xlim(0.85 * need["x"].min(), 2.4 * need["x"].max())  # type: ignore[operator]
    legend_below(figure, axes[0], 3)
    return figure


def _write_slope(ax: Axes, rows: pl.DataFrame, colour: str) -> None:
    late = rows.sort("x")[min(2, len(rows) - 2) :]
    at = (rows["x"][-1], rows["y"][-1])
    text = f"slope {order(late):.2f}"
    ax.annotate(text, at, (4, 4), textcoords="offset points", fontsize=6.5, color=colour)


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    added, enough = (_slope(table, name) for name in ("kde-recursion", "kde-sandwich"))
    found = values(table, panel="measured", series="measured")
    recursion = values(table, panel="measured", series="kde-recursion")
    sandwich = ratios(table, "kde-sandwich", "measured", panel="measured")
    return (
        f"Kernel-density loops on full synthetic data, N(0, 1), one bandwidth for all generations."
        f" Left: points per generation that keep the mean TV of model N below {p.target_error:g} at"
        f" the best bandwidth. Adding errors up, in closed form, asks for N^{added:.2f}; the"
        f" certified sandwich, which adds variances, for N^{enough:.2f}. Right: with"
        f" {p.per_generation} N points and bandwidth 8.5 n^(-1/2) the measured TV of model N is"
        f" {range_of(found)}, within {factor(sandwich)} of the sandwich's upper side, while the"
        f" recursion {course(recursion)}. On the line a requirement above N is an"
        f" artefact of adding errors. Beyond the paper."
    )


def _slope(table: pl.DataFrame, series: str) -> float:
    rows = table.filter((pl.col("panel") == "required") & (pl.col("series") == series)).sort("x")
    return order(rows[min(2, len(rows) - 2) :])


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    added, enough = (_slope(table, name) for name in ("kde-recursion", "kde-sandwich"))
    found = range_of(values(table, panel="measured", series="measured"))
    return (
        f"Left, in logarithms, the required sample size grows with slope {added:.2f} if errors are"
        f" added and with slope {enough:.2f} if variances are. Right, measured TV is {found} up to"
        f" model {max(p.horizons)} if points grow with it, and the recursion"
        f" {course(values(table, panel='measured', series='kde-recursion'))}."
    )


FIGURE = FigureSpec(
    name="X3",
    title="Sample size: errors or variances added up",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("mean-recursion", "sandwich-above", "sandwich-below"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
