"""X13: how a law drifts - densities by generation of loops trained on their own samples."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import legend_below, panels
from drawing.style import shade
from empirics import Experiment, Result, run
from empirics.models import Diffusion, PowerTime
from paper_figures.diffusion import loop
from paper_figures.spec import FigureSpec, no_experiments, tidy
from verify.settings import STANDARD, kde

__all__ = ["FIGURE"]

_N = 300
_SHOWN = (1, 3, 6, 12)
_RUNS, _SINGLE = 48, 6
_CYCLES = {
    "full synthetic": cycles.full_synthetic(n=_N),
    "fresh real share 30 %": cycles.fresh_real(n=_N, share=0.3),
}
_REAL = "real law"


def _loops() -> dict[str, Experiment]:
    model = Diffusion(width=64, training_time=PowerTime(0.5, 1.0))
    out = {}
    for name, cycle in _CYCLES.items():
        out[f"kernel density, {name}"] = kde(STANDARD, 0.55, cycle, _SHOWN[-1], _RUNS)
        out[f"diffusion, {name}"] = loop(cycle, model, _RUNS, _SHOWN[-1])
    return out


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    for panel, experiment in _loops().items():
        laws = run(experiment, keep_laws=_RUNS).laws
        assert laws is not None
        density = laws["density"].to_numpy().reshape(_RUNS, _SHOWN[-1], -1)
        x = laws["x"].to_numpy()[: density.shape[2]]
        real, x, density = laws["real_density"].to_numpy()[: len(x)], x[::2], density[..., ::2]
        rows.append(tidy(panel, _REAL, x, real[::2]))
        for j in _SHOWN:
            here = density[:, j - 1]
            rows.append(tidy(panel, f"mean {j}", x, here.mean(axis=0)))
            rows += [tidy(panel, f"run {j} {r}", x, here[r]) for r in range(_SINGLE)]
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 2, ratio=0.55, sharex=True, sharey=True)
    names = frame["panel"].unique(maintain_order=True)
    for ax, panel in zip(axes.T.flat, names, strict=True):
        _draw_one(ax, frame.filter(pl.col("panel") == panel))
        ax.set(title=panel, ylim=(0, 0.9))
        ax.margins(x=0)
    for ax in axes[-1]:
        ax.set_xlabel("$x$")
    for ax in axes[:, 0]:
        ax.set_ylabel("density")
    legend_below(figure, [axes[0, 0]], 5)
    return figure


def _draw_one(ax: Axes, frame: pl.DataFrame) -> None:
    for i, j in enumerate(_SHOWN):
        colour = shade(0.85 * (1 - i / (len(_SHOWN) - 1)))
        for series in frame["series"].unique(maintain_order=True):
            rows = frame.filter(pl.col("series") == series)
            if series.startswith(f"run {j} "):
                ax.plot(rows["x"], rows["y"], color=colour, linewidth=0.4, alpha=0.4)
            elif series == f"mean {j}":
                label = f"generation {j}"
                ax.plot(rows["x"], rows["y"], color=colour, linewidth=1.4, label=label, zorder=4)
    real = frame.filter(pl.col("series") == _REAL)
    ax.plot(real["x"], real["y"], "--", color="#000000", label=_REAL, zorder=5)


FIGURE = FigureSpec(
    name="X13",
    title="How a law drifts",
    caption=(
        "Densities by generation of loops trained on n = 300 points of their own samples,"
        " three-mode mixture: kernel density estimates (bandwidth 0.55 n^(-1/5)) above, diffusion"
        " models (64 random tanh features, tau = n/2) below; thick: mean over 48 runs, thin: six"
        " single runs of each generation. Without real data (left) the modes of kernel density"
        " loops melt, as each generation smooths once more; those of diffusion loops wander, each"
        " run its own way, so that single runs are further off than their mean. A fresh real share"
        " of 30 % (right) stops both."
    ),
    alt=(
        "Four panels of densities with three modes. On the left the curves of later, darker"
        " generations lose the modes of the dashed real law; on the right, with real data, all"
        " generations stay near the first."
    ),
    paper=False,
    claims=("diffusion-growth", "sandwich-below", "diffusion-clt"),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
