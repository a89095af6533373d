"""Hypotheses of a theorem, and facts about a loop that was run, against which they are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from bounds.cycles import DataCycle

__all__ = ["Hypothesis", "LoopFacts", "ModelKind", "known"]

_SHOWN = (
    *("model", "kernel", "bandwidths", "sampler", "frozen", "target", "dimension", "population"),
    "between",
)


class ModelKind(StrEnum):
    """Kinds of model that theorems speak of; any other text names a model of another kind."""

    KDE = "kernel density estimate"
    DIFFUSION = "diffusion"
    NORMAL_MEAN = "normal mean"
    NORMAL_VARIANCE = "normal variance"
    EMPIRICAL = "empirical measure"
    REGRESSION = "linear regression"


@dataclass(frozen=True, kw_only=True)
class LoopFacts:
    """Facts of a loop; ``None`` where one is not known.

    Args:
        model: a :class:`ModelKind`, or the name of another model.
        kernel: ``"normal"``, or the name of another kernel.
        kernel_is_density: whether the kernel is even and nowhere negative.
        bandwidths: standard deviation of the kernel in generations 1, 2, ...
        sampler: ``"sde"`` or ``"ode"``.
        frozen: whether only the output weights of a score network are trained.
        target: ``"normal"``, ``"mixture of normals"``, ``"discrete"``, or the name of another law.
        dimension: of the target.
        population: whether every model learns its mixture itself, as from infinitely many points.
        moves_by_a_point: whether one of n training points moves a model by at most 1/n in TV, so
            that the TV of a run has bounded differences.
        between: what the samples of models pass before they are trained on, in words; ``None`` or
            empty for plain samples.
        operators: constants and biases of what the samples of models 1, 2, ... pass.
        words: further parameters of bounds that the loop determines, by their notation's word.
    """

    model: str | None = None
    kernel: str | None = None
    kernel_is_density: bool | None = None
    bandwidths: tuple[float, ...] | None = None
    sampler: str | None = None
    frozen: bool | None = None
    target: str | None = None
    dimension: int | None = None
    population: bool | None = None
    moves_by_a_point: bool | None = None
    between: str | None = None
    operators: tuple[Any, Any] | None = None
    words: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        known = {name: getattr(self, name) for name in _SHOWN}
        return ", ".join(f"{n} = {_short(v)}" for n, v in known.items() if v is not None)


def _short(value: Any) -> str:
    """A sequence of equal numbers as one."""
    if isinstance(value, tuple):
        return f"{value[0]:.4g}" if len(set(value)) == 1 else f"{value[0]:.4g} .. {value[-1]:.4g}"
    return str(value)


@dataclass(frozen=True)
class _Known:
    """The check of :func:`known`."""

    required: tuple[tuple[str, Any], ...]

    def __call__(self, facts: LoopFacts, words: Mapping[str, Any]) -> bool:
        del words
        return all(getattr(facts, fact) in (None, value) for fact, value in self.required)


def known(**required: Any) -> Callable[[LoopFacts, Mapping[str, Any]], bool]:
    """Return the check that every fact named here, where it is known, has this value."""
    unknown = required.keys() - {f.name for f in fields(LoopFacts)}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: must be a field of LoopFacts")
    return _Known(tuple(required.items()))


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
