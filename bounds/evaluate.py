"""From a bound's one expression to float64 numbers, broadcast over every parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, reduce
from math import prod
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.numpy import NumPyPrinter

from bounds.errors import ParameterError
from bounds.functions import (
    GeometricSum,
    TwofoldPower,
    exactly,
    gamma_quotient,
    geometric_sum,
    twofold_inverse,
    twofold_plus,
    twofold_power,
    twofold_times,
)
from bounds.notation import NOTATION, Notation, k, symbol_of, x
from bounds.parameters import OwnSymbol
from bounds.prepared import prepared, small_complement
from bounds.values import FloatArray

__all__ = [
    "TooLongError",
    "TwofoldNames",
    "compiled",
    "has_integral",
    "notations_in",
    "primitive",
    "twofold",
]

_BLOCK = 1 << 20
_MOST_TERMS = 10**8
_MOST_IN_ALL = 10**10
_MOST_CELLS = 1 << 27
_EXACT = 2**53
_NEAR_ONE = 0.25
_Values = Mapping[str, FloatArray]


def notations_in(expression: sp.Expr) -> tuple[Notation, ...]:
    """Return the notation of every free symbol of ``expression``, in the order of the table.

    Raises:
        ParameterError: a symbol that the table does not have.
    """
    found = set(_free(expression))
    unknown = sorted(str(s) for s in found if symbol_of(s) is None)
    if unknown:
        raise ParameterError(f"expression: {', '.join(unknown)} not in bounds.notation.NOTATION")
    own = sorted((s for s in found if isinstance(s, OwnSymbol)), key=str)
    known = (entry for entry in NOTATION.values() if entry.symbol in found)
    return (*known, *(symbol.entry for symbol in own))


def has_integral(expression: sp.Expr) -> bool:
    """Whether evaluation needs ``cell``, the volume of a grid cell."""
    return bool(expression.has(sp.Integral))


class TooLongError(ParameterError):
    """A sum has more terms than are added."""


@cache
def compiled(expression: sp.Expr) -> Callable[..., FloatArray]:
    """Return ``expression`` as a function of its words (and ``cell``), given as float arrays.

    A sum over ``k`` runs over the last axis of the sequences in it, up to its limit; an integral
    over ``x`` is the sum over the last axis of the functions in it, times ``cell``.
    Everything else broadcasts.
    """
    words = [entry.word for entry in notations_in(expression)]
    words += ["cell"] * has_integral(expression)
    new_names = dict(_renamed(expression))
    names = [sp.Symbol(f"{word}_") for word in words]
    printed = prepared(expression).xreplace(new_names)
    function = _function(names, printed, _Printer(new_names))

    def evaluate(**values: FloatArray) -> FloatArray:
        # Too large for a float is infinite; what is no number is NaN, which a bound refuses.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.asarray(function(*(values[word] for word in words)), dtype=np.float64)

    return evaluate


@cache
def primitive(operation: sp.Expr, *symbols: sp.Symbol) -> Callable[..., FloatArray]:
    """Return one operation, such as ``erf(u)``, as it is computed in bounds, of arrays in order."""
    return _function([*symbols], operation, _Printer({}))


def _function(
    names: list[sp.Symbol], expression: sp.Expr, printer: _Printer
) -> Callable[..., FloatArray]:
    # Asked by its name, NumPy would import all its parts, such as numpy.testing.
    function: Callable[..., FloatArray] = sp.lambdify(
        names, expression, modules=[_FUNCTIONS, vars(np)], printer=printer
    )
    return function


def _free(expression: sp.Expr) -> Iterator[Any]:
    sequences = expression.atoms(sp.IndexedBase)
    labels = {base.label for base in sequences}
    yield from sequences
    yield from (node.func for node in expression.atoms(AppliedUndef))
    for symbol in expression.free_symbols:
        if isinstance(symbol, sp.Symbol) and symbol not in labels:
            yield symbol


def _renamed(expression: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Symbol]]:
    for node in expression.atoms(sp.Indexed, AppliedUndef, sp.Symbol):
        entry = symbol_of(_head(node))
        if entry is not None:
            yield node, sp.Symbol(f"{entry.word}_")


def _head(node: sp.Expr) -> Any:
    if isinstance(node, sp.Symbol):
        return node
    is_sequence = isinstance(node, sp.Indexed)
    if node.args[-1] != (k if is_sequence else x):
        raise NotImplementedError(
            f"{node}: the last argument must be k of a sum or x of an integral"
        )
    return node.base if is_sequence else node.func


class _Printer(NumPyPrinter):  # type: ignore[misc]  # SymPy is untyped
    """NumPy code in which sums, integrals and accurate functions are calls to this module.

    Args:
        new_names: the plain symbols that are printed, by the notation's, whose signs are known.
    """

    def __init__(self, new_names: Mapping[sp.Expr, sp.Symbol]) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": True})
        self._new_names = new_names
        self._old_names = {new: old for old, new in new_names.items()}

    def _print_Sum(self, expr: sp.Sum) -> str:  # noqa: N802
        *inner, (index, lower, upper) = expr.limits
        body = sp.Sum(expr.function, *inner) if inner else expr.function
        limits = f"{self._print(lower)}, {self._print(upper)}"
        return f"_total({self._inner(body, index)}, {limits})"

    def _print_Integral(self, expr: sp.Integral) -> str:  # noqa: N802
        return f"_integral({self._inner(expr.function)}, cell_)"

    def _inner(self, body: sp.Expr, *bound: sp.Symbol) -> str:
        free = sorted(str(s) for s in body.free_symbols - set(bound))
        names = ", ".join([*map(str, bound), *free])
        values = ", ".join(f"{name!r}: {name}" for name in free)
        return f"lambda {names}: {self._print(body)}, {{{values}}}"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:  # noqa: N802
        complement = small_complement(expr.xreplace(self._old_names))
        if complement is None:
            return str(super()._print_Pow(expr, rational=rational))
        parts = (expr.base, complement.xreplace(self._new_names), expr.exp)
        return f"_power_near_one({', '.join(str(self._print(part)) for part in parts)})"

    def _print_GeometricSum(self, expr: GeometricSum) -> str:  # noqa: N802
        base, *rest = expr.args
        shown = ", ".join(str(self._print(part)) for part in rest)
        return f"_geometric_sum(*{twofold(base, self._print)}, {shown})"

    def _print_TwofoldPower(self, expr: TwofoldPower) -> str:  # noqa: N802
        base, count = expr.args
        return f"_twofold_power(*{twofold(base, self._print)}, {self._print(count)})"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:  # noqa: N802
        choices = [(self._print(value), self._print(test)) for value, test in expr.args[:-1]]
        last = str(self._print(expr.args[-1].expr))
        return reduce(lambda rest, c: f"where({c[1]}, {c[0]}, {rest})", reversed(choices), last)

    def _print_Integer(self, expr: sp.Integer) -> str:  # noqa: N802
        return str(expr) if abs(expr) < _EXACT else repr(float(expr))

    def _print_And(self, expr: sp.And) -> str:  # noqa: N802
        return self._nested("logical_and", expr)

    def _print_Or(self, expr: sp.Or) -> str:  # noqa: N802
        return self._nested("logical_or", expr)

    def _print_Max(self, expr: sp.Max) -> str:  # noqa: N802
        return self._nested("maximum", expr)

    def _print_Min(self, expr: sp.Min) -> str:  # noqa: N802
        return self._nested("minimum", expr)

    def _nested(self, function: str, expr: sp.Basic) -> str:
        arguments = [str(self._print(argument)) for argument in expr.args]
        return reduce(lambda p, q: f"{function}({p}, {q})", arguments)


class TwofoldNames(NamedTuple):
    """Names of the functions that compute with two floats, in a language."""

    exactly: str
    plus: str
    times: str
    inverse: str


_TWOFOLD = TwofoldNames("_exactly", "_twofold_plus", "_twofold_times", "_twofold_inverse")


def twofold(expr: sp.Expr, shown: Callable[[sp.Expr], Any], names: TwofoldNames = _TWOFOLD) -> str:
    """Return code that computes ``expr`` and what rounding has taken from it.

    Args:
        expr: sums, products and inverses are computed in two floats, other parts in one.
        shown: prints an expression in the language of the code.
        names: of the functions that are called.
    """
    if expr.is_Rational:
        value = float(expr)
        return f"{names.exactly}({value!r}, {float(expr - sp.Rational(value))!r})"
    if expr.is_Pow and expr.exp == -1:
        return f"{names.inverse}({twofold(expr.base, shown, names)})"
    if not (expr.is_Add or expr.is_Mul):
        return f"{names.exactly}({shown(expr)})"
    joined = names.plus if expr.is_Add else names.times
    parts = (twofold(part, shown, names) for part in expr.args)
    return reduce(lambda p, q: f"{joined}({p}, {q})", parts)


def _power_near_one(base: FloatArray, complement: FloatArray, exponent: FloatArray) -> FloatArray:
    """``base ** exponent``, by ``1 - base`` where that is small: no error grows with exponent."""
    near = np.asarray(complement < _NEAR_ONE)
    if near.all():
        return np.asarray(np.exp(exponent * np.log1p(-complement)))
    power = np.asarray(base, dtype=np.float64) ** exponent
    if not near.any():
        return np.asarray(power)
    log_base = np.log1p(-np.minimum(complement, _NEAR_ONE))
    return np.where(near, np.exp(exponent * log_base), power)


def _total(
    term: Callable[..., FloatArray], values: _Values, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    known = np.isfinite(lower) & np.isfinite(upper)
    if not known.all():
        inside = np.where(known, lower, 1.0), np.where(known, upper, 0.0)
        return np.where(known, _total(term, values, *inside), np.nan)
    start, stop = _ends(lower, upper)
    size = _size(values, lower, upper)
    _refuse_long(stop, stop - start, size)
    step = min(_BLOCK, max(1, _MOST_CELLS // size))
    blocks = [
        _block(term, values, at, min(at + step, stop), (_spread(lower), _spread(upper)))
        for at in range(start, max(stop, start + 1), step)
    ]
    total, lost = reduce(twofold_plus, map(exactly, blocks))
    return np.asarray(np.where(np.isfinite(total), total + lost, total))


def _ends(lower: FloatArray, upper: FloatArray) -> tuple[int, int]:
    """One less than the first index, zero where that is positive, and the last index."""
    return min(0, int(np.min(lower, initial=1)) - 1), int(np.max(upper, initial=0))


def _size(values: _Values, *limits: FloatArray) -> int:
    shapes = [_over(0, 0, name, value).shape[:-1] for name, value in values.items()]
    return prod(np.broadcast_shapes(*shapes, *map(np.shape, limits)))


def _refuse_long(last: int, span: int, size: int) -> None:
    if span > _MOST_TERMS:
        raise TooLongError(
            f"generation = {last:.15g}: the sum over generations would have more than"
            f" {_MOST_TERMS:.0e} terms"
        )
    if span * size > _MOST_IN_ALL:
        raise TooLongError(
            f"{size:.3g} sums of {span:.3g} terms would have more than {_MOST_IN_ALL:.0e} in all"
        )


def _block(
    term: Callable[..., FloatArray],
    values: _Values,
    start: int,
    stop: int,
    limits: tuple[FloatArray, FloatArray],
) -> FloatArray:
    ks = np.arange(start + 1.0, stop + 1.0)
    terms = term(ks, **{name: _over(start, stop, name, value) for name, value in values.items()})
    inside = (ks >= limits[0]) & (ks <= limits[1])
    return np.asarray(np.where(inside, terms, 0.0).sum(axis=-1))


def _over(start: int, stop: int, name: str, value: FloatArray) -> FloatArray:
    entry = NOTATION.get(name.removesuffix("_"))
    if entry is None or not entry.is_sequence or np.ndim(value) == 0:
        return _spread(value)
    if start < 0:
        raise ParameterError(f"{entry.word}: its entries start at 1, the sum at {start + 1}")
    if value.shape[-1] < stop:
        raise ParameterError(
            f"{entry.word}: has {value.shape[-1]} entries along its last axis, generation {stop}"
            f" needs {stop}"
        )
    return value[..., start:stop]


def _integral(term: Callable[..., FloatArray], values: _Values, cell: FloatArray) -> FloatArray:
    spread = {
        name: value if NOTATION[name.removesuffix("_")].is_function else _spread(value)
        for name, value in values.items()
    }
    return np.asarray(term(**spread).sum(axis=-1) * cell)


def _spread(value: FloatArray | float) -> FloatArray:
    return np.asarray(value)[..., np.newaxis]


def _geometric_depth(share: FloatArray, generations: FloatArray) -> FloatArray:
    share = np.asarray(share)
    if share.size and share.min() > 0 and share.max() < 1:
        return np.asarray(-np.expm1(generations * np.log1p(-share)) / share)
    share = np.minimum(share, 1.0)  # a share in [0, 1] may be rounded past one
    positive = np.where(share > 0, share, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = -np.expm1(generations * np.log1p(-positive)) / positive
    depth = np.where(np.equal(share, 1), np.minimum(generations, 1.0), depth)
    return np.where(share > 0, depth, generations)


def _harmonic(count: FloatArray, order: FloatArray | float = 1.0) -> FloatArray:
    """``sum_{k <= count} k^-order`` for integer counts >= 0 and orders >= 0."""
    if np.ndim(order) == 0 and order == 1:
        from scipy.special import digamma

        return np.where(np.equal(count, 0), 0.0, digamma(count + 1.0) + np.euler_gamma)
    count, s = np.broadcast_arrays(count, order)
    ks = np.arange(1.0, _HEAD + 1)
    with np.errstate(under="ignore"):
        terms = np.where(ks <= _spread(count), ks ** -_spread(s), 0.0)
        tail = _power_sum(_HEAD, np.maximum(count, _HEAD), s)
    return np.asarray(terms.sum(axis=-1) + np.where(count > _HEAD, tail, 0.0))


_HEAD = 32
_EULER_MACLAURIN = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160)
"""B_2i / (2i)!"""


def _power_sum(first: int, last: FloatArray, s: FloatArray) -> FloatArray:
    """``sum_{first < k <= last} k^-s``, Euler-Maclaurin summation, DLMF 2.10.1."""
    log, r = np.log(last / first), 1.0 - s
    with np.errstate(invalid="ignore"):
        area = np.where(np.equal(r, 0), log, np.expm1(r * log) / np.where(np.equal(r, 0), 1.0, r))
    total = area * float(first) ** r + (last**-s - float(first) ** -s) / 2
    rising, power = s, s + 1
    for factor in _EULER_MACLAURIN:
        total = total - factor * rising * (last**-power - float(first) ** -power)
        rising, power = rising * power * (power + 1), power + 2
    return np.asarray(total)


def _from_scipy(name: str) -> Callable[..., FloatArray]:
    """Return the function of ``scipy.special``, which is imported when it is first called."""

    def call(*values: FloatArray) -> FloatArray:
        from scipy import special

        return np.asarray(getattr(special, name)(*values), dtype=np.float64)

    return call


def _zeta(s: FloatArray, a: FloatArray | float = 1.0) -> FloatArray:
    from scipy.special import zeta

    return np.asarray(zeta(s, a))


def _lambertw(x: FloatArray, branch: float = 0.0) -> FloatArray:
    from scipy.special import lambertw

    return np.asarray(lambertw(x, k=int(branch)).real)


_SERIES_FROM = 10.0
_BERNOULLI = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def _log_minus_digamma(y: FloatArray, x: FloatArray) -> FloatArray:
    """``log y - psi(x)``: by the asymptotic series of ``log x - psi(x)`` where it would cancel."""
    from scipy.special import digamma

    y, x = np.broadcast_arrays(y, x)
    large = np.maximum(x, _SERIES_FROM)
    series = sum(b * large ** (-2.0 * i) for i, b in enumerate(_BERNOULLI, start=1))
    gap = np.where(x < _SERIES_FROM, np.log(x) - digamma(x), 1 / (2 * large) + series)
    return np.asarray(gap + np.log1p((y - x) / x))


def _one_minus_exp(x: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-x))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "LogMinusDigamma": _log_minus_digamma,
    "OneMinusExp": _one_minus_exp,
    "_exactly": exactly,
    "_geometric_sum": geometric_sum,
    "_twofold_inverse": twofold_inverse,
    "_twofold_plus": twofold_plus,
    "_twofold_power": twofold_power,
    "_twofold_times": twofold_times,
    "GammaQuotient": gamma_quotient,
    "_total": _total,
    "_integral": _integral,
    "_power_near_one": _power_near_one,
    "GeometricDepth": _geometric_depth,
    "harmonic": _harmonic,
    "zeta": _zeta,
    "LambertW": _lambertw,
    **{name: _from_scipy(name) for name in ("erf", "erfc", "gamma", "polygamma")},
    **{
        name: _from_scipy(function)
        for name, function in (("lgamma", "gammaln"), ("factorial", "factorial"))
    },
}
