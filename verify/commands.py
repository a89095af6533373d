"""The commands of ``python -m verify``: verify claims, report, audit samples, test itself."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits

from bounds.command_line import say, warn
from bounds.commands import params_of
from bounds.errors import ParameterError
from bounds.own.custom import from_file, register
from empirics.data.files import read_points
from empirics.memory import keep_freed
from empirics.sweeps import Store, StoreError
from empirics.sweeps.terminal import terminal
from verify.claim import Claim
from verify.claims import select
from verify.keeping import KeptFinding, keep, kept_of, told
from verify.loops import Progress as Report
from verify.loops import obstacles
from verify.page.report import KEPT, gathered, is_complete, write_report
from verify.planted import engine_rates, rates_table
from verify.report import (
    NOT_RUN,
    audit_json,
    audit_table,
    audit_text,
    findings_json,
    findings_table,
)
from verify.samples import audit
from verify.scale import Scale
from verify.verdict import Verdict
from verify.verifying import Finding, verify_claims

__all__ = ["COMMANDS"]

_VIOLATED = 1
_STORE = "store"


def _verify(given: Namespace) -> int:
    scale, asked = Scale(given.scale), select(tuple(given.claims))
    skipped = obstacles(asked, scale)
    chosen = [claim for claim in asked if claim.name not in skipped]
    names = [claim.name for claim in chosen]
    folder = given.figures / KEPT
    findings = [] if given.again or not chosen else kept_of(folder, names, scale, given.seed)
    if findings:
        warn(f"as kept in {folder}, decided by this code; --again tests anew")
    findings = findings or (_found(chosen, scale, given.seed, given.figures) if chosen else [])
    if given.json:
        sys.stdout.write(f"{findings_json(findings, skipped)}\n")
    else:
        _show(findings, skipped)
    return _VIOLATED if any(f.verdict is Verdict.VIOLATED for f in findings) else 0


def _report(given: Namespace) -> int:
    asked = given.figures, Scale(given.scale), given.seed
    material = gathered(*asked)
    if not (given.stored_only or is_complete(material)):
        skipped = obstacles(select(()), asked[1])
        runnable = [claim for claim in select(()) if claim.name not in skipped]
        _found(runnable, asked[1], asked[2], asked[0])
        material = gathered(*asked)
    try:
        write_report(Path(given.out), material)
    except OSError as error:
        raise ParameterError(f"--out {given.out}: {error.strerror}") from None
    say(given.out)
    kept = material.verification
    return _VIOLATED if kept is not None and kept.is_violated else 0


def _found(claims: Sequence[Claim], scale: Scale, seed: int, figures: Path) -> list[KeptFinding]:
    """Verify claims and keep the findings; a folder that cannot be written loses no verdict."""
    start = perf_counter()
    findings = _verified(claims, scale, seed, figures)
    try:
        keep(figures / KEPT, findings, scale, seed, perf_counter() - start)
    except OSError as error:
        warn(f"not kept: {figures / KEPT}: {error.strerror}")
    return [told(finding) for finding in findings]


def _verified(claims: Sequence[Claim], scale: Scale, seed: int, figures: Path) -> list[Finding]:
    """Findings on loops of the store, or on loops that are run because it cannot be used."""
    keep_freed()
    # The cores are the workers'; threads of the linear algebra here would only fight them.
    with _bar() as report, threadpool_limits(1, "blas"):
        try:
            return verify_claims(claims, scale, seed, report, store=Store(figures / _STORE))
        except StoreError as error:
            warn(f"loops are not kept: {error}")
            return verify_claims(claims, scale, seed, report)


def _show(findings: Sequence[KeptFinding], skipped: Mapping[str, str]) -> None:
    console = terminal()
    levels = [finding.rule.confidence_level for finding in findings]
    console.print(findings_table(findings, min(levels, default=0.95), skipped))
    for finding in findings:
        for message in finding.messages:
            console.print(f"{finding.claim}: {message}")
    for name, reason in skipped.items():
        console.print(f"{name}: {NOT_RUN}: {reason}", markup=False, soft_wrap=True)


def _audit(given: Namespace) -> int:
    paths = (given.real, *given.generations)
    read = [read_points(path) for path in paths]
    for points in read:
        if points.note:
            warn(points.note)
    name, *pairs = given.bound or ("",)
    own = from_file(given.own) if given.own else ()
    found = audit(
        read[0].values,
        [points.values for points in read[1:]],
        given.confidence,
        bound=register(*own)[name] if name else None,
        params=params_of(pairs),
        names=paths,
        **{w: getattr(given, w) for w in ("n", "share", "constant", "gamma")},
        **{w: getattr(given, w) for w in ("method", "letters", "seed")},
    )
    if given.json:
        sys.stdout.write(f"{audit_json(found)}\n")
    else:
        terminal().print(audit_table(found))
        sys.stdout.write(f"{audit_text(found)}\n")
    return _VIOLATED if found.verdict is Verdict.VIOLATED else 0


def _self_test(given: Namespace) -> int:
    terminal().print(rates_table(engine_rates(given.checks, given.seed)))
    return 0


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "audit": _audit,
    "report": _report,
    "self-test": _self_test,
    "verify": _verify,
}


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
