r"""The rate of one kernel density estimate: a free exponent, and the candidates for the paper's.

.. math:: \mathbb{E}\,\mathrm{TV}(p_1, p_0) \lesssim C n^{-\gamma}, \qquad
          \gamma \in \Bigl\{\tfrac{2}{d+4}, \tfrac{\beta}{2\beta+d}, \tfrac1{d+2},
          \tfrac1{d+4}\Bigr\}.

The first three are proved: they are the best bandwidth's rate for a bias of order two, beta and one
(:mod:`bounds.theorems.kde_bandwidth`). The last one is the order of the bandwidth itself.

Source: Fu et al., ICML 2024, kernel density estimation (exponent unknown).
Derived: the proofs below.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.checks import identity
from bounds.notation import C, beta, d, gamma, n
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._kde import FIXED_BANDWIDTH, KERNEL, REAL_ONLY
from bounds.theorems._paper_form import proved_here
from bounds.theorems.kde_bandwidth import RATE, TWO_TERMS

__all__ = ["BOUNDS"]

_PAPER = Source(
    "Fu et al., ICML 2024 (arXiv 2402.11778)",
    "kernel density estimation",
    Evidence.RECONSTRUCTED,
    "the exponent is not known",
    ("fu2024",),
)


_ROOT = Hypothesis(
    "integrable root",
    "the roots of the real density, smoothed by every bandwidth up to h(1), have bounded integrals;"
    " a finite moment of more than order d is enough",
)
_BEST = Hypothesis("best bandwidth", "h = h*(n), in proportion to n^(-1/(2 beta + d))")


def _smooth(text: str) -> tuple[Hypothesis, ...]:
    return (TWO_TERMS, Hypothesis("smoothness", text), _ROOT, _BEST)


_UNKNOWN = (
    "Proved: nothing of the exponent. Believed: that the paper's kernel-density rate is a power of"
    " n; which one is not known, candidates are the entries beside this one."
)


_NOTHING = Proof(tuple, _UNKNOWN)


def _steps(exponent: sp.Expr, order: sp.Expr, bias: str) -> tuple[Step, ...]:
    """The rate of the best bandwidth, for a bias of this order."""
    best = RATE.subs(beta, order)

    def constant(power: sp.Expr) -> sp.Expr:
        return sp.simplify(n * sp.log(best).diff(n)) + power

    return (
        Step(
            "The bias of this order, and the noise, whose integral is bounded over the bandwidths"
            " used: by the entries named for the normal kernel, by assumption for another.",
            r"\mathbb{E}\,\mathrm{TV}(p_1, p_0) \le c_b h^\beta + c_s n^{-1/2} h^{-d/2}",
            (bias, "kde-noise-smoothed", "smoothness", _ROOT.name, TWO_TERMS.name),
        ),
        Step(
            "The best bandwidth makes the sum a constant times this power of n.",
            best,
            (
                "kde-best-error-smooth",
                KERNEL.name,
                FIXED_BANDWIDTH.name,
                REAL_ONLY.name,
                _BEST.name,
            ),
            identity(
                constant(exponent),
                constant(2 * exponent),
                constant(-exponent),
            ),
        ),
    )


def _rate(
    name: str,
    title: str,
    statement: str,
    exponent: sp.Expr,
    source: Source,
    proof: Proof,
    *special: Hypothesis,
) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement=statement,
        expression=C * n**-exponent,
        hypotheses=(KERNEL, FIXED_BANDWIDTH, REAL_ONLY, *special),
        source=source,
        side=Side.UPPER,
        statistic=Statistic.FIRST_GENERATION,
        constants=Constants.FREE,
        proof=proof,
    )


BOUNDS = (
    _rate(
        "kde-rate",
        "KDE rate, free exponent",
        "One kernel density estimate has the rate n^-gamma, with an exponent to be chosen.",
        gamma,
        _PAPER,
        _NOTHING,
    ),
    _rate(
        "kde-rate-second-order",
        "KDE rate, two derivatives",
        "With an integrable Laplacian and the best bandwidth the rate is n^(-2/(d+4)).",
        2 / (d + 4),
        proved_here("from kde-best-error-smooth"),
        Proof(lambda: _steps(2 / (d + 4), sp.Integer(2), "kde-bias")),
        *_smooth("the Laplacian of the real density is integrable: order beta = 2"),
    ),
    _rate(
        "kde-rate-smooth",
        "KDE rate, smoothness beta",
        "With smoothness beta in L1 and the best bandwidth the rate is n^(-beta/(2 beta+d)).",
        beta / (2 * beta + d),
        proved_here("from kde-best-error-smooth"),
        Proof(lambda: _steps(beta / (2 * beta + d), beta, "kde-bias-hoelder")),
        *_smooth("smoothing moves the real law by at most a constant times h^beta in TV"),
    ),
    _rate(
        "kde-rate-first-order",
        "KDE rate, one derivative",
        "With an integrable gradient and the best bandwidth the rate is n^(-1/(d+2)).",
        1 / (d + 2),
        proved_here("from kde-best-error-smooth"),
        Proof(lambda: _steps(1 / (d + 2), sp.Integer(1), "kde-bias-first-order")),
        *_smooth("the gradient of the real density is integrable: order beta = 1"),
    ),
    _rate(
        "kde-rate-bandwidth",
        "KDE rate, order of the bandwidth",
        "A candidate for the paper's rate: the order n^(-1/(d+4)) of the best bandwidth.",
        1 / (d + 4),
        _PAPER,
        _NOTHING,
    ),
)
