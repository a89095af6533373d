r"""The rate of one kernel density estimate: a free exponent, and the candidates for the paper's.

.. math:: \mathbb{E}\,\mathrm{TV}(p_1, p_0) \lesssim C n^{-\gamma}, \qquad
          \gamma \in \Bigl\{\tfrac{2}{d+4}, \tfrac{\beta}{2\beta+d}, \tfrac1{d+2},
          \tfrac1{d+4}\Bigr\}.

The first three are proved: they are the best bandwidth's rate for a bias of order two, beta and one
(:mod:`bounds.theorems.kde_bandwidth`). The last one is the order of the bandwidth itself.

Source: Fu et al., ICML 2024, kernel density estimation (exponent unknown; theory notes, A6).
Derived: theory notes, B3.4.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.notation import C, beta, d, gamma, n
from bounds.source import Evidence
from bounds.theorems._kde import FIXED_BANDWIDTH, KERNEL, REAL_ONLY
from bounds.theorems._paper_form import from_the_notes

__all__ = ["BOUNDS"]

_PAPER = Source(
    "Fu et al., ICML 2024 (arXiv 2402.11778)",
    "kernel density estimation",
    Evidence.RECONSTRUCTED,
    "the exponent is not known",
    ("fu2024",),
)


_ROOT = Hypothesis(
    "integrable root", "the root of the real density is integrable, as for tails above |x|^-2d"
)
_BEST = Hypothesis("best bandwidth", "h = h*(n), in proportion to n^(-1/(2 beta + d))")


def _smooth(text: str) -> tuple[Hypothesis, ...]:
    return (Hypothesis("smoothness", text), _ROOT, _BEST)


def _rate(
    name: str,
    title: str,
    statement: str,
    exponent: sp.Expr,
    source: Source,
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
    )


BOUNDS = (
    _rate(
        "kde-rate",
        "KDE rate, free exponent",
        "One kernel density estimate has the rate n^-gamma, with an exponent to be chosen.",
        gamma,
        _PAPER,
    ),
    _rate(
        "kde-rate-second-order",
        "KDE rate, two derivatives",
        "With an integrable Laplacian and the best bandwidth the rate is n^(-2/(d+4)).",
        2 / (d + 4),
        from_the_notes("B3.4"),
        *_smooth("the Laplacian of the real density is integrable: order beta = 2"),
    ),
    _rate(
        "kde-rate-smooth",
        "KDE rate, smoothness beta",
        "With smoothness beta in L1 and the best bandwidth the rate is n^(-beta/(2 beta+d)).",
        beta / (2 * beta + d),
        from_the_notes("B3.4"),
        *_smooth("smoothing moves the real law by at most a constant times h^beta in TV"),
    ),
    _rate(
        "kde-rate-first-order",
        "KDE rate, one derivative",
        "With an integrable gradient and the best bandwidth the rate is n^(-1/(d+2)).",
        1 / (d + 2),
        from_the_notes("B3.4"),
        *_smooth("the gradient of the real density is integrable: order beta = 1"),
    ),
    _rate(
        "kde-rate-bandwidth",
        "KDE rate, order of the bandwidth",
        "A candidate for the paper's rate: the order n^(-1/(d+4)) of the best bandwidth.",
        1 / (d + 4),
        _PAPER,
    ),
)
