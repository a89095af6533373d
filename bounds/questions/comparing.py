"""Several bounds at the same parameters, and the best of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bounds.accuracy import evaluate
from bounds.cycles import DataCycle
from bounds.errors import HypothesisError, ParameterError, did_you_mean
from bounds.html import html_table
from bounds.statement import Constants, Side, Statement
from bounds.values import FloatArray, plain

__all__ = ["Best", "Comparison", "best", "compare", "refuse_unknown", "words_for"]


@dataclass(frozen=True)
class Row:
    """One bound in a comparison.

    Args:
        bound: the bound.
        value: its value.
        vacuous: whether the value says nothing.
    """

    bound: Statement
    value: float | FloatArray
    vacuous: bool | np.ndarray


@dataclass(frozen=True)
class Comparison:
    """Several bounds at the same parameters, in the order given."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        return "\n".join(map(_line, self.rows))

    def _repr_html_(self) -> str:
        rows = [
            (row.bound.title, row.bound.side, shown(row.value), _remark(row)) for row in self.rows
        ]
        return html_table(("bound", "side", "value", ""), rows)

    def __getitem__(self, name: str) -> Row:
        """Return the row of the bound called ``name``."""
        return next(row for row in self.rows if row.bound.name == name)


def _line(row: Row) -> str:
    return f"{row.bound.name}: {row.bound.side} {shown(row.value)}{_remark(row)}"


def _remark(row: Row) -> str:
    vacuous = "  vacuous" if np.any(row.vacuous) else ""
    free = "  free constant" if row.bound.constants is Constants.FREE else ""
    return vacuous + free


def shown(value: float | FloatArray) -> str:
    """One number or several, in six digits."""
    return ", ".join(f"{number:.6g}" for number in np.ravel(value))


@dataclass(frozen=True)
class Best:
    """The pointwise best of several bounds.

    Args:
        value: the smallest upper bound, or the largest lower bound.
        winner: name of the bound that gives it, an array where ``value`` is one.
        excluded: why bounds were left out, by name.
    """

    value: float | FloatArray
    winner: str | np.ndarray
    excluded: Mapping[str, str]

    def __str__(self) -> str:
        return "\n".join([*self._lines, *self._left_out])

    def _repr_html_(self) -> str:
        pairs = zip(np.ravel(self.winner), np.ravel(self.value), strict=True)
        rows = [(name, f"{value:.6g}") for name, value in pairs]
        return html_table(("best", "value"), rows, notes=self._left_out)

    @property
    def _lines(self) -> list[str]:
        pairs = zip(np.ravel(self.winner), np.ravel(self.value), strict=True)
        return [f"{name}: {value:.6g}" for name, value in pairs]

    @property
    def _left_out(self) -> list[str]:
        return [f"left out: {name}, {why}" for name, why in self.excluded.items()]


def compare(*bounds: Statement, **params: Any) -> Comparison:
    """Return the value of each bound; each takes of ``params`` what it knows.

    Raises:
        ParameterError: no bound, a word none of them knows, or one they miss.
    """
    refuse_unknown(bounds, params)
    rows = []
    for bound in bounds:
        value = evaluate(bound, words_for(bound, params))
        rows.append(Row(bound, value, bound.says_nothing(value)))
    return Comparison(tuple(rows))


def best(*bounds: Statement, cycle: DataCycle | None = None, **params: Any) -> Best:
    """Return the pointwise smallest of upper bounds, or the largest of lower ones, and which it is.

    Args:
        *bounds: all upper or all lower, on the same quantity and statistic.
        cycle: leaves out, with the reason, bounds whose hypotheses it does not satisfy.
        **params: as for :func:`compare`.

    Raises:
        ParameterError: the bounds are not of one kind, or none is left.
    """
    applicable, excluded = _applicable(bounds, cycle)
    side = _one_kind(applicable)
    rows = compare(*applicable, **params).rows
    values = np.stack(np.broadcast_arrays(*(np.asarray(row.value) for row in rows)))
    at = np.argmin(values, axis=0) if side is not Side.LOWER else np.argmax(values, axis=0)
    value = np.take_along_axis(values, at[np.newaxis], axis=0)[0]
    names = np.array([row.bound.name for row in rows])[at]
    return Best(plain(value), str(names) if names.ndim == 0 else names, excluded)


def _applicable(
    bounds: tuple[Statement, ...], cycle: DataCycle | None
) -> tuple[tuple[Statement, ...], dict[str, str]]:
    excluded: dict[str, str] = {}
    if cycle is not None:
        for bound in bounds:
            try:
                bound.check_hypotheses(cycle)
            except HypothesisError as error:
                excluded[bound.name] = str(error)
    left = tuple(bound for bound in bounds if bound.name not in excluded)
    if not left:
        raise ParameterError(
            f"bounds: none applies: {'; '.join(excluded.values()) or 'none was given'}"
        )
    return left, excluded


def _one_kind(bounds: tuple[Statement, ...]) -> Side:
    for word in ("side", "quantity", "statistic", "constants"):
        kinds = list(dict.fromkeys(str(getattr(bound, word)) for bound in bounds))
        if len(kinds) > 1:
            raise ParameterError(
                f"bounds: only bounds of one {word} have a best, not {' and '.join(kinds)}"
            )
    return bounds[0].side


def words_for(bound: Statement, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the parameters that a bound knows."""
    return {w: v for w, v in params.items() if w in (*bound.parameters, *bound.inputs)}


def refuse_unknown(bounds: tuple[Statement, ...], params: Mapping[str, Any]) -> None:
    """Refuse a word that none of the bounds knows.

    Raises:
        ParameterError: such a word, or no bound.
    """
    if not bounds:
        raise ParameterError("bounds: none was given")
    known = [word for bound in bounds for word in (*bound.parameters, *bound.inputs)]
    for word in params:
        if word not in known:
            raise ParameterError(f"{word}: unknown to all bounds{did_you_mean(word, known)}")
