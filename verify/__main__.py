"""Claims and samples from the command line.

``python -m verify [CLAIM ...]`` tests claims and keeps what it found, ``python -m verify report``
writes a page about it, ``python -m verify audit REAL.npy GEN1.npy ...`` audits samples,
``python -m verify list`` shows the claims, and ``python -m verify self-test`` measures the error
rates of the verdicts themselves on planted truth. Exit status 1 means that something is violated, 2
that the user made a mistake, which is answered in one line.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from bounds.catalogue import catalogue
from bounds.command_line import (
    Parser,
    answer,
    existing_file,
    pairs_of,
    path_of,
    path_text,
    run_command,
)
from bounds.errors import ParameterError
from empirics.data import FORMATS, located
from empirics.sweeps.files import check_writable
from verify.scale import Scale

__all__ = ["main"]

_STATUS = "Exit status: 0 nothing is violated, 1 something is, 2 a mistake, told in one line."
_MOST_CHECKS = 100_000
_MOST_DIGITS = 18


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; without arguments, that of this process."""
    return answer(lambda: _run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: Sequence[str]) -> int:
    given = _parsed(arguments)
    if given.command == "list":
        return _list()
    _check(given)
    # The libraries of the other commands take a second; neither help nor a mistake waits for them.
    from verify.commands import COMMANDS

    return COMMANDS[given.command](given)


def _check(given: Namespace) -> None:
    """Refuse what is wrong without the libraries: names, files, the form of parameters."""
    if given.command == "verify":
        from verify.claims import check_names

        check_names(given.claims)
    elif given.command == "report":
        check_writable("--out", given.out)
    elif given.command == "audit":
        for path in (given.real, *given.generations):
            located(path)
        name, *pairs = given.bound or ("",)
        if given.own:
            existing_file("--with", given.own)
        elif name:
            catalogue().check(name)
        pairs_of(pairs)


def _list() -> int:
    from empirics.sweeps.terminal import terminal
    from verify.claims import sentences

    console = terminal()
    for name, sentence in sentences().items():
        console.print(f"{name:<20}{sentence}")
    return 0


def _parsed(arguments: Sequence[str]) -> Namespace:
    """The arguments of one command, whose name is in ``command``."""
    name = arguments[0] if arguments else ""
    make = _PARSERS.get(name)
    given = (make or _verify)().parse_args(arguments[1:] if make else arguments)
    given.command = name if make else "verify"
    if given.command == "self-test" and not 20 <= given.checks <= _MOST_CHECKS:
        raise ParameterError(
            f"checks = {given.checks}: at least 20 are required, and at most {_MOST_CHECKS}"
        )
    return given


def _verify() -> ArgumentParser:
    parser = Parser(
        prog="python -m verify",
        description="Test claims on loops run for it; also: list, audit, report, self-test.",
        epilog=_STATUS,
    )
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help="all if none is named")
    _add_what_is_verified(parser)
    parser.add_argument("--json", action="store_true", help="every cell, as JSON")
    parser.add_argument("--again", action="store_true", help="test anew what was kept, too")
    return parser


def _report() -> ArgumentParser:
    parser = Parser(
        prog="python -m verify report",
        description="Write one page about all claims and bounds, verified before if need be.",
        epilog=_STATUS,
    )
    parser.add_argument("--out", type=path_text, default="report.html", help="file to write")
    _add_what_is_verified(parser)
    parser.add_argument(
        "--stored-only", action="store_true", help="draw what is stored, verify nothing"
    )
    return parser


def _add_what_is_verified(parser: ArgumentParser) -> None:
    parser.add_argument("--scale", choices=[s.value for s in Scale], default=Scale.QUICK.value)
    parser.add_argument("--seed", type=_count, default=0, help="of all randomness")
    parser.add_argument(
        "--figures",
        type=path_of,
        default=Path("figures"),
        metavar="DIR",
        help="folder of the figures; loops are kept in DIR/store, verifications in DIR/verify",
    )


def _audit() -> ArgumentParser:
    parser = Parser(
        prog="python -m verify audit",
        description="Certified distance of each generation from real data, and what it refutes.",
        epilog=f"Files: {', '.join(FORMATS)} (FILE.npz:NAME names an array). {_STATUS}",
    )
    parser.add_argument("real", type=path_text, metavar="REAL")
    parser.add_argument("generations", nargs="+", type=path_text, metavar="GEN")
    parser.add_argument("--n", type=_count, help="claimed points per generation")
    parser.add_argument("--share", type=float, help="claimed share of fresh real points; needs --n")
    parser.add_argument(
        "--constant", type=float, help="of the one-step rate; nothing is judged by it unless given"
    )
    parser.add_argument("--gamma", type=float, default=0.25, help="exponent of the one-step rate")
    parser.add_argument(
        "--bound",
        nargs="+",
        metavar=("NAME", "key=value"),
        help="a bound on every run that is judged instead, with its parameters",
    )
    parser.add_argument(
        "--with", dest="own", type=path_of, metavar="FILE.py", help="add the bounds of a file"
    )
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument(
        "--method", choices=("binomial", "betting"), help="of the limits; chosen if not given"
    )
    parser.add_argument("--letters", type=_count, help="size of a finite alphabet 0, 1, ...")
    parser.add_argument("--seed", type=_count, default=0)
    parser.add_argument("--json", action="store_true")
    return parser


def _list_of_claims() -> ArgumentParser:
    return Parser(prog="python -m verify list", description="Every claim and its sentence.")


def _self_test() -> ArgumentParser:
    parser = Parser(
        prog="python -m verify self-test",
        description="Error rates and power of the verdicts, on loops whose answer is known.",
    )
    parser.add_argument("--checks", type=_count, default=2000, help="per error rate")
    parser.add_argument("--seed", type=_count, default=0)
    return parser


_PARSERS: dict[str, Callable[[], ArgumentParser]] = {
    "audit": _audit,
    "list": _list_of_claims,
    "report": _report,
    "self-test": _self_test,
}


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        shown = text if len(text) <= _MOST_DIGITS else f"{text[:_MOST_DIGITS]}..."
        raise ArgumentTypeError(
            f"{shown!r}: must be a non-negative integer below 10^{_MOST_DIGITS}"
        )
    return int(text)


if __name__ == "__main__":
    run_command(main)
