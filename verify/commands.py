"""The commands of ``python -m verify``: verify claims, report, audit, list, self-test."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bounds.command_line import Parser, say, warn
from bounds.errors import ParameterError
from empirics.sweeps.files import check_writable
from empirics.sweeps.terminal import terminal
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

__all__ = ["command"]

_VIOLATED = 1
_MOST_CHECKS = 100_000
_MOST_DIGITS = 18


def command(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit status; without arguments, that of this process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    named = {"audit": _audit, "list": _list, "report": _report, "self-test": _self_test}
    chosen = named.get(given[0] if given else "")
    return chosen(given[1:]) if chosen else _verify(given)


def _verify(arguments: Sequence[str]) -> int:
    parser = Parser(
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
        sys.stdout.write(f"{findings_json(findings)}\n")
    else:
        _show(findings, chosen[0].rule.confidence_level)
    return _VIOLATED if any(f.verdict is Verdict.VIOLATED for f in findings) else 0


def _report(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="python -m verify report",
        description="Write one page about all claims and bounds, verified before if need be.",
    )
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="file to write")
    _add_what_is_verified(parser)
    parser.add_argument("--stored-only", action="store_true", help="verify nothing, draw what is")
    given = parser.parse_args(arguments)
    asked = given.figures, Scale(given.scale), given.seed
    check_writable("--out", given.out)
    material = gathered(*asked)
    if not (given.stored_only or is_complete(material)):
        _found(select(()), asked[1], asked[2], asked[0])
        material = gathered(*asked)
    try:
        write_report(given.out, material)
    except OSError as error:
        raise ParameterError(f"--out {given.out}: {error.strerror}") from None
    say(given.out)
    kept = material.verification
    return _VIOLATED if kept is not None and kept.is_violated else 0


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
        warn(f"not kept: {figures / KEPT}: {error.strerror}")
    return findings


def _show(findings: Sequence[Finding], confidence_level: float) -> None:
    console = terminal()
    console.print(findings_table(findings, confidence_level))
    for finding in findings:
        for message in finding.messages:
            console.print(f"{finding.claim.name}: {message}")


def _audit(arguments: Sequence[str]) -> int:
    parser = Parser(
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
        sys.stdout.write(f"{audit_json(found)}\n")
    else:
        terminal().print(audit_table(found))
        sys.stdout.write(f"{audit_text(found)}\n")
    return _VIOLATED if found.verdict is Verdict.VIOLATED else 0


def _list(arguments: Sequence[str]) -> int:
    Parser(prog="python -m verify list").parse_args(arguments)
    for claim in claims().values():
        terminal().print(f"{claim.name:<20}{claim.sentence}")
    return 0


def _self_test(arguments: Sequence[str]) -> int:
    parser = Parser(
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
    terminal().print(rates_table(engine_rates(given.checks, given.seed)))
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        shown = text if len(text) <= _MOST_DIGITS else f"{text[:_MOST_DIGITS]}..."
        raise ArgumentTypeError(
            f"{shown!r}: must be a non-negative integer below 10^{_MOST_DIGITS}"
        )
    return int(text)


@contextmanager
def _bar() -> Iterator[Report]:
    """A progress bar on the error stream, so that the output can be piped."""
    console = terminal(errors=True)
    columns = (TextColumn("{task.description:<40}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("loops", total=1)

        def report(label: str, done: int, total: int) -> None:
            bar.update(task, description=label[:40], completed=done, total=max(total, 1))

        yield report
