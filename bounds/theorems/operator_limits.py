r"""Loops with operators and infinitely many points: what they converge to, exactly.

Tilting by :math:`e^r` ends at the real law on the best reward (Gibbs); selection moves a normal
trait by the breeder's equation; biased sampling loses variance geometrically; a channel forgets.

Derived: the proofs below. Sources: Ferbach et al. 2024 (curation), Alemohammad et al. 2023 (MAD).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, exact, identity, induction, over_laws
from bounds.cycles import FreshReal, FullSynthetic
from bounds.notation import (
    D,
    K_c,
    R_mean,
    R_sup,
    R_var,
    a,
    dobrushin,
    ell,
    i_s,
    j,
    k,
    kappa_s,
    q_0,
    r_gap,
    retention,
)
from bounds.proof import Proof, Step
from bounds.statement import Evidence, Source
from bounds.theorems._paper_form import of_cycle, proved_here
from bounds.theorems._quantities import (
    REWARD,
    STATIONARY_TV,
    TRAIT_MEAN,
    TRAIT_VARIANCE,
    UNCHOSEN_TV,
)

__all__ = ["BOUNDS", "selection"]


def selection(*, kept_share: Any) -> dict[str, Any]:
    r"""Mean and variance of the best share of a standard normal law.

    .. math:: i = \phi(z)/s, \qquad \kappa = 1 - i(i - z), \qquad z = \Phi^{-1}(1 - s)

    Args:
        kept_share: s in (0, 1].
    """
    # The theory starts without scipy, which takes a second to import.
    from scipy.stats import norm

    share = np.asarray(kept_share, dtype=float)
    z = norm.isf(share)
    intensity = norm.pdf(z) / share
    with np.errstate(invalid="ignore"):
        variance = np.where(share < 1, 1 - intensity * (intensity - z), 1.0)
    return {"selection_intensity": intensity, "selection_variance": variance}


_INFINITE = Hypothesis(
    "infinitely many points", "every model is what its training law gives, without sampling error"
)
_FULL = of_cycle(FullSynthetic)
_EXACT: dict[str, Any] = {
    "side": Side.EXACT,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "tight": Tightness.TIGHT,
    "between": True,
}


def _curated(p: Law, surplus: Fraction) -> bool:
    """``E_{Tp} u >= E_p u + surplus Var_p(u) / sup u`` for ``u = 1, 2, 4`` on the letters."""
    values = tuple(Fraction(2**x) for x in range(len(p)))
    mean = sum(m * v for m, v in zip(p, values, strict=True))
    variance = sum(m * v**2 for m, v in zip(p, values, strict=True)) - mean**2
    chosen = Fraction(0)
    for drawn in product(range(len(p)), repeat=3):
        seen = [values[x] for x in drawn]
        chosen += (
            prod((p[x] for x in drawn), start=Fraction(1)) * sum(v**2 for v in seen) / sum(seen)
        )
    return chosen >= mean + surplus * variance / max(values)


_U = sp.symbols("u_1:5", positive=True)


def _spread(total: Any, part: sp.Expr) -> sp.Expr:
    """``sum u^2 / sum u - mean - (sum u^2 - part) / sum u``."""
    squares = sum(v**2 for v in _U)
    return sp.together(squares / total - total / 4 - (squares - part) / total)


def _steps_of_curation() -> tuple[Step, ...]:
    total = sum(_U)
    return (
        Step(
            "Given the K draws, u = e^r of the chosen one has the mean sum u^2 / sum u: the plain"
            " mean plus the spread of the draws over their sum.",
            r"\frac{\sum u_i^2}{\sum u_i} = \bar u + \frac{\sum (u_i - \bar u)^2}{\sum u_i}",
            ("curation",),
            identity(lambda: _spread(total, total**2 / 4), lambda: _spread(total, total**2 / 3)),
        ),
        Step(
            "The sum is at most K sup u, and the spread has the mean (K - 1) Var u.",
            _CURATION.expression,
            check=over_laws(
                lambda p: _curated(p, Fraction(2, 3)),
                lambda p: _curated(p, Fraction(1)),
                lambda p: _curated(p, Fraction(3, 2)),
                count=1,
            ),
        ),
    )


def _weighted(p: Law, steps: int) -> list[Fraction]:
    """``p 2^(-steps x)`` on letters ``x``, the first being the best."""
    return [m * Fraction(1, 2 ** (steps * min(x, 1))) for x, m in enumerate(p)]


def _left(p: Law, steps: int, power: int) -> bool:
    """Mass beside the best letter after so many tilts by the weight 1, 1/2, 1/2."""
    law, best = p, p[0]
    for _ in range(steps):
        weights = _weighted(law, 1)
        if not sum(weights):
            return True
        law = tuple(w / sum(weights) for w in weights)
    rest = (1 - best) * Fraction(1, 2**power)
    return not best or 1 - law[0] == rest / (best + rest)


def _steps_of_gibbs() -> tuple[Step, ...]:
    return (
        Step(
            "Without sampling error every generation multiplies by e^r and normalises.",
            r"p_j \propto p_0\, e^{(j-1) r}",
            ("data cycle", _INFINITE.name, "tilt"),
            over_laws(lambda p: _left(p, 3, 3), lambda p: _left(p, 3, 2), count=1),
        ),
        Step(
            "On the best reward p_j is a multiple of p_0, so its TV to p_0 there is the mass that"
            " it has elsewhere, where each weight is at most e^{-(j-1) gap} of the best.",
            _GIBBS.expression,
            ("definition of total variation", "gap"),
        ),
        Step("Two levels of reward attain it."),
    )


def _variance_step(now: sp.Expr, following: sp.Expr) -> sp.Expr:
    return following - kappa_s * now


def _steps_of_breeder_variance() -> tuple[Step, ...]:
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / 2)
    return (
        Step(
            "The best share of a standard normal law has mean i and variance 1 - i (i - z):"
            " integrate by parts above the threshold.",
            r"\int_z^\infty x\,\phi = \phi(z), \qquad \int_z^\infty x^2 \phi = z\,\phi(z) +"
            r" \int_z^\infty \phi",
            ("trait",),
            identity(
                [
                    sp.diff(-density, x) - x * density,
                    sp.diff(-x * density, x) - (x**2 - 1) * density,
                ],
                [sp.diff(-x * density, x) - (x**2 - 2) * density],
            ),
        ),
        Step(
            "A normal law refitted to it has that variance, in units of the one before.",
            _BREEDER_VARIANCE.expression,
            ("data cycle", _INFINITE.name),
            induction(
                _BREEDER_VARIANCE.expression, _variance_step, 1, kappa_s**j, kappa_s ** (2 * j - 2)
            ),
        ),
    )


def _steps_of_breeder() -> tuple[Step, ...]:
    value = i_s * (1 - kappa_s ** ((j - 1) / 2)) / (1 - sp.sqrt(kappa_s))
    return (
        Step(
            "Every generation moves the mean by i standard deviations of its own, the breeder's"
            " equation.",
            r"\mu_{j+1} - \mu_j = i\, \sigma_j, \qquad \sigma_j = \kappa^{(j-1)/2} \sigma_0",
            ("breeder-variance", "data cycle", _INFINITE.name, "trait"),
        ),
        Step(
            "A geometric sum, which stays below i / (1 - sqrt kappa).",
            _BREEDER.expression,
            check=induction(
                value,
                lambda now, following: following - now - i_s * kappa_s ** ((j - 1) / 2),
                0,
                value * 2,
                i_s * (1 - kappa_s ** (j / 2)) / (1 - sp.sqrt(kappa_s)),
            ),
        ),
    )


def _steps_of_mad() -> tuple[Step, ...]:
    return (
        Step(
            "What is sampled from a model has ell times its variance, and the unbiased estimate"
            " of a variance from any number of points has that for its mean.",
            r"\mathbb{E}[\sigma_{j+1}^2 \mid p_j] = \ell\, \sigma_j^2",
            ("data cycle", "biased sampling"),
        ),
        Step(
            "Take means, generation by generation.",
            _MAD.expression,
            check=induction(
                _MAD.expression, lambda now, then: then - ell * now, 1, ell**j, ell ** (2 * j - 2)
            ),
        ),
    )


_lost = (1 - a) * ell
_v = retention
"""The number (1 - a) ell of the proof."""


def _fresh_variance(power: Any) -> sp.Expr:
    return _v**power + a * (1 - _v**power) / (1 - _v)


def _steps_of_mad_fresh() -> tuple[Step, ...]:
    return (
        Step(
            "The training law is a mixture of two laws of one mean; variances are averaged.",
            r"\sigma_{j+1}^2 = a\, \sigma_0^2 + (1 - a)\, \ell\, \sigma_j^2",
            ("data cycle", _INFINITE.name, "biased sampling"),
        ),
        Step(
            "A geometric sum solves it, for v = (1 - a) ell; where that is one, a (j - 1) is added"
            " to 1.",
            _fresh_variance(j - 1),
            check=induction(
                _fresh_variance(j - 1),
                lambda now, then: then - a - _v * now,
                1,
                _fresh_variance(j),
                2 * _fresh_variance(j - 1) - 1,
            ),
        ),
    )


def _steps_of_decay() -> tuple[Step, ...]:
    return (
        Step(
            "The stationary law stays, and every generation is brought closer to it.",
            r"\mathrm{TV}(p_0 K^{j-1}, \pi) = \mathrm{TV}(p_0 K^{j-1}, \pi K^{j-1}) \le"
            r" \delta(K)^{j-1} \mathrm{TV}(p_0, \pi)",
            ("channel-constant", "data cycle", _INFINITE.name, "stationary"),
        ),
        Step(
            "Two letters attain it: the second eigenvalue of a symmetric kernel that flips with"
            " probability f is 1 - 2 f, which is its coefficient for f <= 1/2.",
            check=exact(
                lambda rate: all(
                    _flipped(steps) == rate**steps * Fraction(1, 2) for steps in range(6)
                ),
                Fraction(1, 2),
                Fraction(3, 4),
                cases="two letters, f = 1/4",
            ),
        ),
    )


def _flipped(steps: int) -> Fraction:
    """TV of the first letter's law to the even one after flips with probability 1/4."""
    first = Fraction(1)
    for _ in range(steps):
        first = first * Fraction(3, 4) + (1 - first) * Fraction(1, 4)
    return abs(first - Fraction(1, 2))


_CURATION = Bound(
    name="curation-reward",
    title="Curation raises the reward",
    statement=(
        "A choice among K draws by Bradley and Terry's odds e^r raises the mean of e^r by at least"
        " (K - 1)/K of its variance over its supremum."
    ),
    expression=R_mean + (K_c - 1) / K_c * R_var / R_sup,
    hypotheses=(
        Hypothesis(
            "curation",
            "one of K independent draws is chosen with odds u = e^r, 0 < u <= sup u",
            where=sp.Le(R_mean, R_sup),
        ),
    ),
    source=Source(
        "Ferbach et al., NeurIPS 2024",
        "the form of Lemma 2.2",
        Evidence.PROVED,
        "proved here",
        ("ferbach2024", "project"),
    ),
    side=Side.LOWER,
    statistic=Statistic.EVERY_LOOP,
    constants=Constants.GIVEN,
    quantity=REWARD,
    tight=Tightness.NOT_TIGHT,
    between=True,
    proof=Proof(_steps_of_curation),
)
_odds = (1 - q_0) * sp.exp(-(j - 1) * r_gap)
_GIBBS = Bound(
    name="gibbs-limit",
    title="Tilted again and again",
    statement=(
        "Tilting by e^r in every generation ends at the real law on the best reward; the mass"
        " elsewhere falls geometrically."
    ),
    expression=_odds / (q_0 + _odds),
    hypotheses=(
        _FULL,
        _INFINITE,
        Hypothesis("tilt", "samples pass the tilt by e^r, the same in every generation"),
        Hypothesis(
            "gap",
            "real mass q_0 has the largest reward, all other a reward lower by the gap or more",
        ),
    ),
    source=proved_here("by induction", "the limit of Ferbach et al., 2024", "ferbach2024"),
    quantity=UNCHOSEN_TV,
    proof=Proof(_steps_of_gibbs),
    **_EXACT | {"side": Side.UPPER},
)
_TRAIT = Hypothesis(
    "trait", "models are normal laws; the best share s of the samples by the trait is kept"
)
_BREEDER_VARIANCE = Bound(
    name="breeder-variance",
    title="Variance under truncation selection",
    statement="Keeping the best share of a normal trait shrinks its variance geometrically.",
    expression=kappa_s ** (j - 1),
    hypotheses=(_FULL, _INFINITE, _TRAIT),
    source=proved_here("by partial integration"),
    quantity=TRAIT_VARIANCE,
    quantities=selection,
    proof=Proof(_steps_of_breeder_variance),
    **_EXACT,
)
_BREEDER = Bound(
    name="breeder",
    title="Breeder's equation",
    statement="Keeping the best share of a normal trait moves its mean by i standard deviations.",
    expression=i_s * sp.Sum(kappa_s ** ((k - 1) / 2), (k, 1, j - 1)),
    hypotheses=(_FULL, _INFINITE, _TRAIT),
    source=proved_here("from breeder-variance"),
    quantity=TRAIT_MEAN,
    quantities=selection,
    proof=Proof(_steps_of_breeder),
    **_EXACT,
)
_BIASED = Hypothesis(
    "biased sampling",
    "models are normal fits, whose samples are moved to the model's mean by x -> m + sqrt(ell)"
    " (x - m)",
)
_MAD_KEYS = ("alemohammad2024", "project")
_MAD = Bound(
    name="mad-variance",
    title="Variance under biased sampling, full synthetic",
    statement="The mean variance of normal fits to biased samples is a power of the bias.",
    expression=ell ** (j - 1),
    hypotheses=(_FULL, _BIASED),
    source=Source(
        "Alemohammad et al., ICLR 2024", "full synthetic loop", Evidence.PROVED, "", _MAD_KEYS
    ),
    quantity=TRAIT_VARIANCE,
    proof=Proof(_steps_of_mad),
    **_EXACT | {"statistic": Statistic.AVERAGE},
)
_MAD_FRESH = Bound(
    name="mad-variance-fresh",
    title="Variance under biased sampling, fresh real share",
    statement="A fresh real share keeps the variance from vanishing under a sampling bias.",
    expression=_lost ** (j - 1) + a * sp.Sum(_lost ** (k - 1), (k, 1, j - 1)),
    hypotheses=(of_cycle(FreshReal), _INFINITE, _BIASED),
    source=Source(
        "Alemohammad et al., ICLR 2024", "fresh data loop", Evidence.PROVED, "", _MAD_KEYS
    ),
    quantity=TRAIT_VARIANCE,
    proof=Proof(_steps_of_mad_fresh),
    **_EXACT,
)
_DECAY = Bound(
    name="dobrushin-decay",
    title="A channel forgets the real law",
    statement="Past a channel in every generation, models approach its stationary law.",
    expression=dobrushin ** (j - 1) * D,
    hypotheses=(
        _FULL,
        _INFINITE,
        Hypothesis("stationary", "pi K = pi, and D is TV between the real law and pi"),
    ),
    source=proved_here("from channel-constant"),
    quantity=STATIONARY_TV,
    proof=Proof(_steps_of_decay),
    **_EXACT | {"side": Side.UPPER},
)

BOUNDS = (
    _CURATION,
    _GIBBS,
    _BREEDER,
    _BREEDER_VARIANCE,
    _MAD,
    _MAD_FRESH,
    _DECAY,
)
