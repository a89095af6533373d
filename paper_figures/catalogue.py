"""All figures, in the order in which they are made.

Figures R show claims of the paper, figures X go beyond it. The paper's own figures were not at
hand: its claims are reproduced here, not its pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from empirics import InputError
from paper_figures import (
    ladder,
    r1_loop,
    r2_regimes,
    r3_sample_size,
    r4_phase_transition,
    r5_diffusion_loops,
    r6_training_time,
    r7_kde_loops,
    r8_kde_rate,
    x1_kde_phase_transition,
    x2_gaussian_mean,
    x3_independent_errors,
    x4_accumulation,
    x5_budget,
    x6_path_divergence,
    x7_worst_case,
    x8_calibration,
    x9_diffusion_phase_transition,
    x10_width,
    x11_sde_ode,
)
from paper_figures.spec import FigureSpec

__all__ = ["FIGURES", "select"]

_MODULES = (
    r1_loop,
    r2_regimes,
    r3_sample_size,
    r4_phase_transition,
    r5_diffusion_loops,
    r6_training_time,
    r7_kde_loops,
    r8_kde_rate,
    x1_kde_phase_transition,
    x2_gaussian_mean,
    x3_independent_errors,
    x4_accumulation,
    x5_budget,
    x6_path_divergence,
    x7_worst_case,
    x8_calibration,
    x9_diffusion_phase_transition,
    x10_width,
    x11_sde_ode,
    ladder,
)
FIGURES: dict[str, FigureSpec] = {m.FIGURE.name: m.FIGURE for m in _MODULES}


def select(names: Sequence[str]) -> list[FigureSpec]:
    """The figures of these names in any case, or all of them.

    Raises:
        InputError: a name is not a figure's.
    """
    known = {name.lower(): figure for name, figure in FIGURES.items()}
    for name in names:
        if name.lower() not in known:
            raise InputError(f"figure {name!r}: must be one of {', '.join(FIGURES)}")
    chosen = dict.fromkeys(name.lower() for name in names)
    return [known[name] for name in chosen] or list(FIGURES.values())
