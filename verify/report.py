"""Findings and audits as tables for a terminal, and as data for JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.table import Table

from bounds.values import percent
from verify.keeping import KeptFinding, finding_record
from verify.samples import HEADINGS, SampleAudit
from verify.verdict import Verdict, number

__all__ = [
    "NOT_RUN",
    "audit_json",
    "audit_table",
    "audit_text",
    "findings_json",
    "findings_table",
]

NOT_RUN = "not run"
"""Stands in the place of a verdict where a library is missing."""
_STYLES = {Verdict.VIOLATED: "bold red", Verdict.INCONCLUSIVE: "yellow"}


def findings_table(
    findings: Sequence[KeptFinding],
    confidence_level: float,
    skipped: Mapping[str, str] = MappingProxyType({}),
) -> Table:
    """One row per claim; numbers are those of its least supported cell.

    Args:
        findings: what was decided.
        confidence_level: of all of them together.
        skipped: claims that could not be run, and why.
    """
    table = Table(
        caption=(
            "measured (a share of runs, where a bound may fail), bound, tightness and refuted below"
            " (factor on the bound) are those of the least supported cell; verdicts hold for all"
            f" cells of all claims together at {percent(confidence_level)} (Holm); control: false"
            " statements caught, of those tried"
        ),
        caption_justify="left",
    )
    for heading in ("claim", "verdict", "least supported cell"):
        table.add_column(heading)
    for heading in ("of", "measured", "bound", "tightness", "refuted below", "control"):
        table.add_column(heading, justify="right")
    for finding in findings:
        worst = finding.worst
        table.add_row(
            finding.claim,
            finding.verdict.value,
            f"{worst.where}, generation {worst.generation}",
            str(len(finding.tested)),
            number(worst.measured, 4),
            number(worst.bound, 4),
            number(worst.tightness, 3),
            number(worst.refuted_below, 3),
            f"{finding.caught} of {len(finding.controls)}",
            style=_STYLES.get(finding.verdict),
        )
    for name in skipped:
        table.add_row(name, NOT_RUN, *7 * ["–"], style="dim")
    return table


def findings_json(
    findings: Sequence[KeptFinding], skipped: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Everything: sentences, cells, p-values, limits, controls; of what was not run, why."""
    records = [finding_record(f) for f in findings]
    records += [{"claim": n, "verdict": NOT_RUN, "reason": why} for n, why in skipped.items()]
    return json.dumps(records, indent=2, allow_nan=False)


def audit_table(found: SampleAudit) -> Table:
    """One row per generation."""
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "verdict" else "right")
    for row in found.rows:
        violated = row.verdict is Verdict.VIOLATED
        table.add_row(*row.cells, style=_STYLES[Verdict.VIOLATED] if violated else None)
    return table


def audit_text(found: SampleAudit) -> str:
    """The findings that the limits refute, in words."""
    together = f"limits hold together at {percent(found.confidence_level)}"
    tests = dict.fromkeys(row.interval.method for row in found.rows)
    return "\n".join([together, *(f"test: {test}" for test in tests), *_refutations(found)])


def _refutations(found: SampleAudit) -> list[str]:
    if found.unjudged:
        return [f"no verdict: {found.unjudged}"]
    if found.bound and found.constant is None:
        return [f"bound: {found.bound}, with the parameters that were given"]
    if found.constant is None:
        return ["no verdict: no claim was given to be judged (--n and --constant, or --bound)"]
    rate = f"the one-step rate {found.constant:g} n^-{found.gamma:g} (yours to set)"
    lines = [f"refutations rest on {rate}"]
    if found.refuted_n is None:
        lines.append("no claim of a sample size is refuted: no generation is surely off real data")
    else:
        lines.append(f"refuted: every claim of {found.refuted_n} or more points per generation")
    if found.refuted_share == 0:
        lines.append("refuted at this n: every real share, none included")
    elif found.refuted_share is not None:
        lines.append(f"refuted at this n: every real share of {found.refuted_share:.4g} or more")
    return lines


def audit_json(found: SampleAudit) -> str:
    """Everything that an audit found, as JSON."""
    rows = [
        {
            "generation": row.generation,
            "points": row.size,
            "low": row.interval.low,
            "high": row.interval.high,
            "method": row.interval.method,
            "bound": row.bound,
            "verdict": row.verdict,
        }
        for row in found.rows
    ]
    whole = {
        "verdict": found.verdict,
        "confidence_level": found.confidence_level,
        "bound": found.bound,
        "unjudged": found.unjudged,
        "constant": found.constant,
        "gamma": found.gamma,
        "refuted_n": found.refuted_n,
        "refuted_share": found.refuted_share,
        "generations": rows,
    }
    return json.dumps(whole, indent=2, allow_nan=False)
