"""Generated laws in the plane, with error estimates, and the scores that they are found from.

The SDE's law is found from solutions at three resolutions, the probability-flow ODE's from its
density on a lattice.

A network's score is smooth in space and in the graded clock, so its values at the nodes of a few
times determine it everywhere: by local polynomials in space, one axis after the other, and by one
polynomial in the clock. That costs a hundredth of evaluating the network at every face and step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log2

import numpy as np
from jaxtyping import Bool, Float
from scipy import fft, ndimage

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.fokker_planck import (
    FaceScores,
    Field,
    PlaneFokkerPlanck,
    SolvedLaw,
    widest,
)
from empirics.diffusion.plane_nodes import NodeGrids, coarser, doubled, interpolation, paired
from empirics.diffusion.probability_flow import flow_log_density
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Axis

__all__ = [
    "FaceTable",
    "NodeScores",
    "clipped",
    "law_of_field",
    "plane_extrapolated",
    "plane_flow_law",
    "rough",
    "scores_on_nodes",
    "solved",
    "solvers",
]

Array = np.ndarray
NodeScores = list[Float[Array, "models 2 _nodes _nodes"]]
_RESOLUTIONS = 3
_REMAINS = 1.2 / 15
"""Part of the difference of two extrapolations that the better one may be wrong by."""
_EDGE = 4
_FINEST = 0.2
"""Scale of features at ``stop``; while noise widens it to twice this, cells may be doubled."""
_MOST_DOUBLED = 2
_NEGLIGIBLE = 1e-9
"""Density, relative to the largest, below which the neighbourhood of a point is passed over."""
_EVERY = 4
_REMAINS_OF_FLOW = 1 / 4
"""Part of the difference from half as many steps; a fifteenth once they are short enough."""
_TOP = 0.75
"""Part of the band beyond which what is found tells the size of what lies outside."""


def scores_on_nodes(
    features: RandomFeatures, theta: Float[Array, "models 2 features"], grids: NodeGrids
) -> NodeScores:
    """``skip x + Theta phi`` of every model at the nodes of every time."""
    flat = np.ascontiguousarray(theta.reshape(-1, features.count).T)
    out = []
    for i, t in enumerate(grids.times.times):
        x, side = grids.points(i), grids.axes[i].cells
        values = [features.values(part, float(t)) @ flat for part in features.parts(x)]
        shaped = np.concatenate(values).T.reshape(len(theta), 2, side, side)
        out.append(shaped + features.preset.skip * x.T.reshape(2, side, side))
    return out


@dataclass(frozen=True, eq=False)
class FaceTable:
    """Interpolation from the nodes to the faces and steps of a solver."""

    solver: PlaneFokkerPlanck
    parts: tuple[_Part, ...]

    @classmethod
    def of(cls, solver: PlaneFokkerPlanck, grids: NodeGrids) -> FaceTable:
        """Tables for a solver."""
        levels, to_steps = np.array(solver.levels), grids.clock_weights(solver.midpoints)
        parts = (
            _Part.of(coarser(solver.axis, level), grids, to_steps[levels == level])
            for level in sorted(set(solver.levels))
        )
        return cls(solver, tuple(parts))

    def steps(self, scores: NodeScores, model: int) -> Callable[[int], FaceScores]:
        """Scores of one model for :meth:`PlaneFokkerPlanck.solve`."""
        parts = [part([values[model] for values in scores]) for part in self.parts]
        # Cells grow with time, so that the steps of a level follow each other.
        every = [pair for first, second in parts for pair in zip(first, second, strict=True)]
        return lambda i: every[i]


@dataclass(frozen=True, eq=False)
class _Part:
    """Interpolation to the steps that have the same cells."""

    to_faces: tuple[Float[Array, "inner _nodes"], ...]
    to_cells: tuple[Float[Array, "cells _nodes"], ...]
    to_steps: Float[Array, "steps times"]

    @classmethod
    def of(cls, axis: Axis, grids: NodeGrids, to_steps: Float[Array, "steps times"]) -> _Part:
        inner, centres = axis.edges[1:-1], axis.centres
        return cls(
            tuple(interpolation(inner, nodes) for nodes in grids.axes),
            tuple(interpolation(centres, nodes) for nodes in grids.axes),
            to_steps,
        )

    def __call__(
        self, values: list[Float[Array, "2 _nodes _nodes"]]
    ) -> tuple[Float[Array, "steps 1 inner cells"], Float[Array, "steps 1 cells inner"]]:
        first, second = [], []
        for v, F, C in zip(values, self.to_faces, self.to_cells, strict=True):
            first.append((F @ v[0] @ C.T).ravel())
            second.append((C @ v[1] @ F.T).ravel())
        inner, cells = len(self.to_faces[0]), len(self.to_cells[0])
        one, two = self.to_steps @ np.stack(first), self.to_steps @ np.stack(second)
        return one.reshape(-1, 1, inner, cells), two.reshape(-1, 1, cells, inner)


def solvers(process: OrnsteinUhlenbeck, axis: Axis, steps: int) -> list[PlaneFokkerPlanck]:
    """Solvers with cells and steps once, twice and four times as wide.

    Raises:
        InputError: cells are not a multiple of sixteen, or steps of four.
    """
    factor = 2 ** (_RESOLUTIONS - 1)
    if axis.cells % (factor * 2**_MOST_DOUBLED) or steps % factor:
        raise InputError(
            f"cells = {axis.cells}, steps = {steps}: must be multiples of"
            f" {factor * 2**_MOST_DOUBLED} and {factor}"
        )
    coarsest = _levels(process, steps // factor)
    return [
        PlaneFokkerPlanck(
            process, coarser(axis, i), tuple(np.repeat(coarsest, factor // 2**i).tolist())
        )
        for i in range(_RESOLUTIONS)
    ]


def _levels(process: OrnsteinUhlenbeck, steps: int) -> list[int]:
    """Number of times that cells are doubled in every step."""
    early = process.edges(steps)[:-1]
    scales = np.sqrt(process.variance(early) + (process.decay(early) * _FINEST) ** 2)
    return [min(_MOST_DOUBLED, int(log2(scale / scales[0]))) for scale in scales.tolist()]


def law_of_field(field: Field, process: OrnsteinUhlenbeck, axis: Axis, steps: int) -> SolvedLaw:
    """Law of the reverse SDE with any score, which is evaluated at every face and step.

    Args:
        field: the score, of points and a time.
        process: the forward process.
        axis: the finest cells, along both axes; their number a multiple of sixteen.
        steps: time steps of the finest resolution, a multiple of four.

    Raises:
        InputError: cells or steps do not suit, or the law is not finite.
    """
    three = solvers(process, axis, steps)
    return solved(three, [solver.at_faces(field) for solver in three])


def solved(three: list[PlaneFokkerPlanck], scores: list[Callable[[int], FaceScores]]) -> SolvedLaw:
    """Law from the three solvers and the scores at their faces.

    Raises:
        InputError: the law is not finite.
    """
    law = plane_extrapolated(
        *(solver.solve(score) for solver, score in zip(three, scores, strict=True))
    )
    if not np.isfinite(law.masses).all():
        raise InputError("score: has values that are not finite, or far too large to solve with")
    return law


def plane_extrapolated(
    fine: Float[Array, "batch cells cells"],
    middle: Float[Array, "batch half half"],
    coarse: Float[Array, "batch quarter quarter"],
) -> SolvedLaw:
    """Richardson extrapolation of the two finer solutions, and of the two coarser ones.

    The better extrapolation is of fourth order, so that its error is a fifteenth of the difference
    between them to leading order; a fifth is added for what is beyond, and masses that came out
    negative, which are set to zero.
    """
    signed, other = _extrapolated(fine, middle), _extrapolated(middle, coarse)
    away = paired(signed) - other
    error = _REMAINS * 0.5 * np.abs(away).sum(axis=(1, 2))
    return clipped(signed, error, _spread(away))


def _spread(differences: Float[Array, "batch half half"]) -> Float[Array, "batch cells cells"]:
    """Size per cell of what differs in cells twice as wide."""
    return np.repeat(np.repeat(widest(differences), 2, axis=1), 2, axis=2) / 4


def clipped(
    signed: Float[Array, "batch cells cells"],
    error: Float[Array, "batch"],
    doubt: Float[Array, "batch cells cells"],
) -> SolvedLaw:
    """The law with these masses, negative ones set to zero and the others scaled to the same sum.

    What was cut off goes to the error. A total other than one means that mass was lost, and in the
    outermost cells.
    """
    masses, whole = np.maximum(signed, 0.0), signed.sum(axis=(1, 2))
    at_edge = np.abs(whole - signed[:, _EDGE:-_EDGE, _EDGE:-_EDGE].sum(axis=(1, 2)))
    total = masses.sum(axis=(1, 2))
    masses *= (whole / total)[:, None, None]
    return SolvedLaw(masses, error + total - whole, np.abs(whole - 1) + at_edge, doubt)


def rough(
    three: list[PlaneFokkerPlanck], scores: list[Callable[[int], FaceScores]]
) -> Float[Array, "batch half half"]:
    """Extrapolation of the two coarser solutions alone, for comparing many networks."""
    middle, coarse = (solver.solve(s) for solver, s in zip(three[1:], scores, strict=True))
    return _extrapolated(middle, coarse)


def _extrapolated(fine: Array, coarse: Array) -> Array:
    return fine + (fine - doubled(coarse)) / 3


def plane_flow_law(
    features: RandomFeatures, theta: Float[Array, "2 features"], axis: Axis, steps: int
) -> SolvedLaw:
    """Masses of the cells, by change of variables at their centres.

    The density is continued between the centres as a band-limited function. Its error is
    estimated by the highest frequencies present, and by what half as many steps give.

    Args:
        features: of two coordinates.
        theta: output weights of one network.
        axis: cells along both axes, a multiple of four.
        steps: of Runge-Kutta, an even number.
    """
    density, sparse, cell = np.zeros((axis.cells, axis.cells)), _sparse(axis), axis.step**2
    fine, coarse = (_density(features, theta, axis, sparse, n) for n in (steps, steps // 2))
    density[sparse] = fine
    rest = _neighbourhood(density)
    density[rest] = _density(features, theta, axis, rest, steps)
    late, aliased = _REMAINS_OF_FLOW * np.abs(fine - coarse), np.abs(_aliased(density))
    error = 0.5 * cell * (_EVERY**2 * late.sum() + aliased.sum())
    in_time = np.zeros_like(density)
    in_time[sparse] = late
    doubt = widest(aliased[None]) + ndimage.maximum_filter(in_time, 2 * _EVERY + 1)
    return clipped(cell * _cell_means(density)[None], np.array([error]), cell * doubt)


def _sparse(axis: Axis) -> Bool[Array, "cells cells"]:
    """Every fourth cell along both axes."""
    chosen = np.arange(axis.cells) % _EVERY == _EVERY // 2
    return np.logical_and.outer(chosen, chosen)


def _neighbourhood(density: Float[Array, "cells cells"]) -> Bool[Array, "cells cells"]:
    """Cells without a value that are near one that matters."""
    seen = density > _NEGLIGIBLE * density.max()
    near = ndimage.maximum_filter(seen, 2 * _EVERY + 1)
    return near & (density == 0)


def _density(
    features: RandomFeatures, theta: Array, axis: Axis, chosen: Array, steps: int
) -> Float[Array, "points"]:
    """At the centres of the chosen cells."""
    points = axis.centres[np.argwhere(chosen)]
    logs = [flow_log_density(features, theta, part, steps) for part in features.parts(points)]
    return np.exp(np.concatenate(logs))


def _cell_means(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """Means over the cells of the band-limited function with these values at the centres."""
    box = np.sinc(fft.fftfreq(len(density)))
    spectrum = fft.rfft2(density) * box[:, None] * np.sinc(fft.rfftfreq(len(density)))
    return fft.irfft2(spectrum, s=density.shape)


def _aliased(density: Float[Array, "cells cells"]) -> Float[Array, "cells cells"]:
    """Size of what beyond the band is taken for something within it, were it no smaller there.

    A wave ``f`` of the lattice has the values of one at ``1 - f``, but another mean over a cell.
    """
    f = np.abs(fft.fftfreq(len(density)))
    weight = np.where(f > _TOP / 2, np.sinc(f) - np.sinc(1 - f), 0.0)
    both = np.maximum(weight[:, None], weight[: len(f) // 2 + 1])
    return fft.irfft2(fft.rfft2(density) * both, s=density.shape)
