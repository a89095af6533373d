"""X3: the sample size that adding errors up asks for, and the one that is enough."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import brentq

import bounds
from bounds import cycles
from bounds.kde import kde_quantities
from empirics import Experiment, Result, targets
from empirics.models import Kde, PowerRule
from paper_figures.curves import mean_with_limits
from paper_figures.diffusion import order
from paper_figures.spec import FigureSpec, tidy
from paper_figures.style import SERIES, curve, legend_below, panels, plain_ticks
from verify.scale import Scale

__all__ = ["FIGURE"]

_TARGET_ERROR = 0.05
_HORIZONS = (1, 2, 4, 8, 16, 32)
_PER_GENERATION = 1000
_RULE = PowerRule(8.5, exponent=0.5)
"""The best common bandwidth's order if n grows with the horizon: ``N^(-3/10) n^(-1/5)``."""
_WIDTHS = np.geomspace(0.9, 1.4, 5)
"""Tried, in multiples of the rule's; the sample size at any of them is enough."""
_WIDEST, _SPREAD = 0.25, 1.05
"""Bandwidths stay below, and so do the standard deviations of all laws at the sizes solved for."""
_ON_PATH = ("kde-recursion", "kde-sandwich", "kde-sandwich-lower")


def _experiments(scale: Scale) -> dict[str, Experiment]:
    return {
        str(steps): Experiment(
            target=targets.normal(),
            model=Kde(_RULE),
            cycle=cycles.full_synthetic(n=_PER_GENERATION * steps),
            generations=steps,
            replicates=400 if scale is Scale.PAPER else 64,
        )
        for steps in _HORIZONS
    }


def _constants() -> dict[str, float]:
    """Constants of ``c_b h^2 + c_s n^(-1/2) h^(-1/2)`` for all laws no wider than allowed.

    The noise bound times ``h^(1/2)`` grows with ``h`` and with the law's width.
    """
    line, h = {"dimension": 1}, _WIDEST
    bias = bounds.get("kde-bias-normal").evaluate(bandwidth=1, target_sd=1, **line)
    noise = bounds.get("kde-noise-normal").evaluate(n=1, bandwidth=h, target_sd=_SPREAD, **line)
    return {"bias_constant": float(bias), "noise_constant": float(noise) * h**0.5, **line}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    x, words = np.array(_HORIZONS), {"target_error": _TARGET_ERROR, **_constants()}
    added = bounds.get("sample-size-kde").evaluate(generation=x, smoothness=2, **words)
    spread = bounds.get("sample-size-kde-independent").evaluate(generation=x, **words)
    rows = [
        tidy("required", "kde-recursion", x, np.asarray(added)),
        tidy("required", "kde-clt", x, np.asarray(spread)),
        tidy("required", "kde-sandwich", x, [_enough(steps) for steps in _HORIZONS]),
    ]
    for steps, result in results.items():
        mean, low, high = (v[-1:] for v in mean_with_limits(result))
        rows.append(tidy("measured", "measured", [float(steps)], mean, low, high))
        rows.append(_bounds_at(int(steps)))
    return pl.concat(rows)


def _enough(steps: int) -> float:
    """Points per generation at which the sandwich's upper side is below the target error."""
    width = _RULE.bandwidth(_PER_GENERATION * steps, 1)
    return min(_enough_at(steps, width * factor) for factor in _WIDTHS)


def _enough_at(steps: int, bandwidth: float) -> float:
    bound = bounds.get("kde-sandwich")
    one = _quantities(steps, 1, bandwidth)

    def excess(log_n: float) -> float:
        # Every term of the variance is divided by n.
        given = {"bias": one["bias"], "cell": one["cell"]}
        variance = one["variance"] / np.exp(log_n)
        return float(bound.evaluate(variance=variance, **given)) - _TARGET_ERROR

    ends = (0.0, np.log(1e12))
    return float(np.exp(brentq(excess, *ends))) if excess(ends[1]) < 0 else np.inf


def _bounds_at(steps: int) -> pl.DataFrame:
    n = _PER_GENERATION * steps
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
    left.set(title=rf"points for TV below {_TARGET_ERROR}", ylabel="points per generation $n$")
    right.set(
        title=rf"with $n={_PER_GENERATION}\,N$ points", ylabel="TV of model $N$ to the real law"
    )
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel="model $N$ of a full synthetic loop")
        plain_ticks(ax.xaxis, _HORIZONS)
    plain_ticks(right.yaxis, (0.02, 0.05, 0.1, 0.2, 0.5))
    left.set_xlim(0.85, 75)
    legend_below(figure, axes[0], 3)
    return figure


def _write_slope(ax: Axes, rows: pl.DataFrame, colour: str) -> None:
    late = rows.filter(pl.col("x") >= _HORIZONS[2])
    at = (rows["x"][-1], rows["y"][-1])
    text = f"slope {order(late):.2f}"
    ax.annotate(text, at, (4, 4), textcoords="offset points", fontsize=6.5, color=colour)


FIGURE = FigureSpec(
    name="X3",
    title="Sample size: errors or variances added up",
    caption=(
        "Kernel-density loops on full synthetic data, N(0, 1), one bandwidth for all generations."
        " Left: points per generation that keep the mean TV of model N below 0.05 at the best"
        " bandwidth. Adding errors up, in closed form, asks for N^(5/2); the certified sandwich,"
        " which adds variances, for about N. Right: with 1000 N points and bandwidth"
        " 8.5 n^(-1/2) the measured TV of model N stays where it was, inside the sandwich, while"
        " the recursion grows. On the line a requirement above N is an artefact of adding errors."
        " Beyond the paper."
    ),
    alt=(
        "Left, in logarithms, the required sample size grows with slope 2.5 if errors are added and"
        " with slope about one if variances are. Right, measured TV is flat in the number of"
        " generations if points grow with it, and the recursion above it rises."
    ),
    paper=False,
    claims=("mean-recursion", "sandwich-above", "sandwich-below"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
