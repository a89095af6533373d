"""The facts that come with a bound: where it is proved, its side, its quantity, its constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any

from bounds.cycles import DataCycle
from bounds.loop_facts import LoopFacts

__all__ = [
    "ONE_STEP_TV",
    "TOTAL_VARIATION",
    "Constants",
    "Evidence",
    "Hypothesis",
    "Quantity",
    "Side",
    "Source",
    "Statistic",
    "Tightness",
]


class Side(StrEnum):
    """On which side of the bounded quantity the value lies."""

    UPPER = "upper bound"
    LOWER = "lower bound"
    PREDICTION = "prediction"
    EXACT = "exact value"


class Statistic(StrEnum):
    """The statistic of the runs that is bounded; only that one may be compared with the bound."""

    MEAN = "mean TV over runs"
    FIRST_GENERATION = "mean TV of the first generation over runs"
    EVERY_RUN = "the TV of each run, given its one-step errors"
    EACH_GENERATION = "TV of one generation, with probability 1-delta"
    ALL_GENERATIONS = "TV of all generations at once, with probability 1-delta"
    ONE_TRAINING = "one training, given its measured quantities"
    ONE_TRAINING_LIKELY = "one training, with probability 1-delta"
    AVERAGE = "mean of this quantity over runs"
    EVERY_LOOP = "a number that does not vary between runs"

    @property
    def is_mean(self) -> bool:
        """Whether the statement is about a mean over runs."""
        return self in (Statistic.MEAN, Statistic.FIRST_GENERATION, Statistic.AVERAGE)


class Constants(StrEnum):
    """Whether the value is a number of its own or holds up to a constant to be fitted."""

    GIVEN = "given"
    FREE = "free"


class Tightness(StrEnum):
    """Whether the value is reached under the hypotheses, at more than zero."""

    TIGHT = "attained"
    NOT_TIGHT = "not tight"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Quantity:
    """The bounded quantity, where it is not the total variation to real data.

    Args:
        text: as one writes it in a line of text.
        latex: as one writes it in a formula.
        maximum: the largest value it can have; an upper bound from there on says nothing.
        minimum: the smallest one; a lower bound up to there says nothing.
        column: under which name runs record it, where they do; it is then at most 1.
    """

    text: str
    latex: str
    maximum: float = inf
    minimum: float = 0.0
    column: str = ""


TOTAL_VARIATION = Quantity("TV(p_j, p_0)", r"\mathrm{TV}\left(p_{j}, p_{0}\right)", maximum=1.0)
ONE_STEP_TV = Quantity(
    "TV(p_j, mixture_{j-1})",
    r"\mathrm{TV}\left(p_{j}, \tilde{p}_{j-1}\right)",
    maximum=1.0,
)
"""Distance of a model to what it learned, where the bounded quantity is not the one above."""


class Evidence(StrEnum):
    """The evidence for a statement."""

    PROVED = "proved"
    RECONSTRUCTED = "reconstructed"
    HEURISTIC = "heuristic"


@dataclass(frozen=True)
class Source:
    """The source of a statement.

    Args:
        reference: the paper or notes.
        theorem: the theorem there.
        evidence: how sure the statement is.
        note: what the evidence rests on, where there is more to say.
        keys: entries of :data:`bounds.references.REFERENCES` to cite.
    """

    reference: str
    theorem: str
    evidence: Evidence
    note: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        note = f"; {self.note}" if self.note else ""
        return f"{self.reference}, {self.theorem} [{self.evidence}{note}]"


@dataclass(frozen=True)
class Hypothesis:
    """A condition under which a bound holds.

    Args:
        name: two or three words, used to refuse.
        text: the condition in a sentence.
        check: whether a data cycle satisfies it; ``None`` where a cycle cannot tell.
        loop: whether the facts of a loop, and the parameters of the bound that are known, leave it
            possible; ``None`` where they cannot tell.
        where: a relation of SymPy between the bound's symbols, outside of which no value is given.
    """

    name: str
    text: str
    check: Callable[[DataCycle], bool] | None = None
    loop: Callable[[LoopFacts, Mapping[str, Any]], bool] | None = None
    where: Any = None

    def holds(self, cycle: DataCycle) -> bool:
        """Whether ``cycle`` does not contradict the hypothesis."""
        return self.check is None or self.check(cycle)

    def allows(self, facts: LoopFacts, words: Mapping[str, Any]) -> bool:
        """Whether a loop does not contradict the hypothesis."""
        return self.loop is None or self.loop(facts, words)
