"""Loops with a known answer: bounds met with equality, and loops that are not what they claim."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import sympy as sp
from scipy.special import ndtri

import bounds
from bounds import Bound, Side, Statistic, Tightness, cycles
from bounds.notation import j, n
from empirics.closed_form import GaussianMean
from empirics.runs import Runs
from verify.statements import at_most

__all__ = ["broken_loops", "letters_bound", "normal_bound", "quantile_bound"]

_NORMAL_QUANTILE = float(ndtri(0.975))
"""``P(|Z| <= .)`` is 95 %."""


def normal_bound(factor: Fraction = Fraction(1), side: Side = Side.UPPER) -> Bound:
    """``factor`` times the exact mean TV of fully synthetic fits of a normal mean."""
    return _scaled(_normal_law(side), factor)


def letters_bound(
    letters: int, size: int, factor: Fraction = Fraction(1), side: Side = Side.UPPER
) -> Bound:
    r"""``factor`` times the exact mean TV of an empirical law of equally likely letters.

    .. math:: \mathbb{E}\,|X - np| = 2 (1-p) \nu \binom{n}{\nu} p^\nu (1-p)^{n-\nu},
              \qquad \nu = \lfloor np \rfloor + 1 .

    Source: de Moivre's formula for the mean absolute deviation of a binomial variable.
    """
    from scipy.stats import binom  # half a second

    p = 1 / letters
    nu = int(np.floor(size * p)) + 1
    deviation = 2 * (1 - p) * nu * float(binom.pmf(nu, size, p))
    return replace(_scaled(at_most(0.5 * letters * deviation / size), factor), side=side)


def quantile_bound(factor: Fraction = Fraction(1)) -> Bound:
    """``factor`` times the exact 95 % quantile of TV of fully synthetic normal fits.

    ``TV = erf(|mu| / sqrt 8)`` with ``mu`` normal of variance ``j / n``.
    """
    quantile = sp.erf(sp.Float(_NORMAL_QUANTILE) * sp.sqrt(j / n) / sp.sqrt(8))
    bound = replace(_normal_law(Side.UPPER), statistic=Statistic.EACH_GENERATION)
    return _scaled(replace(bound, expression=quantile), factor)


def _normal_law(side: Side) -> Bound:
    """The catalogue's exact law, claimed as a bound from one side; it proves no other number."""
    law = bounds.get("gaussian-mean-tv")
    return replace(law, side=side, hypotheses=(), tight=Tightness.UNKNOWN, proof=None)


def _scaled(bound: Bound, factor: Fraction) -> Bound:
    exact = sp.Rational(factor.numerator, factor.denominator)
    return replace(bound, expression=exact * bound.expression)


def broken_loops(replicates: int, seed: int) -> dict[str, tuple[Runs, Bound]]:
    """Runs of a loop that is not the one they claim to be, beside the claimed loop's exact law.

    Independence broken: the real data is reused, though it is claimed to be fresh. Wrong weights:
    20 % real data instead of 30 %. Biased sampler: every draw from a model is displaced by 0.08
    standard deviations.
    """
    claimed = cycles.real_plus_synthetic(n=100, lam=4)
    share = cycles.fresh_real(n=100, share="3/10")
    cases = {
        "independence broken": (
            GaussianMean(cycle=replace(claimed, data="reused"), generations=6),
            claimed,
        ),
        "wrong weights": (
            GaussianMean(cycle=replace(share, share=Fraction(1, 5)), generations=6),
            share,
        ),
        "biased sampler": (GaussianMean(cycle=share, generations=6, shift=0.08), share),
    }
    out = {}
    for name, (loop, cycle) in cases.items():
        runs = replace(loop, replicates=replicates, seed=seed).run()
        values = GaussianMean(cycle=cycle, generations=6).mean_tv
        out[name] = (Runs(cycle=cycle, tv=runs.tv), _along(values))
    return out


def _along(values: np.ndarray) -> Bound:
    """A bound that takes these values in generations 1, 2, ..."""
    pieces = [(sp.Float(v), sp.Eq(j, i)) for i, v in enumerate(values.tolist(), start=1)]
    return replace(at_most(1), expression=sp.Piecewise(*pieces, (1, True)))
