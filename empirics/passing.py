"""The effect of a loop's operators on the real law, and how far they can take laws apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.grid import Grid
from empirics.operators import acts_on_laws
from empirics.running import on_grid_engine
from empirics.target_law import TargetLaw

__all__ = ["Terms", "terms_of"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Terms:
    r"""Terms of ``operator-recursion``, one for the samples of each model.

    Args:
        constants: :math:`\Lambda_k`; 1 where samples pass no operator.
        biases: :math:`\beta_k = \mathrm{TV}(T_k p_0, p_0)`; 0 there.
        errors: bounds on the numerical errors of the biases.
    """

    constants: Float[Array, "models"]
    biases: Float[Array, "models"]
    errors: Float[Array, "models"]


@lru_cache(maxsize=64)
def terms_of(experiment: Experiment) -> Terms:
    """The terms of a loop whose laws are on a grid; the laws of its operators, on that grid.

    Raises:
        InputError: there is no grid, an operator acts on points alone or has no certified constant.
    """
    if not experiment.on_grid:
        raise InputError("between: the bias of an operator is computed on a grid; there is none")
    target, grid = on_grid_engine(experiment).real_law
    used = [experiment.operator(k) for k in range(1, experiment.generations + 1)]
    known: dict[int, tuple[float, float, float]] = {}
    for operator in used:
        if id(operator) not in known:
            known[id(operator)] = _term(operator, target, grid)
    rows = np.array([known[id(operator)] for operator in used])
    return Terms(rows[:, 0], rows[:, 1], rows[:, 2])


def _term(operator: Any, target: TargetLaw, grid: Grid) -> tuple[float, float, float]:
    if operator is None:
        return 1.0, 0.0, 0.0
    if not acts_on_laws(operator):
        raise InputError(f"between = {operator!r}: acts on points alone, so its bias is not known")
    if not callable(getattr(operator, "constant", None)):
        raise InputError(f"between = {operator!r}: has no certified constant(real, space)")
    real = np.maximum(target.masses, 0.0)
    passed = operator.act(real[None], grid)
    tv = total_variation(passed, target, 1.0, grid)
    error = float(tv.error[0]) + target.mass_defect + target.unresolved
    return float(operator.constant(real, grid)), float(tv.value[0]), error
