"""A theorem as data: what it says, under which hypotheses, and what its values need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import escape
from inspect import signature
from math import inf
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from bounds.calculus.certificates import Lemmas
from bounds.cycles import DataCycle
from bounds.errors import HypothesisError, ParameterError
from bounds.evaluate import compiled, has_integral, notations_in
from bounds.functions import textbook
from bounds.hypotheses import Hypothesis, LoopFacts
from bounds.notation import NOTATION, Notation
from bounds.parameters import OwnSymbol, Quantities, Request
from bounds.printing.typeset import latex, math, row_of
from bounds.proof import Proof
from bounds.values import FloatArray

__all__ = [
    "ONE_STEP_TV",
    "TOTAL_VARIATION",
    "Constants",
    "Evidence",
    "Quantity",
    "Relation",
    "Side",
    "Source",
    "Statement",
    "Statistic",
    "Tightness",
]

_HOLDS = {"<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater}


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

    @property
    def is_of_shares(self) -> bool:
        """Whether the statement is about the share of runs beyond the bound."""
        return self in (Statistic.EACH_GENERATION, Statistic.ALL_GENERATIONS)


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
class Relation:
    """A relation between the symbols of a bound.

    Args:
        formula: a SymPy relation in the notation's symbols.
    """

    formula: Any

    def __str__(self) -> str:
        words = {e.symbol: sp.Symbol(e.word) for e in notations_in(self.formula)}
        return str(self.formula.xreplace(words))

    @property
    def words(self) -> set[str]:
        """The words between which it stands."""
        return {entry.word for entry in notations_in(self.formula)}

    def holds(self, values: Mapping[str, Any]) -> np.ndarray:
        """Return where it holds, for numbers or arrays that broadcast."""
        known = {word: np.asarray(values[word], dtype=float) for word in self.words}
        left, right = (compiled(side)(**known) for side in (self.formula.lhs, self.formula.rhs))
        return np.asarray(_HOLDS[self.formula.rel_op](left, right))

    def refuse_unmet(self, values: Mapping[str, Any], title: str) -> None:
        """Refuse values under which it fails.

        Raises:
            ParameterError: names the words and their first such values.
        """
        unmet = np.flatnonzero(~self.holds(values))
        if not unmet.size:
            return
        words = sorted(self.words)
        points = np.broadcast_arrays(*(values[word] for word in words))
        shown = (f"{w} = {v.flat[unmet[0]]:.12g}" for w, v in zip(words, points, strict=True))
        raise ParameterError(f"{', '.join(shown)}: must be such that {self}, required by {title!r}")


class _Sign(NamedTuple):
    """The sign between a quantity and its bound."""

    text: str
    latex: str
    mathml: str


_SIGN = {
    Side.UPPER: _Sign("<=", r"\le", "&#8804;"),
    Side.LOWER: _Sign(">=", r"\ge", "&#8805;"),
    Side.PREDICTION: _Sign("~", r"\approx", "&#8776;"),
    Side.EXACT: _Sign("=", "=", "="),
}
_OF_ONE_TRAINING = (
    Statistic.FIRST_GENERATION,
    Statistic.ONE_TRAINING,
    Statistic.ONE_TRAINING_LIKELY,
)
_FREE = ("constant", "width_constant", "time_constant")


@dataclass(frozen=True, kw_only=True, repr=False)
class Statement:
    r"""A statement about :math:`\mathrm{TV}(p_j, p_0)`, the distance of model j to real data.

    Numbers, LaTeX, parameters and text all come from ``expression``.

    Args:
        name: the catalogue's name.
        title: a few words.
        statement: one sentence.
        expression: the value, in the symbols of :mod:`bounds.notation`.
        hypotheses: conditions under which it holds.
        source: where it is stated and how sure it is.
        side: upper bound, lower bound or prediction.
        statistic: which quantity of the runs it speaks of.
        constants: given, or free and to be fitted.
        quantities: computes sequences and functions of the expression (and ``cell``) that a caller
            does not give, from the words that are its keyword arguments.
        tight: whether the value is reached under the hypotheses.
        quantity: what is bounded.
        proof: its proof, step by step; ``None`` for a bound that has none.
        lemmas: what is proved of it beyond its structure, for the audit and for solving.
        between: whether it also speaks of loops in which the samples of a model pass an operator
            before they are trained on. A statement about one training, or about generation 1, does.
        watched: whether the rounding of each value is watched, as for every bound of ``define``:
            nobody has made its formula safe for floats.

    Raises:
        ParameterError: the expression has a symbol that :mod:`bounds.notation` does not have.
    """

    name: str
    title: str
    statement: str
    expression: sp.Expr
    hypotheses: tuple[Hypothesis, ...]
    source: Source
    side: Side
    statistic: Statistic
    constants: Constants
    quantities: Quantities | None = None
    tight: Tightness = Tightness.UNKNOWN
    quantity: Quantity = TOTAL_VARIATION
    proof: Proof | None = None
    lemmas: Lemmas | None = None
    between: bool = False
    watched: bool = False

    def __post_init__(self) -> None:
        _ = self.symbols  # refuses a symbol that the notation does not have

    def __repr__(self) -> str:
        return (
            f"{self.title} ({self.name})\n"
            f"  {self.subject} {_SIGN[self.side].text} {self.formula}\n"
            f"  {self.side} on {self.statistic}; constants {self.constants}\n"
            f"  {self.source}" + (f"\n{self.glossary}" if self.watched else "")
        )

    @property
    def glossary(self) -> str:
        """The meaning of each symbol: symbol, word, meaning and range, a line each."""
        return "\n".join(f"  {entry.description}" for entry in self.symbols)

    @property
    def subject(self) -> str:
        """The bounded quantity, as text."""
        return f"E {self.quantity.text}" if self.statistic.is_mean else self.quantity.text

    @property
    def formula(self) -> sp.Expr:
        """The expression in textbook form, for printing, limits and derivatives."""
        return textbook(self.expression)

    @cached_property
    def symbols(self) -> tuple[Notation, ...]:
        """The notation of every symbol in the expression, in the table's order."""
        return notations_in(self.expression)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The words that a value needs, before ``quantities`` computes any."""
        cell = ("cell",) if has_integral(self.expression) else ()
        return (*(entry.word for entry in self.symbols), *cell)

    @property
    def free_constants(self) -> tuple[str, ...]:
        """Words of constants that no theorem gives: the user must, wherever a verdict rests on it.

        A default stands in for them where only a number is asked for.
        """
        is_free = self.constants is Constants.FREE
        return tuple(word for word in self.parameters if is_free and word in _FREE)

    def refuse_free(self, given: Mapping[str, Any]) -> None:
        """Refuse parameters that leave a constant free.

        Raises:
            ParameterError: names it.
        """
        for word in self.free_constants:
            if word not in given:
                raise ParameterError(
                    f"{word}: {self.title!r} has a free constant; give {word}=... (a constant"
                    " fitted to the same runs proves nothing)"
                )

    @property
    def own_lemmas(self) -> Lemmas | None:
        """Its lemmas, unless they are of another expression than it has by now."""
        is_same = self.lemmas is not None and self.lemmas.expression == self.expression
        return self.lemmas if is_same else None

    @property
    def assumed(self) -> frozenset[str]:
        """The names of the hypotheses."""
        return frozenset(hypothesis.name for hypothesis in self.hypotheses)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The entries of the catalogue, facts and works that the proof uses, by name."""
        own, used = self.assumed, self.proof.uses if self.proof else ()
        return tuple(name for name in used if name not in own)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The words from which ``quantities`` computes parameters that are not given."""
        return tuple(signature(self.quantities).parameters) if self.quantities else ()

    def request(self, params: Mapping[str, Any]) -> Request:
        """Return the parameters of one evaluation, checked.

        Raises:
            ParameterError: an unknown word or a value out of range.
        """
        own = {e.word: e for e in self.symbols if isinstance(e.symbol, OwnSymbol)}
        entries = NOTATION | own if own else NOTATION
        return Request(self.title, self.parameters, self.quantities, params, entries)

    def meets(self, values: Mapping[str, Any]) -> np.ndarray:
        """Return where no hypothesis between the words fails, as far as their values are known."""
        holds = (relation.holds(values) for relation in self._known_relations(values))
        return np.logical_and.reduce(np.broadcast_arrays(True, *holds))

    def refuse_unmet(self, values: Mapping[str, Any]) -> None:
        """Refuse values of the words under which a hypothesis between them fails.

        Raises:
            ParameterError: names the words, their first such values, and the hypothesis.
        """
        for relation in self._known_relations(values):
            relation.refuse_unmet(values, self.title)

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The relations between the words that the hypotheses demand."""
        return tuple(Relation(h.where) for h in self.hypotheses if h.where is not None)

    def _known_relations(self, values: Mapping[str, Any]) -> list[Relation]:
        return [relation for relation in self.relations if relation.words <= values.keys()]

    def defaults(self, /, **params: Any) -> dict[str, Any]:
        """Return the defaults that are used where these ``params`` are given."""
        return self.request(params).defaults

    def says_nothing(self, value: float | FloatArray) -> bool | np.ndarray:
        """Whether a value is one that every loop satisfies."""
        values = np.asarray(value)
        empty = {
            Side.UPPER: values >= self.quantity.maximum,
            Side.LOWER: values <= self.quantity.minimum,
        }
        vacuous = np.asarray(empty.get(self.side, np.zeros(values.shape, dtype=bool)))
        return vacuous if vacuous.ndim else bool(vacuous)

    def check_hypotheses(
        self,
        cycle: DataCycle,
        facts: LoopFacts | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> None:
        """Refuse a data cycle, or a loop, to which the theorem does not apply.

        Args:
            cycle: of the loop.
            facts: what else is known of it.
            words: parameters of the bound that are known.

        Raises:
            HypothesisError: names the first hypothesis that fails.
        """
        if facts is not None and facts.between and not self._speaks_of_operators:
            raise HypothesisError(
                f"plain samples: {self.title!r} requires that each model is trained on plain"
                f" samples of earlier ones; here they pass {facts.between}"
            )
        for hypothesis in self.hypotheses:
            if not hypothesis.holds(cycle):
                raise HypothesisError(
                    f"{self._requires(hypothesis)}; {cycle!r} does not satisfy it"
                )
            if facts is not None and not hypothesis.allows(facts, words or {}):
                raise HypothesisError(
                    f"{self._requires(hypothesis)}; the loop does not satisfy it: {facts}"
                )

    @property
    def _speaks_of_operators(self) -> bool:
        return self.between or self.statistic in _OF_ONE_TRAINING

    def _requires(self, hypothesis: Hypothesis) -> str:
        return f"{hypothesis.name}: {self.title!r} requires that {hypothesis.text}"

    def latex(self) -> str:
        """Return the inequality in LaTeX."""
        mean = r"\mathbb{E}\," if self.statistic.is_mean else ""
        return f"{mean}{self.quantity.latex} {_SIGN[self.side].latex} {latex(self.formula)}"

    def mathml(self) -> str:
        """Return the inequality in presentation MathML."""
        left = f"<mtext>{escape(self.subject)}</mtext><mo>{_SIGN[self.side].mathml}</mo>"
        return math(left + row_of(self.formula))
