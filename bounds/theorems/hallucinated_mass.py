r"""Mass of a model where real data is scarce: at most its TV more than the real law has there.

.. math:: p_j\{x : p_0(x) < \ell\} \le \mathrm{TV}(p_j, p_0) + h_0, \qquad
          h_0 = p_0\{x : p_0(x) < \ell\},

for every level :math:`\ell`, run by run and for any law. Attained where all that a model is off by
is mass moved into that set.

Derived: the proof below. Aithal et al. (NeurIPS 2024) call such mass between the modes of the data
hallucination by mode interpolation.
"""

from __future__ import annotations

from fractions import Fraction

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, over_laws
from bounds.notation import D_j, h_0
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import HALLUCINATED
from bounds.worst_case import total_variation

__all__ = ["BOUND"]

_LEVELS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))


def _moved(p: Law, q: Law) -> list[Fraction]:
    """Excess of a model over the real law where that is below each level."""
    rare = [[i for i, mass in enumerate(p) if mass < level] for level in _LEVELS]
    return [sum((q[i] - p[i] for i in letters), Fraction(0)) for letters in rare]


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            "Of one set, that where the real density is below the level, two laws can differ by no"
            " more than their total variation.",
            BOUND.expression,
            ("definition of total variation", "level set"),
            over_laws(
                lambda p, q: all(more <= total_variation(p, q) for more in _moved(p, q)),
                lambda p, q: all(more <= total_variation(p, q) / 2 for more in _moved(p, q)),
                lambda p, q: all(more <= 0 for more in _moved(p, q)),
                count=2,
            ),
        ),
        Step("Mass moved from outside the set into it, and no other, attains it."),
    )


BOUND = Bound(
    name="hallucinated-mass",
    title="Mass where real data is scarce",
    statement=(
        "A model's mass where the real density is below a level is at most its distance to the real"
        " law plus that law's own mass there."
    ),
    expression=D_j + h_0,
    hypotheses=(
        Hypothesis(
            "level set",
            "h_0 is the real law's mass of the points where its density is below the level, and the"
            " same points are looked at for every model",
        ),
    ),
    source=proved_here("from the definition of total variation", "", "aithal2024"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    quantity=HALLUCINATED,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
)
