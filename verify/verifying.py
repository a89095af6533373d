"""Verifying claims: run their loops, test all cells, decide them as one family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from empirics.runs import Runs
from empirics.sweeps import Store
from verify.claim import Claim, Loop, Measured
from verify.controls import together
from verify.loops import Progress, measure, reported
from verify.scale import Scale
from verify.statements import BoundHolds
from verify.verdict import ControlOutcome, Fate, GenerationVerdict, Verdict, combined, decide

__all__ = ["Finding", "Progress", "least_supported", "verify_claims"]


@dataclass(frozen=True)
class Finding:
    """A claim and what became of it."""

    claim: Claim
    rows: tuple[GenerationVerdict, ...]
    controls: tuple[ControlOutcome, ...]
    seconds: float
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest of any cell; no support while a control survives, or if none applies."""
        gravest = combined(self.rows)
        if gravest is Verdict.VACUOUS and self.tested:
            gravest = combined(self.tested)
        if gravest is Verdict.SUPPORTED and not self.controls_caught:
            return Verdict.INCONCLUSIVE
        return gravest

    @property
    def tested(self) -> tuple[GenerationVerdict, ...]:
        """Cells that could be tested."""
        return tuple(row for row in self.rows if row.tested)

    @property
    def controls_caught(self) -> bool:
        """Whether every control was caught, and there was one."""
        return bool(self.controls) and all(c.fate is Fate.CAUGHT for c in self.controls)

    @property
    def worst(self) -> GenerationVerdict:
        """The cell with the weakest support."""
        return least_supported(self.rows)

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages of a verification: violated cells, uncaught controls, remarks."""
        violated = [
            f"violated: {row.where}, generation {row.generation}: {row.measured:.4g} against"
            f" {row.bound:.4g}, p = {row.p_violation:.2g}"
            for row in self.rows
            if row.verdict is Verdict.VIOLATED
        ]
        uncaught = (c for c in self.controls if c.fate is not Fate.CAUGHT)
        missed = [f"not caught: {c.name}; {c.detail}" for c in uncaught]
        remarks = dict.fromkeys(row.detail for row in self.rows if row.detail)
        return (*violated, *missed, *self.assumptions, *remarks)


def least_supported(rows: Sequence[GenerationVerdict]) -> GenerationVerdict:
    """The cell with the weakest support, among those that could be tested if there are any."""
    return max([row for row in rows if row.tested] or rows, key=_weakness)


def _weakness(row: GenerationVerdict) -> tuple[float, float]:
    """Support p-value first; among cells with equal ones the tightest."""
    tight = row.tightness if not isnan(row.tightness) else 0.0
    return (row.p_support if row.tested else 0.0, -abs(tight - 1))


def verify_claims(
    claims: Sequence[Claim],
    scale: Scale = Scale.QUICK,
    seed: int = 0,
    progress: Progress | bool | None = None,
    workers: int | None = None,
    store: Store | None = None,
) -> list[Finding]:
    """Test every cell of every claim, and decide all of them together by Holm's procedure.

    With probability 95 % (the claims' level) no cell of any claim is called violated falsely, and
    with that probability none is called supported falsely.

    Args:
        claims: from :mod:`verify.claims`.
        scale: how large the experiments are.
        seed: of all randomness; loops that differ get independent streams.
        progress: ``True`` for a bar in the terminal or notebook; or what is called as runs are
            finished.
        workers: processors that are used; all if ``None``.
        store: where finished experiments are, and where others go; ``None`` for no store.

    Raises:
        IncompleteError: an experiment failed.
        StoreError: the store cannot be used.
    """
    loops = {claim.name: claim.loops(scale) for claim in claims}
    every = [loop for found in loops.values() for loop in found]
    with reported(progress) as report:
        measured = measure(every, seed, report, workers, store, _preparing(claims, loops))
    held = {
        name: [Measured(loop, measured[loop.spec].runs) for loop in ls]
        for name, ls in loops.items()
    }
    alpha = 1 - min((claim.rule.confidence_level for claim in claims), default=0.95)
    pairs = [(claim, statement) for claim in claims for statement in claim.statements]
    cells = sum(statement.size(held[claim.name]) for claim, statement in pairs)
    rows: list[GenerationVerdict] = []
    owners: list[str] = []
    for claim, statement in pairs:
        own = statement.size(held[claim.name])
        found = statement.rows(held[claim.name], alpha / cells, alpha / own)
        # Chains of different claims are different chains.
        rows += [replace(r, group=r.group and f"{claim.name} {r.group}") for r in found]
        owners += [claim.name] * len(found)
    decided = decide(rows, alpha)
    return [
        Finding(
            claim,
            tuple(row for row, owner in zip(decided, owners, strict=True) if owner == claim.name),
            _controls(claim, held[claim.name], alpha / cells),
            sum(measured[loop.spec].seconds for loop in loops[claim.name]),
            _assumptions(claim, held[claim.name]),
        )
        for claim in claims
    ]


def _preparing(
    claims: Sequence[Claim], loops: Mapping[str, Sequence[Loop]]
) -> Callable[[Any, Runs], None]:
    """A function that computes the values for the claims of a loop, once there are its runs."""
    uses: dict[Any, list[tuple[BoundHolds, Loop]]] = defaultdict(list)
    for claim in claims:
        for loop in loops[claim.name]:
            uses[loop.spec] += [(s, loop) for s in claim.statements if isinstance(s, BoundHolds)]

    def prepare(spec: Any, runs: Runs) -> None:
        for statement, loop in uses[spec]:
            statement.prepare(Measured(loop, runs))

    return prepare


def _assumptions(claim: Claim, held: list[Measured]) -> tuple[str, ...]:
    """The assumptions of the tests, and remarks on the runs."""
    found = [statement.assumes(held) for statement in claim.statements]
    found += [f"{each.loop.label}: {note}" for each in held for note in each.runs.notes]
    return tuple(dict.fromkeys(text for text in found if text))


def _controls(claim: Claim, held: list[Measured], alpha: float) -> tuple[ControlOutcome, ...]:
    controls = tuple(claim.controls)
    each = [statement.outcomes(controls, held, alpha) for statement in claim.statements]
    idle = "it is not false by a tenth in any cell"
    return tuple(
        together(control, [outcomes[i] for outcomes in each], idle)
        for i, control in enumerate(controls)
    )
