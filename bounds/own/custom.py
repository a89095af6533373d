"""Bounds of your own: defined from an expression, kept in a catalogue value of your own.

>>> import bounds
>>> from bounds.notation import C, j, n
>>> mine = bounds.define(
...     "square-root",
...     C * j**2 / n,
...     statement="Errors of my model grow with the square of the generation.",
...     hypotheses=[("smooth target", "the target has two derivatives")],
... )
>>> mine.solve("n", at_most="1/10", generation=3).allowed
'n 90 or more'
>>> bounds.register(mine)["square-root"].evaluate(n=90, generation=3)
0.1

Nothing is registered globally: :func:`register` returns a new :class:`Catalogue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Number
from pathlib import Path
from runpy import run_path
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.bound import Bound
from bounds.catalogue import catalogue
from bounds.command_line import existing_file
from bounds.errors import ParameterError, UnknownNameError, no_such, refuse_other, shortened
from bounds.functions import stable
from bounds.hypotheses import Hypothesis
from bounds.notation import NOTATION, C, C_m, C_tau
from bounds.own.accepted import accepted
from bounds.own.grammar import own_symbols
from bounds.own.written import expression_of
from bounds.parameters import OwnSymbol
from bounds.statement import Constants, Evidence, Side, Source, Statistic

__all__ = ["Catalogue", "define", "from_file", "register"]

_OWN = Source("User's own", "no reference given", Evidence.HEURISTIC)


@dataclass(frozen=True)
class Catalogue(Mapping[str, Bound]):
    """Bounds by name; it never changes, and :meth:`register` returns a larger one.

    Args:
        bounds: the bounds, in order.

    Raises:
        ParameterError: two bounds have one name.
    """

    bounds: tuple[Bound, ...]

    def __post_init__(self) -> None:
        names = [bound.name for bound in self.bounds]
        for name in names:
            if names.count(name) > 1:
                raise ParameterError(f"name = {name!r}: a bound of this name is there already")

    def __getitem__(self, name: str) -> Bound:
        """Return the bound called ``name``; an unknown name gets a suggestion."""
        by_name = self._by_name
        if name not in by_name:
            raise UnknownNameError(no_such("bound", name, by_name, "python -m bounds list"))
        return by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self.bounds)

    def register(self, *bounds: Bound) -> Catalogue:
        """Return a catalogue with ``bounds`` added."""
        return Catalogue((*self.bounds, *bounds))

    @property
    def _by_name(self) -> Mapping[str, Bound]:
        return MappingProxyType({bound.name: bound for bound in self.bounds})


def register(*bounds: Bound) -> Catalogue:
    """Return the project's catalogue with ``bounds`` added; the project's own stays as it is."""
    return Catalogue(tuple(catalogue().values())).register(*bounds)


def define(
    name: str,
    expression: sp.Expr | str,
    *,
    statement: str,
    title: str = "",
    hypotheses: Iterable[Hypothesis | tuple[str, str]] = (),
    side: Side = Side.UPPER,
    statistic: Statistic = Statistic.EVERY_RUN,
    constants: Constants | None = None,
    source: Source = _OWN,
    symbols: Mapping[str, str] | None = None,
    **more: Any,
) -> Bound:
    """Return a bound of your own.

    Args:
        name: letters, digits and hyphens.
        expression: a SymPy expression in the symbols of :mod:`bounds.notation`; a plain symbol
            stands for the one of its name or word. Or text, such as ``"C*generation/n"``, read by
            the grammar of :mod:`bounds.own.written` and never executed.
        statement: one sentence.
        title: a few words; made from ``name`` if empty.
        hypotheses: as ``Hypothesis``, or as name and sentence.
        side, statistic, source: as for :class:`Bound`.
        constants: likewise; free if the expression has a free constant of the notation, such as
            ``C``, and it is not said otherwise. A verdict then needs its value.
        symbols: your own symbols by name, each with its meaning and, after a comma, its range:
            ``{"K": "diameter of the support, > 0"}``; also ``>= 1``, ``in (0, 1)``,
            ``integer >= 1``. Values are given under the name. They come before symbols of the
            notation that look alike; ``bound.glossary`` says what each was taken for.
        **more: further fields of :class:`Bound`.

    Raises:
        ParameterError: the name is no name, a symbol is not in the notation, or the expression
            has a part that some evaluator does not know.
    """
    for word, text in (("name", name), ("title", title), ("statement", statement)):
        refuse_other(word, text, str, "a text")
    if not name or not all(part.isalnum() for part in name.split("-")):
        raise ParameterError(f"name = {name!r}: must be letters, digits and single hyphens")
    read = stable(accepted(_read(expression, own_symbols(symbols or {}))))
    return Bound(
        name=name,
        title=title or name.replace("-", " ").capitalize(),
        statement=statement,
        expression=read,
        hypotheses=tuple(h if isinstance(h, Hypothesis) else Hypothesis(*h) for h in hypotheses),
        source=source,
        side=side,
        statistic=statistic,
        constants=constants or (Constants.FREE if read.has(C, C_m, C_tau) else Constants.GIVEN),
        watched=True,
        **more,
    )


def _read(expression: Any, own: Mapping[str, OwnSymbol]) -> sp.Expr:
    """Text by the grammar; anything else must be SymPy's or a number, never text within it."""
    if isinstance(expression, str):
        return expression_of(expression, own)
    # SymPy reads text within lists and tables by executing it, so nothing else gets there.
    if not isinstance(expression, sp.Expr | Number) or isinstance(expression, bool):
        raise ParameterError(
            f"expression = {shortened(expression)}: must be an expression of SymPy, or text"
        )
    return _in_notation(sp.sympify(expression, strict=True), own)


def _in_notation(expression: sp.Expr, own: Mapping[str, OwnSymbol]) -> sp.Expr:
    """Put one's own symbols, and then the notation's, in place of those of the same name."""
    labels = {base.label for base in expression.atoms(sp.IndexedBase)}
    given = {s: own[s.name] for s in expression.atoms(sp.Symbol) - labels if s.name in own}
    expression = expression.xreplace(given)
    scalars = [e for e in NOTATION.values() if not (e.is_sequence or e.is_function)]
    known = {str(e.symbol): e.symbol for e in scalars} | {e.word: e.symbol for e in scalars}
    plain = {s: known[str(s)] for s in expression.free_symbols - labels if str(s) in known}
    return expression.xreplace({s: symbol for s, symbol in plain.items() if not _is_base(s)})


def _is_base(symbol: Any) -> bool:
    return (
        not isinstance(symbol, sp.Symbol)
        or isinstance(symbol, OwnSymbol)
        or any(entry.symbol == symbol for entry in NOTATION.values())
    )


def from_file(path: Path) -> tuple[Bound, ...]:
    """Return the bounds that a Python file holds as ``BOUND`` or ``BOUNDS``.

    Raises:
        ParameterError: no such file, or it holds no bound.
    """
    held = _run(existing_file("--with", path))
    bounds = held.get("BOUNDS", (held["BOUND"],) if "BOUND" in held else ())
    is_listed = isinstance(bounds, list | tuple) and len(bounds) > 0
    if not is_listed or not all(isinstance(bound, Bound) for bound in bounds):
        raise ParameterError(f"--with {path}: must hold a Bound as BOUND, or several as BOUNDS")
    return tuple(bounds)


def _run(path: Path) -> dict[str, Any]:
    """Run a file that the user names; whatever it raises is told in a line."""
    try:
        return run_path(str(path))
    except (Exception, SystemExit) as error:
        raise ParameterError(f"--with {path}: {type(error).__name__}: {error}") from None
