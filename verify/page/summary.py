"""The summary of all cards: counts of verdicts, the tightest and the loosest bound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from bounds import Side
from verify.page.cards import Card
from verify.verdict import GenerationVerdict, Verdict

__all__ = ["Extreme", "Summary", "summary"]

_ITSELF = 1 + 1e-9
"""In generation 1 the recursion fed with measured errors is the measurement itself."""


@dataclass(frozen=True)
class Extreme:
    """A cell of a claim: how many times the measurement its bound is, or the reverse."""

    card: Card
    cell: GenerationVerdict
    factor: float


@dataclass(frozen=True)
class Summary:
    """The page in a few numbers.

    Args:
        claims: how many there are.
        counts: of every verdict, also of those that nothing got.
        unknown: how many have no verdict.
        cells: how many were tested.
        controls: how many false statements were tried, and how many were caught.
        tightest, loosest: supported cell of an upper or lower bound; ``None`` if there is none.
    """

    claims: int
    counts: dict[Verdict, int]
    unknown: int
    cells: int
    controls: tuple[int, int]
    tightest: Extreme | None
    loosest: Extreme | None


def summary(cards: Sequence[Card], bounds: Collection[str]) -> Summary:
    """Count, and compare what holds of these bounds."""
    found = [card.found for card in cards if card.found]
    cells = list(_supported(cards, bounds))
    return Summary(
        claims=len(cards),
        counts={v: sum(f.verdict is v for f in found) for v in Verdict},
        unknown=len(cards) - len(found),
        cells=sum(len(f.tested) for f in found),
        controls=(sum(len(f.controls) for f in found), sum(f.caught for f in found)),
        tightest=min(cells, key=lambda e: e.factor, default=None),
        loosest=max(cells, key=lambda e: e.factor, default=None),
    )


def _supported(cards: Iterable[Card], bounds: Collection[str]) -> Iterator[Extreme]:
    """Supported cells of upper and lower bounds; a prediction is neither tight nor loose."""
    for card in cards:
        for cell in card.found.cells if card.found and _is_of(bounds, card) else ():
            ratio = cell.tightness
            if cell.verdict is Verdict.SUPPORTED and isfinite(ratio) and ratio > 0:
                factor = max(ratio, 1 / ratio)
                if factor > _ITSELF:
                    yield Extreme(card, cell, factor)


def _is_of(bounds: Collection[str], card: Card) -> bool:
    """Whether a claim states one of these bounds from above or below, and nothing else."""
    sides = {bound.side if bound.name in bounds else None for bound in card.bounds}
    return bool(sides) and not card.shapes and sides <= {Side.UPPER, Side.LOWER}
