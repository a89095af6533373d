"""Bounds from the command line: list, show, evaluate, solve and audit them.

Commands are parsed by argparse: ``key=value`` pairs have no signature, and a mistake is answered
in one line.
"""

from __future__ import annotations

import gc
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.command_line import Parser, answer, run_command
from bounds.errors import ParameterError

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["main"]

_PAIRS: dict[str, Any] = {"nargs": "*", "metavar": "key=value", "help": "12, 0.1, 1/4 or 1,2,5"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for a user's mistake."""

    def run() -> int:
        command = _parser().parse_args(arguments)
        command.run(command)
        return 0

    return answer(run)


def _parser() -> ArgumentParser:
    parser = Parser(prog="python -m bounds", description="Total-variation bounds by name.")
    parser.add_argument(
        "--with", dest="own", metavar="FILE.py", help="add the bounds in BOUND or BOUNDS of a file"
    )
    commands = parser.add_subparsers(
        required=True, metavar="list | show | proof | eval | solve | audit"
    )
    listing = commands.add_parser("list", help="every bound in one table")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="one bound: formula, hypotheses, source, properties")
    show.add_argument("name")
    show.add_argument("--latex", action="store_true", help="only the inequality, ready to compile")
    show.add_argument("--mathml", action="store_true", help="only the inequality, in MathML")
    show.set_defaults(run=_show)
    _add_proof(commands)
    evaluate = commands.add_parser("eval", help="the value of one bound")
    evaluate.add_argument("name")
    evaluate.add_argument("pairs", **_PAIRS)
    evaluate.add_argument("--enclose", action="store_true", help="an interval proved to contain it")
    evaluate.set_defaults(run=_evaluate)
    _add_solve(commands)
    audit = commands.add_parser("audit", help="which properties are proved, tested, or fail")
    audit.add_argument("name", nargs="?")
    audit.add_argument("--json", action="store_true")
    audit.set_defaults(run=_audit)
    return parser


def _add_proof(commands: Any) -> None:
    proof = commands.add_parser("proof", help="the proof of one bound, step by step")
    proof.add_argument("name")
    proof.add_argument("--tree", action="store_true", help="with all proofs and facts it uses")
    proof.add_argument("--latex", action="store_true", help="in LaTeX, ready to compile")
    proof.set_defaults(run=_proof)


def _add_solve(commands: Any) -> None:
    solve = commands.add_parser("solve", help="what keeps one bound below a target")
    solve.add_argument("name")
    solve.add_argument("pairs", **_PAIRS)
    solve.add_argument("--for", dest="parameter", required=True, metavar="PARAMETER")
    solve.add_argument("--at-most", required=True, metavar="TARGET")
    solve.set_defaults(run=_solve)


def _known(command: Namespace) -> Mapping[str, Bound]:
    from bounds.custom import from_file, register

    return register(*(from_file(Path(command.own)) if command.own else ()))


def _list(command: Namespace) -> None:
    rows = [("name", "title", "side", "constants", "evidence", "tight")]
    for bound in _known(command).values():
        said = (bound.side, bound.constants, bound.source.evidence, bound.tight)
        rows.append((bound.name, bound.title, *said))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _show(command: Namespace) -> None:
    from bounds.pages import described
    from bounds.typeset import snippet

    bound = _known(command)[command.name]
    if command.latex:
        print(snippet(bound))
    elif command.mathml:
        print(bound.mathml())
    else:
        print("\n".join(described(bound)))


def _proof(command: Namespace) -> None:
    from bounds.proof_pages import proof_latex, proof_lines, tree_lines
    from bounds.questions.proving import proof_tree

    known = _known(command)
    bound = known[command.name]
    tree = proof_tree(bound)
    if command.latex:
        below = [node.name for node in tree.walk() if node.role == "entry"]
        print(proof_latex(known[name] for name in (below if command.tree else [bound.name])))
    else:
        print("\n".join(tree_lines(tree) if command.tree else proof_lines(bound)))


def _evaluate(command: Namespace) -> None:
    import numpy as np

    bound = _known(command)[command.name]
    params = _params(command)
    if command.enclose:
        from bounds.enclosure import enclose

        print(enclose(bound, params))
        return
    value = bound.evaluate(**params)
    print(", ".join(f"{v:.10g}" for v in np.ravel(value)))
    for word, default in bound.defaults(**params).items():
        print(f"{word} = {default} ({'free; ' if word == 'constant' else ''}default)")
    if np.any(bound.is_vacuous(**params)):
        print(_vacuous(bound))
    if "noise" in bound.parameters and "noise" not in params and "delta" in params:
        print("noise: its bound in the mean; for a run the theorem takes the noise recorded in it")


def _vacuous(bound: Bound) -> str:
    from bounds.source import Side

    if bound.side is Side.UPPER:
        return f"vacuous: the bound is at least {bound.quantity.maximum:g}"
    return f"vacuous: the lower bound is at most {bound.quantity.minimum:g}"


def _solve(command: Namespace) -> None:
    from bounds.questions.solving import solve

    bound = _known(command)[command.name]
    params = _params(command)
    print(solve(bound, command.parameter, command.at_most, params))


def _audit(command: Namespace) -> None:
    from bounds.pages import audit_lines
    from bounds.proof_pages import checked_lines, step_count

    known = _known(command)
    chosen = [known[command.name]] if command.name else list(known.values())
    audits = [bound.audit() for bound in chosen]
    if command.json:
        import json

        rows = [
            {**audit.as_dict(), "proof": step_count([bound])}
            for audit, bound in zip(audits, chosen, strict=True)
        ]
        print(json.dumps(rows, indent=2))
    else:
        print("\n".join((*audit_lines(audits), *checked_lines(chosen))))


def _params(command: Namespace) -> dict[str, Any]:
    pairs = [_pair(text) for text in command.pairs]
    keys = [key for key, _ in pairs]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise ParameterError(f"{twice[0]}: given {keys.count(twice[0])} times, must be given once")
    params = dict(pairs)
    _refuse_short_horizon(params)
    return params


def _refuse_short_horizon(params: dict[str, Any]) -> None:
    from bounds.notation import NOTATION

    if {"horizon", "generation"} <= params.keys():
        last, j = (NOTATION[w].expect(params[w], "horizon") for w in ("horizon", "generation"))
        if (last < j).any():
            raise ParameterError(f"horizon = {params['horizon']}: must be at least the generation")


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ParameterError(f"{text!r}: must be key=value, such as n=1000 or gamma=1/4")
    return key, value.split(",") if "," in value else value


if __name__ == "__main__":
    gc.disable()  # a short process: collecting during the import of SymPy only costs time
    run_command(main)
