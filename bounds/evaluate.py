"""From a bound's one expression to float64 numbers, broadcast over every parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.numpy import NumPyPrinter

from bounds.errors import ParameterError
from bounds.notation import NOTATION, Notation, k, symbol_of, x
from bounds.values import FloatArray

__all__ = ["compiled", "has_integral", "notations_in"]

_BLOCK = 1 << 20
_MOST_TERMS = 10**8
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
    return tuple(entry for entry in NOTATION.values() if entry.symbol in found)


def has_integral(expression: sp.Expr) -> bool:
    """Whether evaluation needs ``cell``, the volume of a grid cell."""
    return bool(expression.has(sp.Integral))


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
    function = sp.lambdify(
        [sp.Symbol(f"{word}_") for word in words],
        expression.xreplace(new_names),
        modules=[_FUNCTIONS, "numpy"],
        printer=_Printer(new_names),
    )

    def evaluate(**values: FloatArray) -> FloatArray:
        # Too large for a float is infinite; what is no number is NaN, which a bound refuses.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.asarray(function(*(values[word] for word in words)), dtype=np.float64)

    return evaluate


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
        (index, lower, upper), *more = expr.limits
        if more:
            raise NotImplementedError("sums over more than one index")
        limits = f"{self._print(lower)}, {self._print(upper)}"
        return f"_total({self._inner(expr.function, index)}, {limits})"

    def _print_Integral(self, expr: sp.Integral) -> str:  # noqa: N802
        return f"_integral({self._inner(expr.function)}, cell_)"

    def _inner(self, body: sp.Expr, *bound: sp.Symbol) -> str:
        free = sorted(str(s) for s in body.free_symbols - set(bound))
        names = ", ".join([*map(str, bound), *free])
        values = ", ".join(f"{name!r}: {name}" for name in free)
        return f"lambda {names}: {self._print(body)}, {{{values}}}"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:  # noqa: N802
        complement = _small_complement(expr.xreplace(self._old_names))
        if complement is None:
            return str(super()._print_Pow(expr, rational=rational))
        parts = (expr.base, complement.xreplace(self._new_names), expr.exp)
        return f"_power_near_one({', '.join(str(self._print(part)) for part in parts)})"

    def _print_Max(self, expr: sp.Max) -> str:  # noqa: N802
        return self._nested("maximum", expr)

    def _print_Min(self, expr: sp.Min) -> str:  # noqa: N802
        return self._nested("minimum", expr)

    def _nested(self, function: str, expr: sp.Expr) -> str:
        arguments = [str(self._print(argument)) for argument in expr.args]
        return reduce(lambda p, q: f"{function}({p}, {q})", arguments)


def _small_complement(expr: sp.Pow) -> sp.Expr | None:
    """Return ``1 - base`` where it is a product: a ``base`` near one would lose its digits."""
    if expr.exp.is_number or not expr.base.free_symbols:
        return None
    complement = sp.together(1 - expr.base)
    is_product = not sp.fraction(complement)[0].is_Add
    return complement if is_product and complement.is_nonnegative else None


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
    last = int(np.max(upper, initial=0))
    if last > _MOST_TERMS:
        raise ParameterError(
            f"generation = {last}: the sum over generations would have more than {_MOST_TERMS:.0e}"
            " terms"
        )
    blocks = [
        _block(term, values, start, min(start + _BLOCK, last), (_spread(lower), _spread(upper)))
        for start in range(0, max(last, 1), _BLOCK)
    ]
    return np.asarray(sum(blocks[1:], start=blocks[0]))


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
    if share.size and share.min() > 0 and share.max() < 1:
        return np.asarray(-np.expm1(generations * np.log1p(-share)) / share)
    positive = np.where(share > 0, share, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = -np.expm1(generations * np.log1p(-positive)) / positive
    depth = np.where(np.equal(share, 1), np.minimum(generations, 1.0), depth)
    return np.where(share > 0, depth, generations)


def _harmonic(count: FloatArray, order: FloatArray | float = 1.0) -> FloatArray:
    from scipy.special import digamma, zeta

    if np.ndim(order) == 0 and order == 1:
        return np.asarray(digamma(count + 1.0) + np.euler_gamma)
    return np.asarray(zeta(order, 1.0) - zeta(order, count + 1.0))


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


_FUNCTIONS: dict[str, Callable[..., FloatArray]] = {
    "LogMinusDigamma": _log_minus_digamma,
    "OneMinusExp": _one_minus_exp,
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
