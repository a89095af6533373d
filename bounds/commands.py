"""The answers of the commands, line by line."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bounds.audits import checked_lines, examine, examine_all
from bounds.bound import Bound, Side
from bounds.catalogue import catalogue
from bounds.command_line import pairs_of
from bounds.enclosure import enclose
from bounds.errors import ParameterError
from bounds.notation import NOTATION
from bounds.own.custom import from_file, register
from bounds.printing.pages import (
    audit_lines,
    described,
    proof_latex,
    proof_lines,
    snippet,
    tree_lines,
)
from bounds.questions.proving import proof_tree
from bounds.questions.solving import solve

__all__ = ["ANSWERS", "params_of"]


def _known(command: Namespace) -> Mapping[str, Bound]:
    return register(*from_file(command.own)) if command.own else catalogue()


def _list(command: Namespace) -> Iterator[str]:
    rows = [("name", "title", "side", "constants", "evidence", "tight")]
    for bound in _known(command).values():
        said = (bound.side, bound.constants, bound.source.evidence, bound.tight)
        rows.append((bound.name, bound.title, *said))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _show(command: Namespace) -> Iterator[str]:
    bound = _known(command)[command.name]
    if command.latex:
        yield snippet(bound)
    elif command.mathml:
        yield bound.mathml()
    else:
        yield from described(bound)


def _proof(command: Namespace) -> Iterator[str]:
    known = _known(command)
    bound = known[command.name]
    tree = proof_tree(bound)
    if command.latex:
        below = [node.name for node in tree.walk() if node.role == "entry"]
        yield proof_latex(known[name] for name in (below if command.tree else [bound.name]))
    else:
        yield from tree_lines(tree) if command.tree else proof_lines(bound)


def _evaluate(command: Namespace) -> Iterator[str]:
    bound = _known(command)[command.name]
    params = _params(command)
    if command.enclose:
        yield str(enclose(bound, params))
        return
    value = bound.evaluate(**params)
    yield ", ".join(f"{v:.10g}" for v in np.ravel(value))
    for word, default in bound.defaults(**params).items():
        yield f"{word} = {default} ({'free; ' if word == 'constant' else ''}default)"
    if np.any(bound.is_vacuous(**params)):
        yield _vacuous(bound)
    if "noise" in bound.parameters and "noise" not in params and "delta" in params:
        yield "noise: its bound in the mean; for a run the theorem takes the noise recorded in it"


def _vacuous(bound: Bound) -> str:
    if bound.side is Side.UPPER:
        return f"vacuous: the bound is at least {bound.quantity.maximum:g}"
    return f"vacuous: the lower bound is at most {bound.quantity.minimum:g}"


def _solve(command: Namespace) -> Iterator[str]:
    bound = _known(command)[command.name]
    params = _params(command)
    yield str(solve(bound, command.parameter, command.at_most, params))


def _audit(command: Namespace) -> Iterator[str]:
    known, checks = _known(command), not command.json
    names = [command.name] if command.name else list(known)
    if command.own:
        found = [examine(known[name], checks) for name in names]
    else:
        found = examine_all(names, checks)
    if command.json:
        rows = [{**each.audit.as_dict(), "proof": each.steps} for each in found]
        yield json.dumps(rows, indent=2)
    else:
        yield from (*audit_lines(each.audit for each in found), *checked_lines(found))


def _params(command: Namespace) -> dict[str, Any]:
    return params_of(command.pairs)


def params_of(texts: Sequence[str]) -> dict[str, Any]:
    """Parameters from texts such as ``n=1000`` and ``size=1,2,5``.

    Raises:
        ParameterError: another form, or a word given twice.
    """
    params = pairs_of(texts)
    _refuse_short_horizon(params)
    return params


def _refuse_short_horizon(params: dict[str, Any]) -> None:
    if {"horizon", "generation"} <= params.keys():
        last, j = (NOTATION[w].expect(params[w], "horizon") for w in ("horizon", "generation"))
        if (last < j).any():
            raise ParameterError(f"horizon = {params['horizon']}: must be at least the generation")


ANSWERS: Mapping[str, Callable[[Namespace], Iterator[str]]] = {
    "list": _list,
    "show": _show,
    "proof": _proof,
    "eval": _evaluate,
    "solve": _solve,
    "audit": _audit,
}
