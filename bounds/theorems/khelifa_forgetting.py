r"""Mixing in real data forgets the past geometrically, and errors that persist keep it away.

.. math:: \chi^2(\tilde p_j \,\|\, p_0) = (1-a)^2 \chi^2(p_j \,\|\, p_0), \qquad
          \tilde p_j = a p_0 + (1-a) p_j,

.. math:: \limsup_j \chi^2(p_j \,\|\, p_0) \ge \frac{a\, \eta\, E_*}{16 (1 + (1-a)^2)},

if in the long run the squared score error does not fall below ``E_*`` and a share ``eta`` of it
shows in the generated law, :math:`\chi^2(p_{j+1} \| \tilde p_j) \ge \eta E_* / 8`.

Source: Khelifa et al., 2026. Derived: the first is the definition; the second
from :math:`a\,\chi^2(p_{j+1}\|\tilde p_j) \le 2\chi^2(p_{j+1}\|p_0) + 2(1-a)^2\chi^2(p_j\|p_0)`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.checks import Law, identity, over_laws
from bounds.cycles import DataCycle, FreshReal, FullSynthetic
from bounds.notation import E_star, a, chi2, eta
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._quantities import CHI_SQUARE, MIXED_CHI_SQUARE

__all__ = ["BOUNDS"]


def _has_a_real_share(cycle: DataCycle) -> bool:
    return isinstance(cycle, FreshReal | FullSynthetic)


_CYCLE = Hypothesis(
    "data cycle", "the data cycle is FreshReal, or FullSynthetic (share 0)", _has_a_real_share
)
_REFERENCE = "Khelifa et al., 2026 (arXiv 2602.16601)"
_KEYS = ("khelifa2026", "project")

_THIRD = Fraction(1, 3)
"""A share of real data for the exact cases."""


def _chi_square(q: Law, p: Law) -> Fraction:
    return sum(((v - u) ** 2 / u for v, u in zip(q, p, strict=True) if u), Fraction(0))


def _mixed(real: Law, model: Law) -> Law:
    return tuple(_THIRD * u + (1 - _THIRD) * v for u, v in zip(real, model, strict=True))


def _forgets(power: int) -> Callable[[Law, Law], bool]:
    def statement(real: Law, model: Law) -> bool:
        left = _chi_square(_mixed(real, model), real)
        return min(real) == 0 or left == (1 - _THIRD) ** power * _chi_square(model, real)

    return statement


def _is_fed(factor: Fraction, share: Fraction = _THIRD) -> Callable[[Law, Law, Law], bool]:
    """``share chi^2(p' | mixture) <= int (p' - mixture)^2 / p_0 <= factor (sum of two)``."""

    def statement(real: Law, model: Law, following: Law) -> bool:
        if min(real) == 0:
            return True
        mixture = _mixed(real, model)
        middle = sum(
            ((v - u) ** 2 / r for v, u, r in zip(following, mixture, real, strict=True)),
            Fraction(0),
        )
        total = factor * (_chi_square(following, real) + _chi_square(mixture, real))
        return share * _chi_square(following, mixture) <= middle <= total

    return statement


def _steps_of_forgetting() -> tuple[Step, ...]:
    return (
        Step(
            "The mixture differs from the real law by 1 - a times what the model does; square,"
            " divide by the real law, integrate.",
            r"\tilde p_j - p_0 = (1 - a)(p_j - p_0)",
            ("definition of chi-square", "data cycle"),
            over_laws(_forgets(2), _forgets(1), count=2),
        ),
    )


def _steps_of_floor() -> tuple[Step, ...]:
    value = _FLOOR.expression
    return (
        Step(
            "The mixture is at least a times the real law, and the square of a difference at most"
            " twice the sum of squares of its parts.",
            r"a \, \chi^2(p_{j+1} \,\|\, \tilde p_j) \le \int \frac{(p_{j+1} - \tilde p_j)^2}{p_0}"
            r" \le 2 \chi^2(p_{j+1} \,\|\, p_0) + 2 \chi^2(\tilde p_j \,\|\, p_0)",
            ("definition of chi-square", "data cycle"),
            over_laws(
                _is_fed(Fraction(2)),
                _is_fed(Fraction(3, 2)),
                _is_fed(Fraction(2), share=Fraction(1)),
                count=3,
            ),
        ),
        Step(
            "The last term is (1-a)^2 times that of the model, so with the floor of one step and"
            " the upper limit l this holds.",
            r"\frac{a \eta E_*}{8} \le 2 \bigl(1 + (1-a)^2\bigr) l",
            ("khelifa-forgetting", "error floor"),
        ),
        Step(
            "Solve for l.",
            value,
            check=identity(
                2 * (1 + (1 - a) ** 2) * value - a * eta * E_star / 8,
                2 * (1 + (1 - a)) * value - a * eta * E_star / 8,
            ),
        ),
    )


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
    proof=Proof(_steps_of_forgetting),
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
    proof=Proof(_steps_of_floor),
    tight=Tightness.NOT_TIGHT,
)

BOUNDS = (_FORGETTING, _FLOOR)
