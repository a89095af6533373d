r"""Mixing in real data forgets the past geometrically, and errors that persist keep it away.

.. math:: \chi^2(\tilde p_j \,\|\, p_0) = (1-a)^2 \chi^2(p_j \,\|\, p_0), \qquad
          \tilde p_j = a p_0 + (1-a) p_j,

.. math:: \limsup_j \chi^2(p_j \,\|\, p_0) \ge \frac{a\, \eta\, E_*}{16 (1 + (1-a)^2)},

if in the long run the squared score error does not fall below ``E_*`` and a share ``eta`` of it
shows in the generated law, :math:`\chi^2(p_{j+1} \| \tilde p_j) \ge \eta E_* / 8`.

Source: Khelifa et al., 2026 (theory notes, B5.6). Derived: the first is the definition; the second
from :math:`a\,\chi^2(p_{j+1}\|\tilde p_j) \le 2\chi^2(p_{j+1}\|p_0) + 2(1-a)^2\chi^2(p_j\|p_0)`.
"""

from __future__ import annotations

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.cycles import DataCycle, FreshReal, FullSynthetic
from bounds.notation import E_star, a, chi2, eta
from bounds.source import Evidence
from bounds.theorems._quantities import CHI_SQUARE, MIXED_CHI_SQUARE

__all__ = ["BOUNDS"]


def _has_a_real_share(cycle: DataCycle) -> bool:
    return isinstance(cycle, FreshReal | FullSynthetic)


_CYCLE = Hypothesis(
    "data cycle", "the data cycle is FreshReal, or FullSynthetic (share 0)", _has_a_real_share
)
_REFERENCE = "Khelifa et al., 2026 (arXiv 2602.16601)"
_KEYS = ("khelifa2026", "project")

_FORGETTING = Bound(
    name="khelifa-forgetting",
    title="Geometric forgetting",
    statement="Mixing a share of real data into a model's law shrinks its chi-square by (1 - a)^2.",
    expression=(1 - a) ** 2 * chi2,
    hypotheses=(_CYCLE,),
    source=Source(_REFERENCE, "geometric forgetting", Evidence.PROVED, keys=_KEYS),
    side=Side.EXACT,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    quantity=MIXED_CHI_SQUARE,
    tight=Tightness.TIGHT,
)

_FLOOR = Bound(
    name="khelifa-floor",
    title="Persistent errors keep data away",
    statement="If score errors persist, the chi-square to real data does not go to zero.",
    expression=a * eta * E_star / (16 * (1 + (1 - a) ** 2)),
    hypotheses=(
        _CYCLE,
        Hypothesis(
            "error floor",
            "in the long run chi^2(p_{j+1} || mixture_j) is at least eta E / 8, E the squared"
            " score error",
        ),
    ),
    source=Source(
        _REFERENCE,
        "lower bound under an error floor",
        Evidence.PROVED,
        "given the floor on one step",
        _KEYS,
    ),
    side=Side.LOWER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    quantity=CHI_SQUARE,
    tight=Tightness.NOT_TIGHT,
)

BOUNDS = (_FORGETTING, _FLOOR)
