"""A finding as it is told, kept and shown: plain data."""

from __future__ import annotations

from math import isfinite
from typing import Any

import msgspec
from msgspec import Struct

from verify.claim import Rule
from verify.verdict import ControlOutcome, Fate, GenerationVerdict, Verdict
from verify.verifying import Finding, least_supported

__all__ = ["KeptFinding", "finding_in", "finding_record", "told"]


class KeptFinding(Struct, frozen=True):
    """A claim and what became of it, as it was told when it was decided."""

    claim: str
    sentence: str
    source: str
    statistic: str
    quantifier: str
    rule: Rule
    verdict: Verdict
    seconds: float
    messages: tuple[str, ...]
    controls: tuple[ControlOutcome, ...]
    cells: tuple[GenerationVerdict, ...]

    @property
    def tested(self) -> tuple[GenerationVerdict, ...]:
        """Cells that could be tested."""
        return tuple(cell for cell in self.cells if cell.tested)

    @property
    def worst(self) -> GenerationVerdict:
        """The cell with the weakest support."""
        return least_supported(self.cells)

    @property
    def caught(self) -> int:
        """Number of false statements that were found violated."""
        return sum(control.fate is Fate.CAUGHT for control in self.controls)


def told(finding: Finding) -> KeptFinding:
    """The finding as it will be read: the same words the first time and every other."""
    claim = finding.claim
    whole = KeptFinding(
        claim.name,
        claim.sentence,
        claim.source,
        claim.statistic,
        claim.quantifier.value,
        claim.rule,
        finding.verdict,
        round(finding.seconds, 3),
        finding.messages,
        finding.controls,
        finding.rows,
    )
    return finding_in(finding_record(whole))


def finding_record(finding: KeptFinding) -> dict[str, Any]:
    """A finding as plain data; numbers that are not finite are ``None``."""
    record: dict[str, Any] = _plain(msgspec.to_builtins(finding))
    return record


def _plain(value: Any) -> Any:
    """Numbers that are not finite become null: JSON has none."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def finding_in(record: dict[str, Any]) -> KeptFinding:
    """The finding that plain data describes; what is missing takes the default.

    Raises:
        KeyError, ValueError: it is no finding, or one without cells.
    """
    cells = [{k: v for k, v in c.items() if v is not None} for c in record["cells"]]
    if not cells:
        raise ValueError("it has no cells")
    return msgspec.convert({**record, "cells": cells}, KeptFinding)
