"""Shared parts of the closed forms: the one-step rate, their hypotheses and their sources."""

from __future__ import annotations

from dataclasses import dataclass

from bounds.cycles import DataCycle, Protocol, RealPlusSynthetic
from bounds.hypotheses import Hypothesis, known
from bounds.notation import C, gamma, n
from bounds.statement import Evidence, Source

__all__ = [
    "FRESH",
    "RATE",
    "WHOLE",
    "from_the_paper",
    "of_cycle",
    "one_step_rate",
    "proved_here",
]

_ROUNDING = 1e-12
"""Rounding error allowed in a ratio that is given as a float."""

RATE = Hypothesis(
    "one-step rate",
    "every model k is within C n_k^-gamma of the mixture it was trained on, with one C for all",
)


@dataclass(frozen=True)
class _IsExactly:
    kind: type[DataCycle]

    def __call__(self, cycle: DataCycle) -> bool:
        return type(cycle) is self.kind


def _is_fresh(cycle: DataCycle) -> bool:
    return cycle.data is Protocol.FRESH


FRESH = Hypothesis(
    "fresh data",
    "the training points of every generation are drawn anew from its mixture",
    _is_fresh,
    known(population=False),
)


def _has_whole_sizes(cycle: DataCycle) -> bool:
    if not isinstance(cycle, RealPlusSynthetic):
        return True
    synthetic = cycle.lam * cycle.n
    if getattr(synthetic, "free_symbols", None):
        return True
    return abs(synthetic - round(synthetic)) <= _ROUNDING * max(1, synthetic)


WHOLE = Hypothesis(
    "whole sizes",
    "lambda n is an integer; a loop rounds sizes that are none",
    _has_whole_sizes,
)

one_step_rate = C * n**-gamma


def of_cycle(kind: type[DataCycle]) -> Hypothesis:
    """Return the hypothesis that the data cycle is exactly of this kind."""
    return Hypothesis("data cycle", f"the data cycle is {kind.__name__}", _IsExactly(kind))


def from_the_paper(corollary: str, entry: str) -> Source:
    """Return the source of a rate of Fu et al., proved anew from the one-step rate."""
    return Source(
        "Fu et al., ICML 2024 (arXiv 2402.11778)",
        corollary,
        Evidence.RECONSTRUCTED,
        f"given the one-step rate, proved here from {entry}",
        ("fu2024", "project"),
    )


def proved_here(how: str, note: str = "", *more_keys: str) -> Source:
    """Return the source of a statement that is proved in this catalogue.

    Args:
        how: from which entry or by which argument.
        note: what it owes to others.
        more_keys: references that deserve a citation beside the catalogue.
    """
    keys = ("project", *more_keys)
    return Source("Proved in this catalogue", how, Evidence.PROVED, note, keys)
