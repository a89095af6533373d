r"""Constants of operators: how far each can take two laws apart, and where it is attained.

.. math:: \mathrm{TV}(T p, T q) \le \Lambda\, \mathrm{TV}(p, q)

for a channel (Dobrushin's coefficient), a tilt by a weight, a choice among K draws, the best share
by a score, a share that passes, and one operator after another.

Derived: the proofs below.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

import sympy as sp

from bounds import operators
from bounds.bound import Bound, Hypothesis, Tightness
from bounds.checks import Law, exact, over_laws
from bounds.notation import (
    D,
    K_c,
    Lambda,
    Lambda_1,
    Lambda_2,
    dobrushin,
    h_mean,
    h_sup,
    kept,
    u,
)
from bounds.proof import Proof, Step
from bounds.theorems._operators import BEFORE, UPPER, at_most, kept_top, mean_weight, tilted
from bounds.theorems._paper_form import proved_here
from bounds.worst_case import total_variation

__all__ = ["BOUNDS"]

_HALF, _THIRD = Fraction(1, 2), Fraction(1, 3)
_ROWS = ((_HALF, _HALF, Fraction(0)), (_THIRD,) * 3, (Fraction(0), _HALF, _HALF))
_DELTA = Fraction(1, 2)
"""Largest TV between two of these rows."""
_SHARES = (Fraction(1, 3), Fraction(2, 3), Fraction(1))
_DISTANCES = (Fraction(1, 4), Fraction(1, 3), Fraction(1))


def _channel(p: Law) -> Law:
    return tuple(
        sum((mass * row[y] for mass, row in zip(p, _ROWS, strict=False)), Fraction(0))
        for y in range(3)
    )


def _letter(x: int, count: int = 3) -> Law:
    return tuple(Fraction(int(i == x)) for i in range(count))


def _moved(distance: Fraction) -> tuple[Law, Law]:
    """A law with so much mass on the best of two letters, and one with none there."""
    return (distance, 1 - distance), _letter(1, 2)


def _steps_of_channel() -> tuple[Step, ...]:
    return (
        Step(
            "Take off the common part of p and q: what is left is D times two laws f and g.",
            r"p - q = D (f - g), \qquad D = \mathrm{TV}(p, q)",
            ("definition of total variation", BEFORE.name),
        ),
        Step(
            "Draw x from f and y from g; their images are no further apart than two rows of the"
            " kernel, and TV is convex in both laws.",
            r"\mathrm{TV}(K p, K q) = D\, \mathrm{TV}(K f, K g) \le D \int\int f(x) g(y)\,"
            r" \mathrm{TV}(K(x, \cdot), K(y, \cdot))\, dx\, dy \le \delta(K) D",
            ("convexity of TV", "channel"),
            at_most(_channel, lambda p, q: _DELTA, lambda p, q: _DELTA / 2),
        ),
        Step(
            "Two letters whose rows are furthest apart attain it.",
            r"p = \delta_x,\ q = \delta_y",
            check=exact(
                lambda c: total_variation(_channel(_letter(0)), _channel(_letter(2))) == c,
                _DELTA,
                2 * _DELTA,
                cases="a kernel on three letters",
            ),
        ),
    )


def _least_common(p: Law, q: Law, supremum: int) -> bool:
    """``int h min(p, q) >= M - D sup h``, ``M`` the larger mean."""
    common = mean_weight(tuple(map(min, p, q)))
    return common >= max(map(mean_weight, (p, q))) - supremum * total_variation(p, q)


def _tilt_attains(factor: Fraction) -> bool:
    """Mass that moves between two letters of weight one, a third letter having none."""
    p, q = (Fraction(0), _HALF, _HALF), (_HALF, Fraction(0), _HALF)
    passed = [
        tuple(m * h / sum(law[:2]) for m, h in zip(law, (1, 1, 0), strict=True)) for law in (p, q)
    ]
    return total_variation(*passed) == factor * total_variation(p, q)


def _steps_of_tilt() -> tuple[Step, ...]:
    return (
        Step(
            "Let M be the larger mean of the weight. Both tilted laws are at least the tilted"
            " common part, divided by M.",
            r"\min(T p, T q) \ge \frac{h \min(p, q)}{M}, \qquad M = \max(\mathbb{E}_p h,"
            r" \mathbb{E}_q h)",
            ("definition of total variation", BEFORE.name),
        ),
        Step(
            "What the law with the larger mean has beyond the common part is of mass D, with a"
            " weight of at most sup h.",
            r"\int h \min(p, q) \ge M - D \sup h",
            ("weight",),
            over_laws(
                lambda p, q: _least_common(p, q, 3), lambda p, q: _least_common(p, q, 2), count=2
            ),
        ),
        Step(
            "TV is one minus the mass of the smaller of both laws; with the real law for q, M is at"
            " least its mean.",
            _TILT.expression,
            ("definition of total variation",),
            at_most(
                tilted,
                lambda p, q: 3 / mean_weight(q),
                lambda p, q: 2 / mean_weight(q),
            ),
        ),
        Step(
            "It is attained where mass moves between letters of the largest weight: for the weights"
            " 1, 1, 0 and q = (1/2, 0, 1/2), p = (0, 1/2, 1/2) the tilted laws are disjoint.",
            r"\mathrm{TV}(T p, T q) = 1 = \frac{1}{1/2} \cdot \frac12",
            check=exact(_tilt_attains, Fraction(2), Fraction(1), cases="two laws on three letters"),
        ),
    )


def _best(p: Law, count: int) -> Law:
    """Best of some draws on letters, the first being the best."""
    below = [1 - sum(p[:i]) for i in range(len(p) + 1)]
    return tuple(below[i] ** count - below[i + 1] ** count for i in range(len(p)))


def _chosen(p: Law, count: int) -> Law:
    """A choice by Bradley and Terry among some draws, e^r being 1, 2, 3, ... on the letters."""
    out = [Fraction(0)] * len(p)
    for drawn in product(range(len(p)), repeat=count):
        chance, total = prod((p[x] for x in drawn), start=Fraction(1)), sum(x + 1 for x in drawn)
        for x in drawn:
            out[x] += chance * Fraction(x + 1, total)
    return tuple(out)


def _within(p: Law, q: Law, power: int) -> bool:
    most = 1 - (1 - total_variation(p, q)) ** power
    pairs = ((_best(p, 3), _best(q, 3)), (_chosen(p, 3), _chosen(q, 3)))
    return all(total_variation(*pair) <= most for pair in pairs)


def _steps_of_choice() -> tuple[Step, ...]:
    return (
        Step(
            "Pair the draws of p with those of q so that each pair differs with probability D. All"
            " pairs agree with probability (1 - D)^K.",
            r"\mathrm{TV}(p^{\otimes K}, q^{\otimes K}) \le 1 - (1 - D)^K",
            ("definition of total variation", BEFORE.name),
        ),
        Step(
            "A choice is a Markov kernel from K-tuples to points, whatever its rule.",
            _CHOICE.expression,
            ("contraction of TV", "choice by any rule"),
            over_laws(
                lambda p, q: _within(p, q, 3), lambda p, q: _within(p, q, 2), count=2, letters=2
            ),
        ),
        Step(
            "It is attained by the best of K where q has no mass on the best letter and p has D.",
            r"T p = 1 - (1 - D)^K,\ T q = 0 \text{ on that letter}",
            check=exact(
                lambda power: all(
                    total_variation(*(_best(law, 3) for law in _moved(d))) == 1 - (1 - d) ** power
                    for d in _DISTANCES
                ),
                3,
                2,
                cases="two letters, K = 3",
            ),
        ),
    )


def _steps_of_choice_constant() -> tuple[Step, ...]:
    return (
        Step(
            "Bernoulli's inequality: K draws differ with at most K times the probability of one; to"
            " first order in D they do, so that no smaller constant serves all laws.",
            K_c * D,
            ("choice", *(h.name for h in _CHOICE_HYPOTHESES)),
            exact(
                lambda factor: all(
                    operators.choice(d, count) <= factor * count * d
                    for d in (*_DISTANCES, Fraction(1, 1000))
                    for count in range(1, 9)
                ),
                Fraction(1),
                Fraction(9, 10),
                cases="D = 1/1000 .. 1, K = 1 .. 8",
            ),
        ),
    )


def _steps_of_keep_top() -> tuple[Step, ...]:
    share = _SHARES[0]
    return (
        Step(
            "Let a be the higher of the two thresholds. Where the score is above a both laws are"
            " kept; at a, in part. The smaller of both results is at least the common part of mass"
            " above a, divided by s.",
            r"\min(T p, T q) \ge \frac{\min(p, q) \mathbb{1}\{\text{kept by the stricter}\}}{s}",
            ("definition of total variation", "best share"),
        ),
        Step(
            "The law with the higher threshold has mass s there, of which at most D is not common.",
            kept - D,
            (BEFORE.name,),
        ),
        Step(
            "TV is one minus the mass of the smaller.",
            _KEEP_TOP.expression,
            ("definition of total variation",),
            at_most(lambda p: kept_top(p, share), lambda p, q: 1 / share, lambda p, q: Fraction(2)),
        ),
        Step(
            "It is attained where q has no mass on the best letter and p has D <= s.",
            r"T p = D / s,\ T q = 0 \text{ on that letter}",
            check=exact(
                lambda power: (
                    total_variation(*(kept_top(law, share) for law in _moved(_DISTANCES[0])))
                    == _DISTANCES[0] / share**power
                ),
                1,
                2,
                cases="two letters",
            ),
        ),
    )


def _in_part(p: Law, passed: Fraction) -> Law:
    best = kept_top(p, _SHARES[0])
    return tuple(passed * b + (1 - passed) * m for b, m in zip(best, p, strict=True))


def _steps_of_mixture() -> tuple[Step, ...]:
    passed, constant = Fraction(1, 4), 1 / _SHARES[0]
    factor = operators.mixture(passed, constant)
    return (
        Step(
            "TV is a norm of the difference: u times what the operator makes of it, and 1 - u times"
            " the difference itself.",
            _MIXTURE.expression,
            ("convexity of TV", "operator", BEFORE.name),
            at_most(lambda p: _in_part(p, passed), lambda p, q: factor, lambda p, q: Fraction(1)),
        ),
        Step(
            "The best share attains it, on the laws that attain its own constant: both parts move"
            " mass the same way.",
            check=exact(
                lambda value: (
                    total_variation(*(_in_part(law, passed) for law in _moved(_DISTANCES[0])))
                    == value * _DISTANCES[0]
                ),
                factor,
                constant,
                cases="two letters, a quarter of the samples",
            ),
        ),
    )


def _twice(p: Law) -> Law:
    return kept_top(kept_top(p, _SHARES[1]), Fraction(1, 2))


def _steps_of_composition() -> tuple[Step, ...]:
    factor = operators.composition(1 / _SHARES[1], Fraction(2))
    return (
        Step(
            "The second operator meets laws that the first has taken apart by its constant, at"
            " most.",
            _COMPOSITION.expression,
            ("operators", BEFORE.name),
            at_most(_twice, lambda p, q: factor, lambda p, q: Fraction(2)),
        ),
        Step(
            "Two selections by one score attain it.",
            check=exact(
                lambda value: (
                    total_variation(*(_twice(law) for law in _moved(_DISTANCES[0])))
                    == value * _DISTANCES[0]
                ),
                factor,
                Fraction(2),
                cases="two letters, the best two thirds and then the best half",
            ),
        ),
    )


_CHANNEL = Bound(
    name="channel-constant",
    title="Channel between generations",
    statement="A Markov kernel brings laws closer by its Dobrushin coefficient, at least.",
    expression=dobrushin * D,
    hypotheses=(BEFORE, Hypothesis("channel", "T is a Markov kernel, the same for all laws")),
    source=proved_here("by coupling", "Dobrushin's contraction"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_channel),
    **UPPER,
)
_TILT = Bound(
    name="tilt-constant",
    title="Tilt by a weight between generations",
    statement="Tilting a law and the real one takes them apart by sup h over the real mean of h.",
    expression=operators.tilt(h_sup, h_mean) * D,
    hypotheses=(
        BEFORE,
        Hypothesis(
            "weight",
            "Tp = p h / E_p h with 0 <= h <= sup h; the mean is that of the real law, or of either",
            where=sp.Le(h_mean, h_sup),
        ),
    ),
    source=proved_here("from the common part of two laws"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_tilt),
    **UPPER,
)
_CHOICE_HYPOTHESES = (
    BEFORE,
    Hypothesis(
        "choice by any rule", "Tp is the law of one of K independent draws of p, by any rule"
    ),
)
_CHOICE = Bound(
    name="choice",
    title="Choice among draws between generations",
    statement="One of K draws is from another law with at most the chance that one of them is.",
    expression=operators.choice(D, K_c),
    hypotheses=_CHOICE_HYPOTHESES,
    source=proved_here("by coupling and data processing"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_choice),
    **UPPER,
)
_CHOICE_CONSTANT = Bound(
    name="choice-constant",
    title="Choice among draws between generations, linear",
    statement="A choice among K draws takes laws apart by K, at most.",
    expression=operators.choice_linear(K_c) * D,
    hypotheses=_CHOICE_HYPOTHESES,
    source=proved_here("from choice"),
    tight=Tightness.NOT_TIGHT,
    proof=Proof(_steps_of_choice_constant),
    **UPPER,
)
_KEEP_TOP = Bound(
    name="keep-top-constant",
    title="Best share between generations",
    statement="Keeping the best share s of two laws takes them apart by 1/s, at most.",
    expression=operators.keep_top(kept) * D,
    hypotheses=(
        BEFORE,
        Hypothesis("best share", "Tp is p restricted to its own best share s by a fixed score"),
    ),
    source=proved_here("from the common part of two laws"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_keep_top),
    **UPPER,
)
_MIXTURE = Bound(
    name="mixture-constant",
    title="A share of the samples passes an operator",
    statement="If a share u passes an operator of constant Lambda, the constant is between 1 and"
    " that.",
    expression=operators.mixture(u, Lambda) * D,
    hypotheses=(
        BEFORE,
        Hypothesis("operator", "T has the constant Lambda; each sample passes with probability u"),
    ),
    source=proved_here("by convexity"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_mixture),
    **UPPER,
)
_COMPOSITION = Bound(
    name="composition-constant",
    title="One operator after another",
    statement="Constants multiply.",
    expression=operators.composition(Lambda_1, Lambda_2) * D,
    hypotheses=(
        BEFORE,
        Hypothesis(
            "operators",
            "both have their constants, the second at what the first makes of the real law",
        ),
    ),
    source=proved_here("step by step"),
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_composition),
    **UPPER,
)

BOUNDS = (_CHANNEL, _TILT, _CHOICE, _CHOICE_CONSTANT, _KEEP_TOP, _MIXTURE, _COMPOSITION)
