r"""Everything that the a-priori bound for early-stopped random features needs of a target.

Points ``x_i`` are drawn from the law that is learned; each has its ``S_x >= 0`` and ``C_x``;
``E_x = S_x - E S``, and ``a_x(s)`` is its centred effect on ``Theta(s)``
(:mod:`empirics.diffusion.training_time`). What first-order theory leaves out,
:math:`R = \hat\Theta - \Theta - \Delta_1` with :math:`\Delta_1` the mean of the ``a_x``, obeys

.. math:: R(\tau) = -2 \int_0^\tau \Delta_1(s) (\hat\Sigma - \Sigma)
          e^{-2(\tau - s)\hat\Sigma} ds,

and its size follows from fourth moments of the points, which are sums over cells. Points lie in
cells, as in a loop's training sets, so these sums are exact; integrals over time are bounded.

Derived: the proof of ``diffusion-explicit``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import divergence_to_tv
from empirics.diffusion.engine import tables_of
from empirics.diffusion.explicit_constants import Constants, first_generation, settled
from empirics.diffusion.line_model import LineTables
from empirics.diffusion.model import Diffusion
from empirics.diffusion.process import sampler_named
from empirics.errors import InputError
from empirics.experiment import Experiment, Sampling
from empirics.targets import Univariate

__all__ = ["Explicit", "decay_integral", "decay_kernel", "explicit_terms"]

Array = np.ndarray
_SHIFTS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""``lambda tau`` and ``Lambda tau``."""
_RARE = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5)
_REST = 1e-3
"""Part of ``eta lambda`` that makes up for the two quadratures of time in ``Sigma``."""
_LEAST = 1e-100
_RATIO = 1.05
_FIRST = 1e-3
"""First step of the kernel's grid, in units of ``1 / L``."""


@dataclass(frozen=True)
class Explicit:
    """The terms of ``diffusion-explicit`` under its words, their numerical errors added.

    ``rare_samples``, the probability of a sample whose ``Sigma`` is too small, is chosen together
    with ``lambda`` and ``Lambda`` to make the bound small.
    """

    stopping_bias: float
    real_prior_kl: float
    rare_samples: float
    population_risk: float
    first_order_noise: float
    gradient_noise: float
    whitened_gradient: float
    whitened_remainder: float
    remainder: float

    def quantities(self) -> Mapping[str, float]:
        """The terms under the words of the theorem."""
        return asdict(self)

    @property
    def value(self) -> float:
        """The objective that the choice of ``lambda``, ``Lambda`` and ``delta`` minimises."""
        risk = self.population_risk + np.sqrt(self.rare_samples) * self.gradient_noise
        risk += self.whitened_gradient * self.whitened_remainder
        risk += (self.first_order_noise + self.remainder) ** 2
        kl = np.array(self.real_prior_kl + risk)
        return float(self.stopping_bias + self.rare_samples + divergence_to_tv(kl))


def explicit_terms(experiment: Experiment) -> Explicit:
    """The terms for generation 1 of an experiment, with the best of a grid of choices.

    Raises:
        InputError: the model is not a ``Diffusion`` on the line sampled by the SDE, an oracle
            chooses its training time, or no sample is large enough for the argument.
    """
    model, target = experiment.model, experiment.target
    if not isinstance(model, Diffusion) or not isinstance(target, Univariate):
        raise InputError("model: the explicit bound speaks of a Diffusion on the line")
    if experiment.sampling is not Sampling.COUNTS:
        raise InputError(
            f"sampling = {experiment.sampling.value!r}: the explicit bound is computed for counts"
        )
    if model.rule.oracle or not sampler_named(model.sampler).stochastic:
        raise InputError(
            f"training_time = {model.rule!r}, sampler = {model.sampler!r}: the explicit bound needs"
            " a training time known beforehand, and the reverse SDE"
        )
    tables, n = tables_of(experiment), int(experiment.cycle.size(1))
    assert isinstance(tables, LineTables)
    tau = model.rule.at(n)
    choices = list(_choices(first_generation(tables, target, tau), n))
    if not choices:
        raise InputError(
            f"n = {n}: the sample's covariance may be far too small at training time {tau:.4g} for"
            " the explicit bound; take more points or a shorter time"
        )
    return min(choices, key=lambda terms: terms.value)


def _choices(found: Constants, n: int) -> Iterator[Explicit]:
    """The terms at every choice that is allowed."""
    tau = float(found.times[-1])
    first = np.sqrt(settled(np.einsum("rij,ij->r", found.rates, found.covariance)) / n)
    gradient = found.gradient_noise(n)

    @cache
    def sizes(wide: float) -> tuple[Array, Array]:
        return found.sizes(wide, n)

    @cache
    def integral(x: float, wide: float) -> float:
        return decay_integral(found.times, *sizes(wide), x, wide, found.largest)

    for shift, rare in product(np.array(_SHIFTS) / tau, _RARE):
        eta = found.eta(shift, rare, n)
        if eta >= 1:
            continue
        whitened = np.sqrt(found.values + shift)
        slope = settled(np.linalg.norm(found.gradients / whitened, axis=1))
        rest, factor = _REST * eta * shift, 2 / (1 - eta)
        scale = np.sqrt(found.domination(rest))
        for wide in np.array(_SHIFTS) / tau:
            if wide < shift:
                continue
            whole, own = (factor * integral(x, wide) for x in (shift, eta * shift + rest))
            yield Explicit(
                found.stopping,
                found.prior,
                rare,
                found.risk,
                float(first),
                gradient,
                slope,
                whole,
                float(scale * own),
            )


def decay_kernel(
    r: Float[Array, "times"], x: float, wide: float, most: float
) -> Float[Array, "times"]:
    """``kappa(r)``: the one maximum of the logarithm, which is concave in ``l``, or an end.

    Args:
        r: times, >= 0.
        x: > 0.
        wide: ``Lambda`` > 0.
        most: ``L`` > 0.
    """
    b, safe = x + wide, np.maximum(r, _LEAST)
    # 4 r (l + x)(l + wide) = 2 l + x + wide at the maximum.
    half = 1 / (2 * safe) - b
    top = 0.5 * (half + np.sqrt(half**2 - 4 * (x * wide - b / (4 * safe))))
    top = np.clip(np.where(r > 0, top, most), 0.0, most)
    return np.asarray(np.sqrt((top + x) * (top + wide)) * np.exp(-2 * r * top))


def decay_integral(
    times: Float[Array, "nodes"],
    sizes: Float[Array, "nodes"],
    remainders: Float[Array, "intervals"],
    x: float,
    wide: float,
    most: float,
) -> float:
    r"""Upper bound on the integral of a decaying kernel against sizes known at a few times.

    .. math:: \int_0^\tau \kappa(\tau - s)\,u(s)\,ds, \qquad
              \kappa(r) = \sup_{0 \le l \le L} \sqrt{(l + x)(l + \Lambda)}\,e^{-2 r l}.

    ``kappa`` is a supremum of convex functions of ``r``, so its chords lie above it; ``u`` is at
    most its chord plus a remainder. Products of chords are integrated exactly.

    Args:
        times: from 0 to ``tau``.
        sizes: ``u`` at these times.
        remainders: how far ``u`` may be above its chord, per interval.
        x: > 0.
        wide: ``Lambda`` > 0.
        most: ``L`` > 0.
    """
    last = float(times[-1])
    steps = np.geomspace(
        _FIRST / most, last, int(np.log(last * most / _FIRST) / np.log(_RATIO)) + 2
    )
    grid = np.unique(np.concatenate([times, np.clip(last - steps, 0.0, last)]))
    kappa = decay_kernel(last - grid, x, wide, most)
    u = np.interp(grid, times, sizes)
    h, left, right = np.diff(grid), slice(None, -1), slice(1, None)
    chords = 2 * kappa[left] * u[left] + 2 * kappa[right] * u[right]
    chords += kappa[left] * u[right] + kappa[right] * u[left]
    middle = 0.5 * (grid[left] + grid[right])
    above = remainders[np.searchsorted(times, middle) - 1]
    return float((h * (chords / 6 + above * (kappa[left] + kappa[right]) / 2)).sum())
