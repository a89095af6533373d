r"""The shared proof of the two phase transitions: the peak's equation is a mean of powers.

With :math:`u = \lambda/(1+\lambda) = e^{-t}`, both peaks solve an equation in

.. math:: M_m(t) = \frac1m \sum_{l=0}^{m-1} u^{-l} = \frac{e^{mt} - 1}{m (e^t - 1)},

which rises from 1 to infinity in ``t`` (for ``m >= 2``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bounds.notation import NOTATION

__all__ = ["leading", "paper_peak", "peak_inputs", "real_start_peak"]

_LOG_T_RANGE = (-500.0, np.log(50.0))
_LOG_ACCURACY = 1e-15
_SERIES_BELOW = 1e-3


def peak_inputs(generation: Any, gamma: Any, title: str) -> tuple[int, float]:
    """Return generation and exponent as one integer and one float, both in range."""
    i = NOTATION["generation"].expect_one(generation, title)
    return i, NOTATION["gamma"].expect_one(gamma, title)


def paper_peak(i: int, gamma: float) -> float:
    """Return the ``lambda`` with ``M_i = 1 / (1 - gamma)``; ``i >= 2``."""
    return _lam_of_root(lambda t: _log_mean_power(i, t) + np.log1p(-gamma))


def real_start_peak(i: int, gamma: float) -> float:
    """Return the ``lambda`` with ``(1 - gamma) M_{i-1} = 1 - (1 - u)^(1 - gamma)``; ``i >= 2``."""

    def log_ratio(t: float) -> float:
        log_right = _log_one_minus_exp((gamma - 1) * _log_one_minus_exp(t))
        return float(np.log1p(-gamma) + _log_mean_power(i - 1, t) - log_right)

    return _lam_of_root(log_ratio)


def _log_mean_power(m: int, t: float) -> float:
    """Return ``log M_m(t)``, accurate where it is small and without overflow where it is large."""
    return (m - 1) * t / 2 + _log_sinhc(m * t / 2) - _log_sinhc(t / 2)


def _log_one_minus_exp(t: float) -> float:
    """Return ``log(1 - e^-t)`` for ``t > 0``, accurate at both ends."""
    return float(np.log(-np.expm1(-t)) if t < 1 else np.log1p(-np.exp(-t)))


def _lam_of_root(rising: Callable[[float], float]) -> float:
    """Return ``lambda = 1 / (e^t - 1)`` at the one zero ``t`` of an increasing function."""
    from scipy.optimize import brentq

    log_t = brentq(lambda v: rising(float(np.exp(v))), *_LOG_T_RANGE, xtol=_LOG_ACCURACY)
    return float(1 / np.expm1(np.exp(log_t)))


def leading(gamma: float) -> float:
    r"""Return the root ``c > 0`` of :math:`(e^c - 1)/c = 1/(1-\gamma)`; peaks sit near ``j/c``.

    .. math:: c = -W_{-1}\bigl(-(1-\gamma) e^{-(1-\gamma)}\bigr) - (1-\gamma).

    Lambert's function itself loses half of all digits near its branch point, at small exponents.

    Derived: the peak's equation at ``u = e^{-c/j}``, to leading order.
    """
    from scipy.optimize import brentq

    needed = -np.log1p(-gamma)  # log((e^c - 1)/c) is between c/2 and c
    growth = brentq(lambda s: _log_growth(s * needed) - needed, 1.0, 2.0, xtol=_LOG_ACCURACY)
    return float(growth * needed)


def _log_growth(c: float) -> float:
    """Return ``log((e^c - 1)/c)`` for ``c > 0``, accurate where it is small."""
    return c / 2 + _log_sinhc(c / 2)


def _log_sinhc(y: float) -> float:
    if y < _SERIES_BELOW:  # next term: y^6 / 2835
        return y**2 / 6 - y**4 / 180
    return float(y - np.log(2 * y) + _log_one_minus_exp(2 * y))
