r"""Resampling a discrete law with a share of real points: the exact mean squared error.

.. math:: \mathbb{E}\|p_j - p_0\|_2^2 = \frac{1-S}{n} \, \frac{1 - \rho^j}{1 - \rho}, \qquad
          \rho = (1-a)^2 \Bigl(1 - \frac1n\Bigr), \quad S = \|p_0\|_2^2,

and from it, over K symbols,

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac12 \sqrt{K\, \mathbb{E}\|p_j - p_0\|_2^2} .

One point of a fair coin attains it. For a small share the error is of order :math:`a^{-1/2}`, where
the recursion says :math:`a^{-1}`.

Derived: the proofs below, by the law of total variance; Cauchy and Schwarz for the second.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, exact, identity, induction, over_laws
from bounds.cycles import DataCycle, FreshReal, FullSynthetic
from bounds.functions import GeometricDepth
from bounds.hypotheses import ModelKind, known
from bounds.notation import K, S, a, j, n
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import FRESH, proved_here
from bounds.theorems._quantities import L2_ERROR
from bounds.worst_case import total_variation

__all__ = ["BOUNDS", "HYPOTHESES"]


def _has_a_real_share(cycle: DataCycle) -> bool:
    return isinstance(cycle, FreshReal | FullSynthetic)


_forgotten = 1 / n + (1 - 1 / n) * a * (2 - a)
_square = (1 - S) / n * GeometricDepth(_forgotten, j)

HYPOTHESES = (
    Hypothesis(
        "data cycle",
        "the data cycle is FreshReal, or FullSynthetic (share 0)",
        _has_a_real_share,
    ),
    FRESH,
    Hypothesis(
        "empirical measure",
        "the real law is discrete, a model has the frequencies of its n independent training"
        " points",
        loop=known(model=ModelKind.EMPIRICAL),
    ),
)

_REAL: Law = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
_SIZE = 2


def _resampled(law: Law, share: Fraction) -> dict[Law, Fraction]:
    """Every frequency vector of two points of the mixture, with its probability."""
    mixed = [share * r + (1 - share) * p for r, p in zip(_REAL, law, strict=True)]
    chances: dict[Law, Fraction] = {}
    for points in product(range(3), repeat=_SIZE):
        model = tuple(Fraction(points.count(x), _SIZE) for x in range(3))
        chance = mixed[points[0]] * mixed[points[1]]
        chances[model] = chances.get(model, Fraction(0)) + chance
    return chances


def _errors(share: Fraction) -> list[Fraction]:
    """The exact mean squared errors of generations 1 to 3."""
    laws: dict[Law, Fraction] = {_REAL: Fraction(1)}
    errors: list[Fraction] = []
    for _ in range(3):
        following: dict[Law, Fraction] = {}
        for law, chance in laws.items():
            for model, step in _resampled(law, share).items():
                following[model] = following.get(model, Fraction(0)) + chance * step
        laws = following
        errors.append(sum((c * _distance(law) for law, c in laws.items()), Fraction(0)))
    return errors


def _distance(law: Law) -> Fraction:
    return sum(((p - r) ** 2 for p, r in zip(law, _REAL, strict=True)), Fraction(0))


def _recursion_holds(power: int) -> bool:
    """Whether exact errors follow the recursion with (1 - a) to this power."""
    collision = sum(r**2 for r in _REAL)
    start = (1 - collision) / _SIZE
    for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
        errors = _errors(share)
        keep = (1 - share) ** power * (1 - Fraction(1, _SIZE))
        if errors != [start, keep * errors[0] + start, keep * errors[1] + start]:
            return False
    return True


def _steps_of_square() -> tuple[Step, ...]:
    q, S_0, V_0 = sp.symbols("q S V", positive=True)
    keep = (1 - a) ** 2 * (1 - 1 / n)
    return (
        Step(
            "Given the past, the frequencies of n independent points of q = a p_0 + (1-a) p_j have"
            " the mean q and variances that add up to (1 - ||q||^2)/n; and q is p_0 in the mean, as"
            " by induction every model is, so that ||q||^2 has the mean S + E||q - p_0||^2.",
            r"\mathbb{E}\|p_{j+1} - p_0\|^2 = \mathbb{E}\|q - p_0\|^2 +"
            r" \frac{1 - \mathbb{E}\|q\|^2}{n}",
            ("law of total variance", "empirical measure", FRESH.name),
            identity(
                V_0 + (1 - S_0 - V_0) / q - ((1 - 1 / q) * V_0 + (1 - S_0) / q),
                V_0 + (1 - S_0) / q - ((1 - 1 / q) * V_0 + (1 - S_0) / q),
            ),
        ),
        Step(
            "The real share leaves (1-a)^2 of the squared error of p_j: a recursion, which holds to"
            " the fraction in a loop of two points and three symbols.",
            r"V_{j+1} = (1-a)^2 \bigl(1 - \tfrac1n\bigr) V_j + \frac{1-S}{n}, \quad V_1 ="
            r" \frac{1-S}{n}",
            ("data cycle",),
            exact(_recursion_holds, 2, 1, cases="all runs of three generations, three shares"),
        ),
        Step(
            "The closed form solves it.",
            _square,
            check=induction(
                _square,
                lambda now, then: then - keep * now - (1 - S) / n,
                (1 - S) / n,
                (1 - S) / n * GeometricDepth(_forgotten, j + 1),
                (1 - S) / n * GeometricDepth(1 / n, j),
            ),
        ),
        Step(
            "What is forgotten per generation, as it stands in the formula.",
            r"1 - \rho = \frac1n + \Bigl(1 - \frac1n\Bigr) a (2 - a)",
            check=identity(1 - keep - _forgotten, 1 - keep - 1 / n - a * (2 - a)),
        ),
    )


def _fair_coin(factor: int) -> sp.Expr:
    """The bound of one fair coin toss minus its distance, which is 1/2 for certain."""
    at = {K: 2, S: sp.Rational(1, 2), n: 1, j: 1, a: 0}
    return sp.sqrt(factor * K * _square).subs(at).doit() / 2 - sp.Rational(1, 2)


def _steps_of_tv() -> tuple[Step, ...]:
    def bounded(factor: Fraction) -> Any:
        return lambda p, q: (
            4 * total_variation(p, q) ** 2
            <= factor * len(p) * sum((u - v) ** 2 for u, v in zip(p, q, strict=True))
        )

    return (
        Step(
            "Over K symbols the sum of K sizes is at most the root of K times the sum of squares;"
            " no model has a symbol that the real law lacks.",
            r"\mathrm{TV}(p, q) = \frac12 \sum |p - q| \le \frac12 \sqrt{K \|p - q\|^2}",
            ("Cauchy-Schwarz", "definition of total variation"),
            over_laws(bounded(Fraction(1)), bounded(Fraction(1, 2)), count=2),
        ),
        Step(
            "The mean of a root is at most the root of the mean, which is known.",
            _TV.expression,
            ("Jensen", "discrete-resampling", *(item.name for item in HYPOTHESES)),
        ),
        Step(
            "One point of a fair coin attains it: the distance is 1/2 for certain.",
            check=identity(lambda: _fair_coin(1), lambda: _fair_coin(2)),
        ),
    )


_SQUARE = Bound(
    name="discrete-resampling",
    title="Discrete resampling",
    statement="The mean squared distance of resampled frequencies to the real ones.",
    expression=_square,
    hypotheses=HYPOTHESES,
    source=proved_here("by the law of total variance"),
    side=Side.EXACT,
    statistic=Statistic.AVERAGE,
    constants=Constants.GIVEN,
    quantity=L2_ERROR,
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_square),
)

_TV = Bound(
    name="discrete-resampling-tv",
    title="Discrete resampling, TV",
    statement="The mean distance of resampled frequencies to real ones is at most this.",
    expression=sp.sqrt(K * _square) / 2,
    hypotheses=HYPOTHESES,
    source=proved_here("from discrete-resampling, by Cauchy and Schwarz"),
    side=Side.UPPER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_tv),
)

BOUNDS = (_SQUARE, _TV)
