"""Claims and samples from the command line.

``python -m verify [CLAIM ...]`` tests claims and keeps what it found, ``python -m verify report``
writes a page about it, ``python -m verify audit REAL.npy GEN1.npy ...`` audits samples,
``python -m verify list`` shows the claims, and ``python -m verify self-test`` measures the error
rates of the verdicts themselves on planted truth. Exit status 1 means that something is violated, 2
that the user made a mistake, which is answered in one line.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bounds.errors import ParameterError, UserError
from empirics import InputError
from verify.claim import Claim, Scale
from verify.claims import claims, select
from verify.keeping import keep
from verify.page.report import KEPT, gathered, is_complete, write_report
from verify.planted import engine_rates, rates_table
from verify.report import audit_json, audit_table, audit_text, findings_json, findings_table
from verify.samples import audit
from verify.samples.reading import read_sample
from verify.verdict import Verdict
from verify.verifying import Finding, verify_claims
from verify.verifying import Progress as Report

__all__ = ["main"]

_MISTAKE, _VIOLATED, _STOPPED = 2, 1, 130
_PIPED_WIDTH = 140
_MOST_CHECKS = 100_000
_MOST_DIGITS = 18


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands = {"audit": _audit, "list": _list, "report": _report, "self-test": _self_test}
    command = commands.get(given[0] if given else "")
    try:
        return command(given[1:]) if command else _verify(given)
    except (UserError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _MISTAKE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _STOPPED


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{self.prog}: {message}")


def _verify(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="python -m verify",
        description="Test claims on loops run for it; also: list, audit, report, self-test.",
    )
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help="all if none is named")
    _add_what_is_verified(parser)
    parser.add_argument("--json", action="store_true", help="every cell, as JSON")
    given = parser.parse_args(arguments)
    chosen = select(tuple(given.claims))
    findings = _found(chosen, Scale(given.scale), given.seed, given.figures)
    if given.json:
        print(findings_json(findings))
    else:
        _show(findings, chosen[0].rule.confidence_level)
    return _VIOLATED if any(f.verdict is Verdict.VIOLATED for f in findings) else 0


def _report(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="python -m verify report",
        description="Write one page about all claims and bounds, verified before if need be.",
    )
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="file to write")
    _add_what_is_verified(parser)
    parser.add_argument("--stored-only", action="store_true", help="verify nothing, draw what is")
    given = parser.parse_args(arguments)
    asked = given.figures, Scale(given.scale), given.seed
    _check_writable(given.out)
    material = gathered(*asked)
    if not (given.stored_only or is_complete(material)):
        _found(select(()), asked[1], asked[2], asked[0])
        material = gathered(*asked)
    try:
        write_report(given.out, material)
    except OSError as error:
        raise ParameterError(f"--out {given.out}: {error.strerror}") from None
    print(given.out)
    kept = material.verification
    return _VIOLATED if kept is not None and kept.is_violated else 0


def _check_writable(out: Path) -> None:
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise ParameterError(f"--out {out}: must be a file in a folder that is there")


def _add_what_is_verified(parser: ArgumentParser) -> None:
    parser.add_argument("--scale", choices=[s.value for s in Scale], default=Scale.QUICK.value)
    parser.add_argument("--seed", type=_count, default=0, help="of all randomness")
    parser.add_argument(
        "--figures",
        type=Path,
        default=Path("figures"),
        metavar="DIR",
        help="folder of the figures; verifications are kept in DIR/verify",
    )


def _found(claims: Sequence[Claim], scale: Scale, seed: int, figures: Path) -> list[Finding]:
    """Verify claims and keep the findings; a folder that cannot be written loses no verdict."""
    start = perf_counter()
    with _bar() as report:
        findings = verify_claims(claims, scale, seed, report)
    try:
        keep(figures / KEPT, findings, scale, seed, perf_counter() - start)
    except OSError as error:
        print(f"not kept: {figures / KEPT}: {error.strerror}", file=sys.stderr)
    return findings


def _show(findings: Sequence[Finding], confidence_level: float) -> None:
    console = _console()
    console.print(findings_table(findings, confidence_level))
    for finding in findings:
        for message in finding.messages:
            console.print(f"{finding.claim.name}: {message}", highlight=False, markup=False)


def _audit(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="python -m verify audit",
        description="How far each generation surely is from real data, and what that refutes.",
    )
    parser.add_argument("real", metavar="REAL.npy")
    parser.add_argument("generations", nargs="+", metavar="GEN.npy")
    parser.add_argument("--n", type=_count, help="claimed points per generation")
    parser.add_argument("--share", type=float, help="claimed share of fresh real points")
    parser.add_argument("--constant", type=float, default=1.0, help="of the one-step rate")
    parser.add_argument("--gamma", type=float, default=0.25, help="exponent of the one-step rate")
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--method", choices=("binomial", "betting"), default="binomial")
    parser.add_argument("--letters", type=_count, help="size of a finite alphabet 0, 1, ...")
    parser.add_argument("--seed", type=_count, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = audit(
        read_sample(given.real),
        [read_sample(path) for path in given.generations],
        given.confidence,
        **{w: getattr(given, w) for w in ("n", "share", "constant", "gamma")},
        **{w: getattr(given, w) for w in ("method", "letters", "seed")},
    )
    if given.json:
        print(audit_json(found))
    else:
        _console().print(audit_table(found))
        print(audit_text(found))
    return _VIOLATED if found.verdict is Verdict.VIOLATED else 0


def _list(arguments: Sequence[str]) -> int:
    _Parser(prog="python -m verify list").parse_args(arguments)
    for claim in claims().values():
        _console().print(f"{claim.name:<20}{claim.sentence}", highlight=False, markup=False)
    return 0


def _self_test(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="python -m verify self-test",
        description="Error rates and power of the verdicts, on loops whose answer is known.",
    )
    parser.add_argument("--checks", type=_count, default=2000, help="per error rate")
    parser.add_argument("--seed", type=_count, default=0)
    given = parser.parse_args(arguments)
    if not 20 <= given.checks <= _MOST_CHECKS:
        raise ParameterError(
            f"checks = {given.checks}: at least 20 are required, and at most {_MOST_CHECKS}"
        )
    _console().print(rates_table(engine_rates(given.checks, given.seed)))
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        shown = text if len(text) <= _MOST_DIGITS else f"{text[:_MOST_DIGITS]}..."
        raise ArgumentTypeError(
            f"{shown!r}: must be a non-negative integer below 10^{_MOST_DIGITS}"
        )
    return int(text)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


@contextmanager
def _bar() -> Iterator[Report]:
    """A progress bar on the error stream, so that the output can be piped."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("loops", total=1)

        def report(label: str, done: int, total: int) -> None:
            bar.update(task, description=label[:40], completed=done, total=max(total, 1))

        yield report


if __name__ == "__main__":
    sys.exit(main())
