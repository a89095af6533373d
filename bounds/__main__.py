"""Bounds from the command line: list, show, prove, evaluate, solve and audit them.

Commands are parsed by argparse: ``key=value`` pairs have no signature, and a mistake is answered
in one line.
"""

from __future__ import annotations

import gc
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from typing import Any

from bounds.catalogue import catalogue
from bounds.command_line import Parser, answer, existing_file, pairs_of, path_of, run_command, warn
from bounds.made_once import made_once

__all__ = ["main"]

_PAIRS: dict[str, Any] = {"nargs": "*", "metavar": "key=value", "help": "12, 0.1, 1/4 or 1,2,5"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for a user's mistake."""
    return answer(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    given = _parser().parse_args(arguments)
    _check(given)
    for line in _lines(given):
        print(line)
    return 0


def _check(given: Namespace) -> None:
    """Refuse what is wrong without SymPy: a file, a name, the form of parameters."""
    if given.own:
        existing_file("--with", given.own)
    elif vars(given).get("name"):
        catalogue().check(given.name)
    pairs_of(vars(given).get("pairs", ()))


def _lines(given: Namespace) -> Iterable[str]:
    """The answer; one that needs no file and no number of the user's is made once."""
    if given.own or given.command in ("eval", "solve"):
        return _answered(given)
    said, made = vars(given), False
    options = [word for word, value in said.items() if value is True and word != "again"]
    words = filter(None, [given.command, said.get("name"), *options])

    def make() -> list[str]:
        nonlocal made
        made = True
        return list(_answered(given))

    lines = made_once("-".join(words), make, again=said.get("again", False))
    if given.command == "audit" and not made:
        warn("as this code was audited before; --again audits it anew")
    return lines


def _answered(given: Namespace) -> Iterable[str]:
    # Imported within what an interrupt is heard in, and after help and mistakes: SymPy takes long.
    from bounds.commands import ANSWERS

    return ANSWERS[given.command](given)


def _parser() -> ArgumentParser:
    parser = Parser(prog="python -m bounds", description="Total-variation bounds by name.")
    parser.add_argument(
        "--with",
        dest="own",
        type=path_of,
        metavar="FILE.py",
        help="add the bounds in BOUND or BOUNDS of a file",
    )
    commands = parser.add_subparsers(
        required=True, dest="command", metavar="list | show | proof | eval | solve | audit"
    )
    commands.add_parser("list", help="every bound in one table")
    show = commands.add_parser("show", help="one bound: formula, hypotheses, source, properties")
    show.add_argument("name")
    show.add_argument("--latex", action="store_true", help="only the inequality, ready to compile")
    show.add_argument("--mathml", action="store_true", help="only the inequality, in MathML")
    _add_proof(commands)
    evaluate = commands.add_parser("eval", help="the value of one bound")
    evaluate.add_argument("name")
    evaluate.add_argument("pairs", **_PAIRS)
    evaluate.add_argument("--enclose", action="store_true", help="an interval proved to contain it")
    _add_solve(commands)
    audit = commands.add_parser("audit", help="the properties: proved, tested or failing")
    audit.add_argument("name", nargs="?")
    audit.add_argument("--json", action="store_true")
    audit.add_argument("--again", action="store_true", help="also what was audited before")
    return parser


def _add_proof(commands: Any) -> None:
    proof = commands.add_parser("proof", help="the proof of one bound, step by step")
    proof.add_argument("name")
    proof.add_argument("--tree", action="store_true", help="with all proofs and facts it uses")
    proof.add_argument("--latex", action="store_true", help="in LaTeX, ready to compile")


def _add_solve(commands: Any) -> None:
    solve = commands.add_parser("solve", help="parameter values that keep one bound below a target")
    solve.add_argument("name")
    solve.add_argument("pairs", **_PAIRS)
    solve.add_argument("--for", dest="parameter", required=True, metavar="PARAMETER")
    solve.add_argument("--at-most", required=True, metavar="TARGET")


if __name__ == "__main__":
    gc.disable()  # a short process: collecting during the import of SymPy only costs time
    run_command(main)
