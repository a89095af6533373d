"""A claim: a sentence as data - what is stated, of which loops, and which false ones must fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from empirics import Experiment
from empirics.runs import Runs
from verify.controls import Control
from verify.scale import Scale
from verify.verdict import ControlOutcome, GenerationVerdict

__all__ = [
    "Claim",
    "ClosedLoop",
    "Loop",
    "Measured",
    "Quantifier",
    "Rule",
    "Scale",
    "Statement",
]


class Quantifier(StrEnum):
    """Of what the statement is made; every cell is tested, and every one must be decided."""

    LOOPS_AND_GENERATIONS = "for every loop and generation"
    RUNS = "for every run of every loop, and every generation"
    SHARE_OF_RUNS = "for all but a share delta of the runs of every loop"
    GROUPS = "for every group of loops"


@dataclass(frozen=True)
class Rule:
    """The rule by which a claim passes or fails; in between it is inconclusive.

    Args:
        confidence_level: of all verdicts of a verification together.
        passes: in words.
        fails: in words.
    """

    confidence_level: float = 0.95
    passes: str = "every cell is supported (Holm over all cells) and every control is caught"
    fails: str = "at least one cell is violated (Holm over all cells)"


class ClosedLoop(Protocol):
    """A loop that runs itself, such as those of :mod:`empirics.closed_form`."""

    @property
    def replicates(self) -> int:
        """Number of independent runs."""

    def run(self) -> Runs:
        """Runs of the loop, simulated or in closed form."""


@dataclass(frozen=True)
class Loop:
    """A loop in a claim.

    Args:
        group: what loops of one curve share, such as the protocol.
        spec: an experiment, or a closed-form loop; its seed is set when it is run.
        x: its place on the curve, such as the number of points; ``None`` if there is no curve.
        axis: what ``x`` is.
    """

    group: str
    spec: Experiment | ClosedLoop
    x: float | None = None
    axis: str = ""

    @property
    def label(self) -> str:
        """Group and place, for a table."""
        return self.group if self.x is None else f"{self.group}, {self.axis} = {self.x:.4g}"


@dataclass(frozen=True)
class Measured:
    """A loop and its runs."""

    loop: Loop
    runs: Runs


class Statement(Protocol):
    """A statement about measured loops, in cells that can be tested."""

    @property
    def statistic(self) -> str:
        """The statistic of the runs that is compared."""

    def size(self, measured: Sequence[Measured]) -> int:
        """Number of cells, a chain of nested ones counting as one."""

    def assumes(self, measured: Sequence[Measured]) -> str:
        """Assumptions of its tests about the runs; empty where they hold for every law of TV."""

    def rows(
        self, measured: Sequence[Measured], alpha: float, limit_alpha: float
    ) -> list[GenerationVerdict]:
        """Undecided rows; one cell may spend ``alpha``, one interval ``limit_alpha``."""

    def outcomes(
        self, controls: Sequence[Control], measured: Sequence[Measured], alpha: float
    ) -> list[ControlOutcome]:
        """The outcome for each false statement; one cell may spend ``alpha``."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One sentence that can be right or wrong, and how that is found out.

    Args:
        name: the catalogue's name.
        sentence: the claim.
        source: where it is stated or proved.
        loops: the experiments of a scale.
        statements: bounds or shapes that together make the sentence.
        quantifier: of what they are stated.
        rule: when the claim passes and when it fails.
        controls: how it is made false; every one must be caught.
    """

    name: str
    sentence: str
    source: str
    loops: Callable[[Scale], tuple[Loop, ...]]
    statements: tuple[Statement, ...]
    quantifier: Quantifier = Quantifier.LOOPS_AND_GENERATIONS
    rule: Rule = Rule()
    controls: tuple[Control, ...] = tuple(Control)

    @property
    def statistic(self) -> str:
        """The statistic of the runs that is compared."""
        return "; ".join(dict.fromkeys(statement.statistic for statement in self.statements))
