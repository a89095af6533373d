"""X12: the ladder of bounds of a diffusion loop on one axis, down to the measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from drawing.canvas import legend_below, panels
from drawing.loops import curves, loop_axes
from drawing.style import SERIES
from empirics import Experiment, Result
from empirics.models import Diffusion, PowerTime
from empirics.targets import Target
from paper_figures.curves import measured
from paper_figures.diffusion import LOOKS, known_beforehand, loop, predicted, recorded
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import apart, law, percent, ratios, vacuous
from verify.settings import STANDARD

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Diffusion loops with gradient flow up to ``tau = time_share * n``."""

    n: Count = 1000
    generations: Generations = 12
    replicates: Replicates = 32
    share: Share = 0.3
    width: Count = 64
    time_share: Positive = 0.5
    target: Target = STANDARD


_QUICK, _PAPER = Parameters(), Parameters(replicates=256, width=128)

_GAMMA = 0.25
_SERIES = (
    "paper-form",
    "girsanov",
    "recursion",
    "explicit",
    "direct",
    "sharpest",
    "risk",
    "clt",
    "measured",
)


def _cases(p: Parameters) -> dict[str, tuple[str, dict[str, float], DataCycle]]:
    """The paper-form bound of each loop, its words, and the data cycle."""
    fresh = cycles.fresh_real(n=p.n, share=p.share)
    return {
        "full synthetic": ("full-synthetic", {}, cycles.full_synthetic(n=p.n)),
        f"fresh real share {percent(p.share)}": ("fresh-real", {"share": p.share}, fresh),
    }


def _experiments(p: Parameters) -> dict[str, Experiment]:
    model = Diffusion(width=p.width, training_time=PowerTime(p.time_share, 1.0))
    return {
        name: replace(
            loop(cycle, model, p.replicates, p.generations, p.target), record=("kl-from-real",)
        )
        for name, (*_, cycle) in _cases(p).items()
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for panel, result in results.items():
        name, words, cycle = _cases(p)[panel]
        x = np.arange(1, result.experiment.generations + 1)
        step = result.matrix("one_step_tv")
        words = {**words, "n": p.n, "gamma": _GAMMA, "constant": step.max() * p.n**_GAMMA}
        rate = np.asarray(bounds.get(name).evaluate(generation=x, **words))
        added = bounds.propagate(cycle, step).mean(axis=0)
        rows.append(tidy(panel, "paper-form", x, rate))
        rows.append(tidy(panel, "girsanov", x, result.matrix("tv_bound").mean(axis=0)))
        rows.append(tidy(panel, "recursion", x, np.minimum(added, 1.0)))
        rows.append(tidy(panel, "explicit", x[:1], [known_beforehand(result.experiment)]))
        rows.append(tidy(panel, "direct", x, recorded(result, "diffusion-direct")))
        rows.append(tidy(panel, "sharpest", x, recorded(result, "diffusion-sharpest")))
        rows.append(predicted(panel, "risk", "diffusion-risk-prediction", result.experiment))
        rows.append(predicted(panel, "clt", "diffusion-clt", result.experiment))
        rows.append(measured(panel, result))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.75, sharey=True)
    looks = {**LOOKS, "paper-form": SERIES["paper-form"]}
    for ax, panel in zip(axes.flat, frame["panel"].unique(maintain_order=True), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        curves(ax, here, {series: looks[series] for series in _SERIES})
        loop_axes(ax, frame, "" if ax is not axes[0, 0] else "TV to the real law")
        ax.set_title(panel)
    legend_below(figure, axes.flat, 3)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    last = table.filter(pl.col("x") == p.generations)
    return (
        f"Diffusion models with one hidden layer of {p.width} random features trained on their own"
        f" output ({law(p.target)}, n = {p.n}, gradient flow up to tau = {p.time_share:g} n): the"
        f" paper-form rate with the smallest constant that covers every measured one-step TV; the"
        f" bound that each model's score error under its training mixture proves, chained along the"
        f" data cycle; the recursion fed with measured one-step TV; for generation 1 the explicit"
        f" bound, known before a point is drawn; one Girsanov step from every model straight to the"
        f" real law, from recorded and from predicted score errors; the same less each score's own"
        f" error, which leaves the exact KL; linear response; the measured mean with its 95 %"
        f" interval. In generation"
        f" {p.generations} the chained bound is {apart(ratios(last, 'girsanov', 'measured'))} the"
        f" mean, the recursion {apart(ratios(last, 'recursion', 'measured'))}, the direct bound"
        f" {apart(ratios(last, 'direct', 'measured'))}; from the exact KL it is"
        f" {apart(ratios(table, 'sharpest', 'measured'))} the mean in all generations, which is"
        f" Pinsker's inequality alone."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    panel = next(iter(_cases(p)))
    return (
        f"Two panels over {p.generations} generations: with full synthetic data the chained bound"
        f" is {vacuous(table, 'girsanov', panel=panel)} and the paper-form rate"
        f" {vacuous(table, 'paper-form', panel=panel)}; the direct bound is"
        f" {apart(ratios(table, 'direct', 'measured'))} the measured mean TV, from the"
        f" exact KL {apart(ratios(table, 'sharpest', 'measured'))}."
    )


FIGURE = FigureSpec(
    name="X12",
    title="The ladder of bounds of a diffusion loop",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("diffusion-bounds", "diffusion-direct", "diffusion-clt", "explicit-bound"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
