"""Machine checks for the steps of proofs; nothing is computed before a check is run.

A check is one test, the claim that passes it, and deliberately wrong variants that must not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from random import Random
from typing import Any

import sympy as sp
from flint import ctx

from bounds.calculus.identities import advanced, is_zero
from bounds.calculus.signs import is_nonnegative
from bounds.certified.arithmetic import fmpq_of, hull
from bounds.certified.walk import walk
from bounds.enclosure import enclose_expression
from bounds.notation import j

__all__ = [
    "CASES",
    "Check",
    "Law",
    "Statement",
    "certified",
    "enclosed",
    "exact",
    "identity",
    "induction",
    "laws",
    "nonnegative",
    "one_root",
    "over_laws",
    "positive_on",
    "simplex",
]

Law = tuple[Fraction, ...]
Statement = Callable[..., bool]
"""A statement about a few laws on one alphabet."""

CASES = 400
_SEED = 11778
_PROBE = 7
_CLEARLY = sp.Rational(1, 10**9)
_DEEPEST = 14


@dataclass(frozen=True, eq=False)
class Check:
    """A test with a claim that passes and wrong variants that do not.

    Args:
        method: how the claim is checked, in a few words.
        test: whether a claim is true.
        claim: what the step says.
        wrong: the claim with a constant, an exponent, a side or an index changed.
    """

    method: str
    test: Callable[[Any], bool]
    claim: Any
    wrong: tuple[Any, ...]

    def holds(self) -> bool:
        """Whether the claim passes."""
        return bool(self.test(self.claim))

    def accepted(self) -> tuple[int, ...]:
        """Return the indices of the wrong variants that pass; a good check accepts none."""
        return tuple(i for i, variant in enumerate(self.wrong) if self.test(variant))


def identity(claim: Any, *wrong: Any) -> Check:
    """Expressions that vanish for all values of their symbols, or functions returning one."""
    return Check("symbolic identity", _vanishes, claim, wrong)


def induction(claim: Any, step: Callable[[Any, Any], Any], first: Any, *wrong: Any) -> Check:
    """Closed forms in ``j`` with value ``first`` at 1 whose ``step(now, following)`` vanishes."""

    def solves(form: sp.Expr) -> bool:
        start = form.subs(j, 1).replace(
            lambda node: isinstance(node, sp.Sum), lambda node: node.doit()
        )
        return _vanishes(start - first) and _vanishes(step(form, advanced(form, j)))

    return Check("induction: two symbolic identities", solves, claim, wrong)


def nonnegative(claim: Any, *wrong: Any) -> Check:
    """Expressions that are at least zero on the whole range of their symbols."""
    return Check("signs of all parts over their ranges", _is_nonnegative, claim, wrong)


def exact(test: Callable[[Any], bool], claim: Any, *wrong: Any, cases: str) -> Check:
    """Claims that are put to exact rational cases by ``test``, described by ``cases``."""
    return Check(f"exact rational cases: {cases}", test, claim, wrong)


def one_root(claim: Any, *wrong: Any) -> Check:
    """Lists of polynomials, each with exactly one root in the open unit interval (Sturm)."""
    return Check("Sturm's theorem", _has_one_root_each, claim, wrong)


def positive_on(low: Any, high: Any, claim: Any, *wrong: Any) -> Check:
    """Expressions in one symbol that are positive on a closed interval."""

    def holds(expression: sp.Expr) -> bool:
        (symbol,) = expression.free_symbols
        return _is_positive_on(expression, symbol, Fraction(low), Fraction(high), _DEEPEST)

    return Check(f"balls that cover [{low}, {high}]", holds, claim, wrong)


def enclosed(claim: Any, *wrong: Any) -> Check:
    """Expressions without symbols, or lists of such, that are positive by ball arithmetic."""
    return Check("enclosed values", _is_certainly_positive, claim, wrong)


def over_laws(claim: Statement, *wrong: Statement, count: int, letters: int = 3) -> Check:
    """Statements about ``count`` laws at a time, put to laws on alphabets of up to ``letters``.

    Small masses come first, so a false statement fails at a small example.
    """

    def holds(statement: Statement) -> bool:
        return all(statement(*chosen) for chosen in laws(count, letters))

    return Check(f"exact search over laws on up to {letters} letters", holds, claim, wrong)


def certified(claim: Any, *wrong: Any) -> Check:
    """Certificates: objects with a ``method`` that check themselves."""
    return Check(claim.method, lambda certificate: certificate.check(), claim, wrong)


def laws(count: int, letters: int = 3) -> Iterator[tuple[Law, ...]]:
    """Yield tuples of laws: all small ones on two letters, then random ones on more."""
    few = product(simplex(2, 3), repeat=count)
    yield from islice(few, CASES)
    generator = Random(_SEED)
    for size in range(2, letters + 1):
        for _ in range(CASES // 4):
            yield tuple(_random_law(size, generator) for _ in range(count))


def simplex(letters: int, denominator: int) -> tuple[Law, ...]:
    """Return all laws on ``letters`` letters whose masses are multiples of one fraction."""
    return tuple(
        tuple(Fraction(part, denominator) for part in parts)
        for parts in product(range(denominator + 1), repeat=letters)
        if sum(parts) == denominator
    )


def _random_law(size: int, generator: Random) -> Law:
    parts = [generator.randint(0, 5) for _ in range(size)]
    parts[generator.randrange(size)] += 1
    return tuple(Fraction(part, sum(parts)) for part in parts)


def _vanishes(claim: Any) -> bool:
    expressions = _listed(claim)
    return not any(map(_is_clearly_nonzero, expressions)) and all(map(is_zero, expressions))


def _listed(claim: Any) -> list[sp.Expr]:
    value = claim() if callable(claim) and not isinstance(claim, sp.Basic) else claim
    if isinstance(value, sp.MatrixBase):
        return list(value)
    return [sp.sympify(v) for v in value] if isinstance(value, Iterable) else [sp.sympify(value)]


def _is_clearly_nonzero(expression: sp.Expr) -> bool:
    """Whether the value at one point of simple rationals is not zero, which saves simplifying."""
    symbols = sorted(expression.free_symbols, key=str)
    point = {symbol: _probe(symbol, place) for place, symbol in enumerate(symbols, start=2)}
    value = expression.subs(point).evalf(30)
    return bool(value.is_number and value.is_finite and abs(value) > _CLEARLY)


def _probe(symbol: sp.Symbol, place: int) -> sp.Expr:
    return sp.Integer(place) if symbol.is_integer else sp.Rational(place, _PROBE + place)


def _is_nonnegative(claim: Any) -> bool:
    return all(map(is_nonnegative, _listed(claim)))


def _has_one_root_each(claim: Any) -> bool:
    polynomials = list(claim() if callable(claim) else claim)
    return all(_roots_inside(sp.Poly(polynomial)) == 1 for polynomial in polynomials)


def _roots_inside(polynomial: sp.Poly) -> int:
    """Roots in the open unit interval, each counted once; those at its ends are divided out."""
    (u,) = polynomial.gens
    for end in (u, u - 1):
        quotient, rest = sp.div(polynomial, sp.Poly(end, u))
        while rest.is_zero:
            polynomial = quotient
            quotient, rest = sp.div(polynomial, sp.Poly(end, u))
    return int(polynomial.count_roots(0, 1))


def _is_certainly_positive(claim: Any) -> bool:
    return all(enclose_expression(expression).lower > 0 for expression in _listed(claim))


def _is_positive_on(
    expression: sp.Expr, symbol: sp.Symbol, low: Fraction, high: Fraction, depth: int
) -> bool:

    with ctx.workprec(64):
        value = walk(expression)({symbol: hull(fmpq_of(low), fmpq_of(high))})
    if value > 0:
        return True
    if value < 0 or not depth:
        return False
    middle = (low + high) / 2
    halves = ((low, middle), (middle, high))
    return all(_is_positive_on(expression, symbol, *half, depth - 1) for half in halves)
