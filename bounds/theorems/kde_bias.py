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

Derived: the proofs below. Order two: ``K_h * f - f`` is half the integral of the heat flow's
Laplacian over time up to ``h^2``, and the flow contracts L1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import compress, product
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, identity, over_laws
from bounds.hypotheses import known
from bounds.kde.quantities import one_generation_quantities
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
from bounds.proof import Proof, Step
from bounds.theorems._kde import KERNEL, NORMAL_KERNEL
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import SMOOTHING_TV
from bounds.worst_case import total_variation

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": proved_here("by shifts and the heat flow"),
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

_y = sp.Symbol("y", real=True)
_heat = sp.exp(-(_y**2) / (2 * h)) / sp.sqrt(2 * sp.pi * h)
_standard = sp.exp(-(_y**2) / 2) / sp.sqrt(2 * sp.pi)
_REGULAR = "approximation by smooth functions"


def _steps_second() -> tuple[Step, ...]:
    s = sp.Symbol("s", positive=True)
    return (
        Step(
            "The normal kernel of variance s solves the heat equation, so smoothing up to s = h^2"
            " adds up half the Laplacian, which may act on the law (first for smooth laws).",
            r"K_h * f - f = \frac12 \int_0^{h^2} G_s * \Delta f \, ds",
            ("heat equation", NORMAL_KERNEL.name, "two derivatives", _REGULAR),
            identity(
                _heat.diff(h) - _heat.diff(_y, 2) / 2,
                _heat.diff(h) - _heat.diff(_y, 2),
                _heat.diff(h) - _heat.diff(_y) / 2,
            ),
        ),
        Step(
            "Smoothing does not increase an integral of absolute values.",
            r"\|G_s * \Delta f\|_1 \le \|\Delta f\|_1",
            ("Young", "Minkowski"),
        ),
        Step(
            "Integrate over s and halve.",
            _second_order,
            ("definition of total variation",),
            identity(
                sp.integrate(I_2 / 2, (s, 0, h**2)) / 2 - _second_order,
                sp.integrate(I_2 / 2, (s, 0, h)) / 2 - _second_order,
                sp.integrate(I_2, (s, 0, h**2)) / 2 - _second_order,
            ),
        ),
    )


def _averaged_shift(p: Law, parts: int) -> bool:
    """Whether a mean of two shifts moves a law at most as they do on average, for 2 ``parts``."""
    shifts = [p[m:] + p[:m] for m in (1, 2)]
    middle = tuple(sum(letters) / 2 for letters in zip(*shifts, strict=True))
    return parts * total_variation(middle, p) <= sum(total_variation(s, p) for s in shifts)


_SHIFTS = Step(
    "Smoothing is a mean of shifts by h Z, so it moves the law at most as they do on average.",
    r"\mathrm{TV}(K_h * f, f) \le \frac12 \mathbb{E} \|f(\cdot - h Z) - f\|_1",
    ("convexity of TV",),
    over_laws(lambda p: _averaged_shift(p, 2), lambda p: _averaged_shift(p, 3), count=1),
)


def _steps_first() -> tuple[Step, ...]:
    size = 2 * sp.integrate(_y * _standard, (_y, 0, sp.oo))
    return (
        _SHIFTS,
        Step(
            "A shift is the integral of the directional derivative along it (first for smooth"
            " laws).",
            r"\|f(\cdot - z) - f\|_1 \le \int |z \cdot \nabla f(x)| \, dx",
            ("Fubini", "one derivative", _REGULAR),
        ),
        Step(
            "In every direction Z is standard normal, with mean size the root of 2/pi; put it in"
            " and exchange the integrals.",
            _FIRST.expression,
            ("Gaussian integrals", "Fubini", NORMAL_KERNEL.name),
            identity(
                h * I_1 * size / 2 - _FIRST.expression,
                h * I_1 * size - _FIRST.expression,
                h * I_1 * size**2 / 2 - _FIRST.expression,
            ),
        ),
    )


def _steps_hoelder() -> tuple[Step, ...]:
    rho = sp.Symbol("rho", positive=True)
    chi = rho ** (d - 1) * sp.exp(-(rho**2) / 2)
    moment = sp.integrate(rho**beta * chi, (rho, 0, sp.oo)) / sp.integrate(chi, (rho, 0, sp.oo))
    return (
        _SHIFTS,
        Step(
            "Use the modulus of smoothness for every shift.",
            r"\|f(\cdot - h Z) - f\|_1 \le L_\beta h^\beta |Z|^\beta",
            ("Nikolskii smoothness",),
        ),
        Step(
            "Put in the moment of the norm of a standard normal vector.",
            _HOELDER.expression,
            ("Gaussian integrals", NORMAL_KERNEL.name),
            identity(
                sp.gammasimp(moment - sp.exp(sp.log(_absolute_moment)).rewrite(sp.gamma)),
                moment - _absolute_moment.subs(beta, 2 * beta),
                moment - 2 * _absolute_moment,
            ),
        ),
    )


def _steps_kernel() -> tuple[Step, ...]:
    t, q = sp.Symbol("t", real=True), sp.Symbol("q", positive=True)
    wave = sp.exp(q * _y)
    second = wave.subs(_y, 1) + wave.subs(_y, -1) - 2
    bent = sp.integrate((1 - t) * q**2 * (sp.exp(q * t) + sp.exp(-q * t)), (t, 0, 1))
    return (
        Step(
            "The kernel is even, so shifts by z and -z may be paired.",
            r"K_h * f - f = \frac12 \int K(z) \bigl[f(\cdot + h z) + f(\cdot - h z) - 2 f\bigr] dz",
            (KERNEL.name,),
        ),
        Step(
            "The second difference is a mean of second derivatives along z, of weight"
            " h^2 (1 - |t|) (first for smooth laws).",
            r"f(x + h z) + f(x - h z) - 2 f(x) = h^2 \int_{-1}^{1} (1 - |t|) \, z' \nabla^2"
            r" f(x + t h z) z \, dt",
            ("Taylor", "two derivatives", _REGULAR),
            identity(second - bent, second - 2 * bent, second - bent / 2),
        ),
        Step(
            "The weights sum to one and shifts keep integrals: take sizes, integrate, and halve for"
            " total variation.",
            _KERNEL.expression,
            ("Fubini", "definition of total variation"),
            identity(
                h**2 * I_K * sp.integrate(1 - t, (t, 0, 1)) * 2 / 4 - _KERNEL.expression,
                h**2 * I_K * sp.integrate(1 - t, (t, 0, 1)) / 4 - _KERNEL.expression,
            ),
        ),
    )


def _steps_normal() -> tuple[Step, ...]:
    density = sp.exp(-(_y**2) / (2 * sigma**2))
    laplacian = density.diff(_y, 2) + (d - 1) / _y * density.diff(_y)
    edge = sigma * sp.sqrt(d)
    sphere = 2 * sp.pi ** (d / 2) / sp.exp(_log_gamma)
    peak = (2 * sp.pi * sigma**2) ** (-d / 2) * sp.exp(-(edge**2) / (2 * sigma**2))
    flux = sphere * edge ** (d - 1) * edge / sigma**2 * peak
    return (
        Step(
            "The Laplacian of the normal density, which is radial, is the density times"
            " |x|^2/sigma^4 - d/sigma^2: negative inside the radius sigma sqrt(d), positive"
            " outside.",
            r"\Delta f = \Bigl(\frac{|x|^2}{\sigma^4} - \frac{d}{\sigma^2}\Bigr) f",
            ("normal target",),
            identity(
                laplacian - (_y**2 / sigma**4 - d / sigma**2) * density,
                laplacian - (_y**2 / sigma**4 - 1 / sigma**2) * density,
                laplacian - (_y**2 / sigma**2 - d / sigma**2) * density,
            ),
        ),
        Step(
            "Its integral over the whole space is zero, so the absolute integral is twice the flux"
            " of the gradient through that sphere.",
            _of_normal,
            ("divergence theorem",),
            identity(2 * flux - _of_normal, flux - _of_normal, 2 * flux / edge - _of_normal),
        ),
        Step(
            "Put it into the bias of second order.",
            _NORMAL.expression,
            ("kde-bias", NORMAL_KERNEL.name),
            identity(
                _NORMAL.expression - _second_order.subs(I_2, _of_normal),
                _NORMAL.expression - h**2 / 2 * _of_normal,
            ),
        ),
    )


def _steps_mixture() -> tuple[Step, ...]:
    on_the_line = _of_normal.subs(d, 1)
    return (
        Step(
            "The second derivative of a mixture is the weighted sum of those of its parts, and so"
            " is the bound on its absolute integral.",
            r"\|p_0''\|_1 \le \sum_k \omega_k \|f_k''\|_1",
            ("Minkowski", "mixture of normals"),
        ),
        Step(
            "On the line the norm of one normal part is that of the normal target at d = 1.",
            _of_component,
            ("kde-bias-normal",),
            identity(
                omega[k] * on_the_line.subs(sigma, component_sd[k]) - _of_component,
                omega[k] * on_the_line.subs(sigma, 2 * component_sd[k]) - _of_component,
            ),
        ),
        Step(
            "Put the sum into the bias of second order.",
            _MIXTURE.expression,
            ("kde-bias", NORMAL_KERNEL.name),
        ),
    )


def _largest_gap(p: Law, q: Law) -> Fraction:
    """Total variation as the largest difference of the probabilities of an event."""
    gaps = [u - v for u, v in zip(p, q, strict=True)]
    events = product((0, 1), repeat=len(gaps))
    return max(abs(sum(compress(gaps, event), Fraction(0))) for event in events)


def _steps_exact() -> tuple[Step, ...]:
    def half(factor: int) -> Any:
        return lambda p, q: (
            factor * _largest_gap(p, q) == sum(abs(u - v) for u, v in zip(p, q, strict=True))
        )

    return (
        Step(
            "The smoothed law is known, so the distance is half the integral of the absolute"
            " difference, by definition.",
            _EXACT.expression,
            ("definition of total variation", KERNEL.name),
            over_laws(half(2), half(1), count=2),
        ),
    )


_SECOND = Bound(
    name="kde-bias",
    title="KDE bias, two derivatives",
    statement="Smoothing moves a law by at most h^2/4 times the integral of its Laplacian.",
    expression=_second_order,
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis("two derivatives", "the Laplacian of the real density is integrable"),
    ),
    proof=Proof(_steps_second),
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
    proof=Proof(_steps_first),
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
            where=beta <= 1,
        ),
    ),
    proof=Proof(_steps_hoelder),
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
    proof=Proof(_steps_kernel),
    **_UPPER,
)

_NORMAL = Bound(
    name="kde-bias-normal",
    title="KDE bias, normal target",
    statement="The second-order bias of a normal law, its Laplacian's norm in closed form.",
    expression=_second_order.subs(I_2, _of_normal),
    hypotheses=(
        NORMAL_KERNEL,
        Hypothesis(
            "normal target",
            "the real law is N(mu, sigma^2 I) in d dimensions",
            loop=known(target="normal"),
        ),
    ),
    proof=Proof(_steps_normal),
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
    proof=Proof(_steps_mixture),
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
    proof=Proof(_steps_exact),
    **_COMMON,
)

BOUNDS = (_SECOND, _FIRST, _HOELDER, _KERNEL, _NORMAL, _MIXTURE, _EXACT)
