r"""Scores of many networks in the plane: on nodes, and from there at the faces of a solver.

A network's score is smooth in space and in the graded clock, so its values at the nodes of a few
times determine it everywhere: by local polynomials in space, one axis after the other, and by one
polynomial in the clock. That costs a hundredth of evaluating the network at every face and step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.plane_fokker_planck import FaceScores, PlaneFokkerPlanck
from empirics.diffusion.plane_nodes import NodeGrids, coarser, interpolation
from empirics.grid import Axis

__all__ = ["FaceTable", "scores_on_nodes"]

Array = np.ndarray
NodeScores = list[Float[Array, "models 2 _nodes _nodes"]]


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
