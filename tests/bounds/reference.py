"""An independent evaluator of a bound's expression: mpmath at many digits, no float anywhere."""

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from bounds.certified.exact import as_fraction
from bounds.notation import symbol_of

DIGITS = 50
_GUARD = 30


def value(bound, params):
    """The value at ``params`` (exact numbers, or lists of them) to 50 digits."""
    known = {}
    for entry in bound.symbols:
        given = params.get(entry.word, entry.default)
        known[entry.symbol] = _number(given) if not _is_list(given) else list(map(_number, given))
    with mpmath.workdps(DIGITS + _GUARD):
        return _walk(bound.expression, known, {})


def _is_list(given):
    return isinstance(given, list | tuple)


def _number(given):
    return as_fraction(given)


def _mpf(fraction):
    return mpmath.mpf(fraction.numerator) / fraction.denominator


def _walk(node, known, index):
    if node in index:
        return mpmath.mpf(index[node])
    if node.is_Rational:
        return mpmath.mpf(int(node.p)) / int(node.q)
    if node.is_Symbol:
        return _mpf(known[node])
    if isinstance(node, sp.Indexed):
        entry = known[node.base]
        k = int(_walk(node.indices[-1], known, index))
        return _mpf(entry[k - 1] if isinstance(entry, list) else entry)
    if isinstance(node, sp.Sum):
        return _total(node, known, index)
    if isinstance(node, AppliedUndef | sp.Integral):
        raise NotImplementedError(symbol_of(node.func))
    arguments = [_walk(argument, known, index) for argument in node.args]
    if node in _CONSTANTS:
        return _CONSTANTS[node]()
    return _FUNCTIONS[type(node).__name__](*arguments)


def _total(node, known, index):
    (k, lower, upper) = node.limits[0]
    first, last = (int(_walk(limit, known, index)) for limit in (lower, upper))
    if last - first > _LONG:
        with mpmath.workdps(_DIGITS_OF_LONG):
            return _smooth_total(lambda i: _walk(node.function, known, index | {k: i}), first, last)
    terms = (_walk(node.function, known, {**index, k: i}) for i in range(first, last + 1))
    return mpmath.fsum(terms)


def _smooth_total(term, first, last):
    """Euler-Maclaurin summation, DLMF 2.10.1, of a term that varies as a power of the index."""
    start, stop = mpmath.mpf(first + _HEAD), mpmath.mpf(last)
    ends = mpmath.linspace(mpmath.log(start), mpmath.log(stop), 9)
    area = mpmath.quad(lambda u: term(mpmath.exp(u)) * mpmath.exp(u), ends)
    head = mpmath.fsum(term(mpmath.mpf(i)) for i in range(first, first + _HEAD))
    low, high = (mpmath.taylor(term, end, 2 * _CORRECTIONS) for end in (start, stop))
    change = (
        mpmath.bernoulli(2 * m) / (2 * m) * (high[2 * m - 1] - low[2 * m - 1])
        for m in range(1, _CORRECTIONS)
    )
    return head + area + (low[0] + high[0]) / 2 + mpmath.fsum(change)


_LONG, _HEAD, _CORRECTIONS, _DIGITS_OF_LONG = 20_000, 40, 9, 34


def _depth(a, j):
    return (1 - (1 - a) ** j) / a if a else j


def _power(base, exponent):
    return mpmath.mpf(1) if exponent == 0 else mpmath.power(base, exponent)


_CONSTANTS = {sp.pi: lambda: +mpmath.pi, sp.E: lambda: +mpmath.e}

_FUNCTIONS = {
    "Add": lambda *p: mpmath.fsum(p),
    "Mul": lambda *p: mpmath.fprod(p),
    "Pow": _power,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "asinh": mpmath.asinh,
    "atan": mpmath.atan,
    "loggamma": mpmath.loggamma,
    "gamma": mpmath.gamma,
    "zeta": mpmath.zeta,
    "harmonic": mpmath.harmonic,
    "Abs": abs,
    "Max": max,
    "Min": min,
    "ceiling": mpmath.ceil,
    "GeometricDepth": _depth,
    "OneMinusExp": lambda x: -mpmath.expm1(-x),
    "LogMinusDigamma": lambda y, x: mpmath.log(y) - mpmath.digamma(x),
}
