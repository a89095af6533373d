"""A bound as a page of text: everything it says about itself, and what is proved of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bounds.audit import Audit
from bounds.bound import Bound
from bounds.printing.typeset import unicode
from bounds.source import Constants, Side

__all__ = ["audit_lines", "described", "properties"]

_RELATION = {
    Side.UPPER: "at most",
    Side.LOWER: "at least",
    Side.PREDICTION: "about",
    Side.EXACT: "exactly",
}

_FREE = "; values and pictures take the default, a verdict needs a constant of yours"


def described(bound: Bound) -> Iterator[str]:
    """Yield the lines of ``show``, from the statement to the properties."""
    yield f"{bound.title} ({bound.name})"
    yield from (bound.statement, "")
    yield f"{bound.subject} is {_RELATION[bound.side]}"
    yield from (f"    {line.rstrip()}" for line in unicode(bound.formula).splitlines())
    yield from ("", "Hypotheses")
    yield from (f"    {item.name}: {item.text}" for item in bound.hypotheses)
    yield from ("Parameters", *(f"    {entry.description}" for entry in bound.symbols))
    if bound.inputs:
        yield f"    or computed from: {', '.join(bound.inputs)}"
    yield f"Side       {bound.side}"
    yield f"Statistic  {bound.statistic}"
    free = bound.constants is Constants.FREE
    yield f"Constants  {bound.constants}{_FREE if free else ''}"
    yield f"Tight      {bound.tight}"
    yield f"Source     {bound.source}"
    yield from _proof(bound)
    yield from ("Properties", *(f"    {line}" for line in properties(bound.audit())))


def _proof(bound: Bound) -> Iterator[str]:
    """The line on the proof, where there is one."""
    if bound.proof and bound.proof.steps:
        checked = sum(step.check is not None for step in bound.proof.steps)
        said = f"{len(bound.proof.steps)} steps, {checked} checked by machine"
        yield f"Proof      {said}; python -m bounds proof {bound.name}"


def properties(audit: Audit) -> Iterator[str]:
    """Yield one line per property: status, name, claim."""
    widest = max((len(item.name) for item in audit.properties), default=0)
    for item in audit.properties:
        yield f"{item.status:<6}  {item.name:<{widest}}  {item.claim}"


def audit_lines(audits: Iterable[Audit]) -> Iterator[str]:
    """Yield the table of the ``audit`` command: each property with how it is known."""
    for audit in audits:
        yield audit.bound
        for line, item in zip(properties(audit), audit.properties, strict=True):
            yield f"    {line}  [{item.how}]"
