"""Laws as pictures: densities on the line over the generations, maps in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from drawing.canvas import in_look, legend_below, panels
from drawing.style import shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_laws"]

_MOST = 5
"""Generations that are shown."""
_REAL = "#000000"


@in_look
def draw_laws(laws: pl.DataFrame) -> Figure:
    """Kept laws of several generations beside the real one.

    On the line: the mean over the replicates and thin lines for each. In the plane: a map of the
    first replicate's density, with the real law's contours.

    Args:
        laws: columns ``replicate, generation, x[, y], density, real_density``.
    """
    chosen = _chosen(laws["generation"].max())  # type: ignore[arg-type]
    return _plane(laws, chosen) if "y" in laws.columns else _line(laws, chosen)


def _chosen(last: int) -> list[int]:
    """A few generations, spread evenly in logarithms."""
    return np.unique(np.geomspace(1, last, _MOST).round().astype(int)).tolist()


def _line(laws: pl.DataFrame, chosen: list[int]) -> Figure:
    figure, axes = panels(1, 1, ratio=0.45)
    ax = axes[0, 0]
    for i, generation in enumerate(chosen):
        colour = shade(0.85 * (1 - i / max(len(chosen) - 1, 1)))
        here = laws.filter(pl.col("generation") == generation)
        for _, one in here.group_by("replicate", maintain_order=True):
            ax.plot(one["x"], one["density"], color=colour, linewidth=0.4, alpha=0.35)
        mean = here.group_by("x", maintain_order=True).agg(pl.col("density").mean())
        ax.plot(mean["x"], mean["density"], color=colour, label=f"generation {generation}")
    real = laws.filter((pl.col("generation") == chosen[0]) & (pl.col("replicate") == 0))
    ax.plot(real["x"], real["real_density"], "--", color=_REAL, label="real law")
    ax.set(xlabel="$x$", ylabel="density", ylim=(0, None))
    ax.margins(x=0)
    legend_below(figure, [ax], 6)
    return figure


def _plane(laws: pl.DataFrame, chosen: list[int]) -> Figure:
    figure, axes = panels(1, 1 + len(chosen), ratio=1.0, sharex=True, sharey=True)
    first = laws.filter(pl.col("replicate") == 0)
    x, y = (first[name].unique().sort().to_numpy() for name in "xy")
    shape = (len(x), len(y))

    def values(generation: int, column: str) -> np.ndarray:
        here = first.filter(pl.col("generation") == generation)
        return here[column].to_numpy().reshape(shape).T

    real = values(chosen[0], "real_density")
    top = float(max(real.max(), *(values(i, "density").max() for i in chosen)))
    _map(axes[0, 0], x, y, real, top, "real law")
    for ax, generation in zip(axes[0, 1:], chosen, strict=True):
        _map(ax, x, y, values(generation, "density"), top, f"generation {generation}")
        ax.contour(x, y, real, 3, colors=_REAL, linewidths=0.4, alpha=0.6)
    axes[0, 0].set_ylabel("$y$")
    return figure


def _map(ax: Axes, x: np.ndarray, y: np.ndarray, z: np.ndarray, top: float, title: str) -> None:
    ax.pcolormesh(x, y, z, cmap="viridis", vmin=0, vmax=top, rasterized=True)
    ax.set(title=title, xlabel="$x$", aspect="equal")
    ax.grid(visible=False)
