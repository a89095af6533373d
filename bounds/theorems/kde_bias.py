r"""Smoothing bias at the real law, with explicit constants.

.. math:: \mathrm{TV}(K_h * p_0, p_0) \le \frac{h}{2}\sqrt{\frac2\pi} \int |\nabla p_0|, \qquad
          \frac{h^2}{4} \int |\Delta p_0|, \qquad
          \frac{L_\beta}{2} h^\beta \, \mathbb{E}|Z|^\beta, \qquad
          \frac{h^2}{4} \int K(z) \int |z' \nabla^2 p_0\, z|,

with ``Z`` standard normal in d dimensions. For the second, the Laplacian's norm is known in closed
form for a normal law and bounded for a mixture of normals:

.. math:: \int |\Delta\, \mathcal{N}(0, \sigma^2 I)| =
          \frac{4 (d/2)^{d/2} e^{-d/2}}{\Gamma(d/2)\, \sigma^2}, \qquad
          \int |p_0''| \le \sum_k \frac{4 \omega_k}{\sqrt{2\pi e}\, \sigma_k^2} .

Derived: theory notes, B3.2. Order two: ``K_h * f - f`` is half the integral of the heat flow's
Laplacian over time up to ``h^2``, and the flow contracts L1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.kde.along import one_generation_quantities
from bounds.notation import (
    I_1,
    I_2,
    I_K,
    L_beta,
    beta,
    bias,
    c,
    component_sd,
    d,
    h,
    k,
    omega,
    sigma,
    x,
)
from bounds.theorems._kde import KERNEL, NORMAL_KERNEL
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._quantities import SMOOTHING_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": from_the_notes("B3.2"),
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": SMOOTHING_TV,
}
_UPPER: dict[str, Any] = {**_COMMON, "side": Side.UPPER, "tight": Tightness.NOT_TIGHT}

_second_order = h**2 / 4 * I_2
_log_gamma = sp.loggamma(d / 2, evaluate=False)
_of_normal = 4 * (d / 2) ** (d / 2) * sp.exp(-d / 2 - _log_gamma) / sigma**2
_of_component = 4 * omega[k] / (sp.sqrt(2 * sp.pi * sp.E) * component_sd[k] ** 2)
_absolute_moment = 2 ** (beta / 2) * sp.exp(sp.loggamma((d + beta) / 2) - _log_gamma)

_SECOND = Bound(
    name="kde-bias",
    title="KDE bias, two derivatives",
    statement="Smoothing moves a law by at most h^2/4 times the integral of its Laplacian.",
    expression=_second_order,
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis("two derivatives", "the Laplacian of the real density is integrable"),
    ),
    **_UPPER,
)

_FIRST = Bound(
    name="kde-bias-first-order",
    title="KDE bias, one derivative",
    statement="Smoothing moves a law by at most h / sqrt(2 pi) times the integral of its gradient.",
    expression=h / 2 * sp.sqrt(2 / sp.pi) * I_1,
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis("one derivative", "the real density has bounded variation"),
    ),
    **_UPPER,
)

_HOELDER = Bound(
    name="kde-bias-hoelder",
    title="KDE bias, smoothness beta",
    statement="Smoothing moves a law by at most its L1 modulus of smoothness at the kernel's size.",
    expression=L_beta / 2 * h**beta * _absolute_moment,
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis(
            "Nikolskii smoothness",
            "shifting the real density by z changes it by at most L |z|^beta in L1, beta <= 1",
        ),
    ),
    **_UPPER,
)

_KERNEL = Bound(
    name="kde-bias-kernel",
    title="KDE bias, any even kernel",
    statement="Smoothing moves a law by at most h^2/4 times its mean directional curvature.",
    expression=h**2 / 4 * I_K,
    hypotheses=(
        KERNEL,
        Hypothesis("two derivatives", "the second derivatives of the real density are integrable"),
    ),
    **_UPPER,
)

_NORMAL = Bound(
    name="kde-bias-normal",
    title="KDE bias, normal target",
    statement="The second-order bias of a normal law, its Laplacian's norm in closed form.",
    expression=_second_order.subs(I_2, _of_normal),
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis("normal target", "the real law is N(mu, sigma^2 I) in d dimensions"),
    ),
    **_UPPER,
)

_MIXTURE = Bound(
    name="kde-bias-mixture",
    title="KDE bias, mixture of normals",
    statement="The second-order bias of a mixture of normals on the line, added over components.",
    expression=sp.Sum(_second_order.subs(I_2, _of_component), (k, 1, c)),
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis("mixture of normals", "the real law is a mixture of c normals on the line"),
    ),
    **_UPPER,
)


def _at_the_real_law(
    *, bandwidth: Any, target: Any = None, kernel: Any = None, dimension: int = 1
) -> dict[str, Any]:
    """Return the smoothed minus the real density on a grid, by quadrature.

    Args:
        bandwidth: standard deviation of the kernel.
        target: an object with ``dimension``, ``density``, ``window``; ``N(0, I)`` if ``None``.
        kernel: an object with ``transform``; Gaussian if ``None``.
        dimension: of the reference target, 1 or 2.
    """
    found = one_generation_quantities(
        bandwidth=bandwidth, n=1, target=target, kernel=kernel, dimension=dimension
    )
    return {"bias": found["bias"], "cell": found["cell"]}


_EXACT = Bound(
    name="kde-bias-exact",
    title="KDE bias by quadrature",
    statement="The distance of the smoothed to the real law, integrated.",
    expression=sp.Integral(sp.Abs(bias(x)), (x, -sp.oo, sp.oo)) / 2,
    hypotheses=(KERNEL,),
    side=Side.EXACT,
    tight=Tightness.TIGHT,
    quantities=_at_the_real_law,
    **_COMMON,
)

BOUNDS = (_SECOND, _FIRST, _HOELDER, _KERNEL, _NORMAL, _MIXTURE, _EXACT)
