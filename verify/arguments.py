"""What the commands of ``python -m verify`` are asked; nothing heavy is imported to read it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from bounds.command_line import Parser, path_of, path_text
from bounds.errors import ParameterError
from empirics.data.paths import FORMATS
from verify.scale import Scale

__all__ = ["parsed"]

_STATUS = "Exit status: 0 nothing is violated, 1 something is, 2 a mistake, told in one line."
_MOST_CHECKS = 100_000
_MOST_DIGITS = 18


def parsed(arguments: Sequence[str]) -> Namespace:
    """The arguments of one command, whose name is in ``command``.

    Raises:
        ParameterError: they are not those of a command.
    """
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
    parser.add_argument("--stored-only", action="store_true", help="verify nothing, draw what is")
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
        description="How far each generation surely is from real data, and what that refutes.",
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
        "--method", choices=("binomial", "betting"), help="of the limits; chosen unless given"
    )
    parser.add_argument("--letters", type=_count, help="size of a finite alphabet 0, 1, ...")
    parser.add_argument("--seed", type=_count, default=0)
    parser.add_argument("--json", action="store_true")
    return parser


def _list() -> ArgumentParser:
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
    "list": _list,
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
