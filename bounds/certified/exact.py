"""Numbers as users write them, taken exactly: ``0.1`` as its binary fraction, ``"0.1"`` as 1/10."""

from __future__ import annotations

from fractions import Fraction
from math import log10
from numbers import Rational, Real
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import shortened
from bounds.values import fraction_of

__all__ = ["as_fraction", "shown"]


def as_fraction(value: Any) -> Fraction:
    """Return the rational number that ``value`` is.

    Args:
        value: an int, ``Fraction``, float (the binary fraction it is), text such as ``"1/4"`` or
            ``"0.1"`` (the decimal it says), or a NumPy or rational SymPy number.

    Raises:
        ValueError: no finite rational number; the message is the offending entry alone.
    """
    try:
        return _converted(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(shortened(value)) from None


def _converted(value: Any) -> Fraction:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return _converted(value.item())
    if isinstance(value, np.integer):
        return Fraction(int(value))
    if isinstance(value, str):
        return fraction_of(value)
    if isinstance(value, Rational):
        return Fraction(value)
    if isinstance(value, sp.Expr):
        return _of_sympy(value)
    if isinstance(value, Real | np.floating):
        return Fraction(float(value))
    raise TypeError


def _of_sympy(value: sp.Expr) -> Fraction:
    if isinstance(value, sp.Float):
        sign, mantissa, exponent, _ = value._mpf_
        return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent
    if isinstance(value, sp.Rational):
        return Fraction(int(value.p), int(value.q))
    raise TypeError


def shown(value: Fraction, digits: int = 12) -> str:
    """Return ``value`` in a few digits, beyond the range of floats too."""
    try:
        near = float(value)
    except OverflowError:
        near = 0.0
    if near or not value:
        return f"{near:.{digits}g}"
    bits = value.numerator.bit_length() - value.denominator.bit_length()
    return f"{'-' if value < 0 else ''}1e{round(bits * log10(2))} or so"
