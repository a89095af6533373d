"""The place of a curve's peak, with an interval from fits to blocks of replicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bounds import Side
from empirics.runs import Runs
from verify.claim import Loop, Measured
from verify.estimates import Estimate
from verify.statements.contrast import Contrast, ContrastStatement, covered, grouped

__all__ = ["PeakAt"]

Array = np.ndarray
_BLOCKS = 10
_OFF = 0.7
"""The scaled control puts the peak at less than a third of its place."""
_REACH = 2
"""Grid points on either side of the highest one that a parabola is fitted to."""


@dataclass(frozen=True)
class PeakAt(ContrastStatement):
    """The peak of mean TV in ``lambda`` lies within a factor of where the bound has its own.

    Runs are put in blocks; in every block a parabola in ``log lambda`` is fitted to ``log`` mean TV
    around the highest point, and the blocks' peaks are independent numbers with a mean.

    Args:
        predicted: the bound's peak at a loop of the group and a generation.
        factor: within which the prediction holds.
        generations: at which the curve is looked at.
    """

    predicted: Callable[[Loop, int], float | None]
    factor: float
    generations: tuple[int, ...]

    statistic = "lambda at which mean TV is largest"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """One per group and generation."""
        return [
            self._contrast(group, [m for m in loops if m.loop.x], j)
            for group, loops in grouped(measured).items()
            for j in covered(loops, self.generations)
        ]

    def _contrast(self, group: str, loops: Sequence[Measured], generation: int) -> Contrast:
        place = self.predicted(loops[0].loop, generation)
        assert place is not None, "the bound rises from generation 2 on"
        log_x = np.log([float(m.loop.x or 1.0) for m in loops])

        def estimate(runs: slice) -> Estimate:
            return _peak(log_x, [m.runs.only(runs) for m in loops], generation - 1)

        return Contrast(
            f"{group}: peak in {loops[0].loop.axis}",
            generation,
            estimate,
            float(np.log(place)),
            Side.PREDICTION,
            tolerance=float(np.log(self.factor)),
            logarithmic=True,
            off=_OFF,
        )


def _peak(log_x: Array, runs: Sequence[Runs], j: int) -> Estimate:
    overall = np.log([r.tv[:, j].mean() for r in runs])
    top = int(np.argmax(overall))
    window = slice(max(top - _REACH, 0), top + _REACH + 1)
    blocks = np.log([_block_means(r.tv[:, j]) for r in runs])
    peaks = np.array([_vertex(log_x[window], curve[window]) for curve in blocks.T])
    error = float(peaks.std(ddof=1) / np.sqrt(_BLOCKS))
    return Estimate(float(peaks.mean()), error, _BLOCKS - 1)


def _block_means(values: Array) -> Float[Array, "blocks"]:
    return np.array([part.mean() for part in np.array_split(values, _BLOCKS)])


def _vertex(x: Array, y: Array) -> float:
    """Top of the least-squares parabola, inside the window."""
    bend, slope, _ = np.polyfit(x - x.mean(), y, 2)
    if bend >= 0:
        return float(x[np.argmax(y)])
    return float(np.clip(x.mean() - slope / (2 * bend), x[0], x[-1]))
