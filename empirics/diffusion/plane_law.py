"""The generated law in the plane from solutions at three resolutions, with an error estimate."""

from __future__ import annotations

from collections.abc import Callable
from math import log2

import numpy as np
from jaxtyping import Float

from empirics.diffusion.fokker_planck import SolvedLaw, widest
from empirics.diffusion.plane_fokker_planck import FaceScores, Field, PlaneFokkerPlanck
from empirics.diffusion.plane_refining import coarser, doubled, paired
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Axis

__all__ = ["clipped", "law_of_field", "plane_extrapolated", "rough", "solved", "solvers"]

Array = np.ndarray
_RESOLUTIONS = 3
_REMAINS = 1.2 / 15
"""Part of the difference of two extrapolations that the better one may be wrong by."""
_EDGE = 4
_FINEST = 0.2
"""Scale of features at ``stop``; while noise widens it to twice this, cells may be doubled."""
_MOST_DOUBLED = 2


def solvers(
    process: OrnsteinUhlenbeck, axis: Axis, steps: int
) -> tuple[PlaneFokkerPlanck, PlaneFokkerPlanck, PlaneFokkerPlanck]:
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
    one, two, three = (
        PlaneFokkerPlanck(
            process, coarser(axis, i), tuple(np.repeat(coarsest, factor // 2**i).tolist())
        )
        for i in range(_RESOLUTIONS)
    )
    return one, two, three


def _levels(process: OrnsteinUhlenbeck, steps: int) -> list[int]:
    """How often cells are doubled in every step."""
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


def solved(
    three: tuple[PlaneFokkerPlanck, PlaneFokkerPlanck, PlaneFokkerPlanck],
    scores: list[Callable[[int], FaceScores]],
) -> SolvedLaw:
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
    three: tuple[PlaneFokkerPlanck, PlaneFokkerPlanck, PlaneFokkerPlanck],
    scores: list[Callable[[int], FaceScores]],
) -> Float[Array, "batch half half"]:
    """Extrapolation of the two coarser solutions alone, for comparing many networks."""
    middle, coarse = (solver.solve(s) for solver, s in zip(three[1:], scores, strict=True))
    return _extrapolated(middle, coarse)


def _extrapolated(fine: Array, coarse: Array) -> Array:
    return fine + (fine - doubled(coarse)) / 3
