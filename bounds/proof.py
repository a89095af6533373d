"""A proof as data: numbered steps, what each of them uses, and what a machine checks of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from bounds.functions import textbook
from bounds.printing.typeset import latex, presented, unicode

if TYPE_CHECKING:
    from bounds.checks import Check

__all__ = ["Known", "Proof", "Step"]


class Known(StrEnum):
    """The way in which a step is known to hold."""

    CHECKED = "checked"
    CITED = "cited"
    ARGUED = "argued"


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Args:
        text: a sentence.
        formula: an expression or relation of SymPy, or LaTeX where no such object exists.
        uses: names of hypotheses of the theorem, of entries of the catalogue, of
            :data:`bounds.facts.FACTS`, or keys of :data:`bounds.references.REFERENCES`.
        check: what a machine verifies of the step.
    """

    text: str
    formula: str | sp.Basic = ""
    uses: tuple[str, ...] = ()
    check: Check | None = field(default=None, compare=False)

    def known(self, hypotheses: Collection[str] = ()) -> Known:
        """Return whether a machine checks it, an entry, fact or work is cited, or it is argued.

        Args:
            hypotheses: names that the theorem assumes, which are no citations.
        """
        if self.check is not None:
            return Known.CHECKED
        return Known.CITED if set(self.uses) - set(hypotheses) else Known.ARGUED

    def how(self, hypotheses: Collection[str] = ()) -> str:
        """Return how it is known, in words: ``checked by ...``, ``cited`` or ``argued``."""
        return f"checked by {self.check.method}" if self.check else str(self.known(hypotheses))

    @property
    def latex(self) -> str:
        """The formula in LaTeX, empty if there is none."""
        return self.formula if isinstance(self.formula, str) else latex(_written(self.formula))

    @property
    def mathml(self) -> str:
        """The formula in presentation MathML; empty where it is LaTeX, or there is none."""
        return "" if isinstance(self.formula, str) else presented(_written(self.formula))

    @property
    def unicode(self) -> str:
        """The formula as lines of text; LaTeX where it is not an object of SymPy."""
        return self.formula if isinstance(self.formula, str) else unicode(_written(self.formula))


def _written(formula: sp.Basic) -> sp.Basic:
    return textbook(formula) if isinstance(formula, sp.Expr) else formula


@dataclass(frozen=True)
class Proof:
    """The proof of one theorem.

    Args:
        write: returns the steps; called when they are first asked for, so that a theorem's file is
            imported without building their formulas.
        scope: what is proved and what is believed, from where, if not all of it is proved.
    """

    write: Callable[[], tuple[Step, ...]]
    scope: str = ""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in order."""
        return self.write()

    @property
    def uses(self) -> tuple[str, ...]:
        """Every name that a step uses, each once, in order."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.uses))

    def failing(self) -> tuple[int, ...]:
        """Run every check and return the numbers of the steps whose check fails."""
        return tuple(
            number
            for number, step in enumerate(self.steps, start=1)
            if step.check is not None and not step.check.holds()
        )
