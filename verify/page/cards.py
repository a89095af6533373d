"""Cards of claims (formula, verdict, cells, figures and data), and the summary of all cards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite

from bounds import Bound, Side
from verify.claim import Claim
from verify.keeping import Damage, KeptFinding, Verification
from verify.loops import obstacles
from verify.page.gallery import Download, Picture, download, table_of
from verify.scale import Scale
from verify.statements import BoundHolds
from verify.verdict import GenerationVerdict, Verdict

__all__ = ["ROWS_SHOWN", "Card", "Extreme", "Summary", "cards", "summary"]

ROWS_SHOWN = 40
"""Cells of a claim that the page lists; the table has all of them."""
_COLUMNS = [f.name for f in fields(GenerationVerdict) if f.name != "group"]
_ITSELF = 1 + 1e-9
"""In generation 1 the recursion fed with measured errors is the measurement itself."""


@dataclass(frozen=True)
class Card:
    """One claim on the page.

    Args:
        name, sentence, source, quantifier: of the claim.
        found: what became of it; ``None`` if that is not known.
        problem: why it is not known.
        bounds: that it states.
        shapes: what it states besides: the numbers that are compared.
        varies: whether every loop has a bound of its own, of which the first is shown.
        pictures: that show it.
        table: all cells.
    """

    name: str
    sentence: str
    source: str
    quantifier: str
    found: KeptFinding | None
    problem: str
    bounds: tuple[Bound, ...]
    shapes: tuple[str, ...]
    varies: bool
    pictures: tuple[Picture, ...]
    table: Download | None

    @property
    def status(self) -> str:
        """The verdict in words."""
        return self.found.verdict.value if self.found else "not verified"


def cards(
    claims: Mapping[str, Claim],
    verification: Verification | None,
    shown: Sequence[Picture],
) -> list[Card]:
    """One card per claim of the catalogue, and one per kept finding that it does not have."""
    findings = dict(verification.findings) if verification else {}
    scale = verification.scale if verification else Scale.QUICK
    names = dict.fromkeys([*claims, *findings])
    return [_card(name, claims.get(name), findings.get(name), scale, shown) for name in names]


def _card(
    name: str,
    claim: Claim | None,
    finding: KeptFinding | Damage | None,
    scale: Scale,
    shown: Iterable[Picture],
) -> Card:
    found = finding if isinstance(finding, KeptFinding) else None
    told = found or claim
    stated, varies = _bounds(claim, scale) if claim else ((), False)
    return Card(
        name=name,
        sentence=told.sentence if told else "What this claim says cannot be read.",
        source=told.source if told else "",
        quantifier=str(told.quantifier) if told else "",
        found=found,
        problem="" if found else _problem(finding, _obstacle(claim, scale)),
        bounds=stated,
        shapes=_shapes(claim) if claim else (),
        varies=varies,
        pictures=tuple(p for p in shown if name in p.told.claims),
        table=_table(found) if found else None,
    )


def _problem(finding: KeptFinding | Damage | None, obstacle: str) -> str:
    if isinstance(finding, Damage):
        return f"Its kept finding is damaged: {finding.reason}."
    if obstacle:
        return f"It was not run: {obstacle}."
    return "It is not in the kept verification; python -m verify tests it."


def _obstacle(claim: Claim | None, scale: Scale) -> str:
    return obstacles([claim], scale).get(claim.name, "") if claim else ""


def _bounds(claim: Claim, scale: Scale) -> tuple[tuple[Bound, ...], bool]:
    """The bounds of a claim; of a statement with one per loop, the first."""
    found: dict[str, Bound] = {}
    varies = False
    for statement in claim.statements:
        if not isinstance(statement, BoundHolds):
            continue
        loops = claim.loops(scale) if callable(statement.bound) else claim.loops(scale)[:1]
        for loop in loops:
            bound = statement.of(loop)
            varies |= bound.expression != found.setdefault(bound.name, bound).expression
    return tuple(found.values()), varies


def _shapes(claim: Claim) -> tuple[str, ...]:
    shapes = (s.statistic for s in claim.statements if not isinstance(s, BoundHolds))
    return tuple(dict.fromkeys(map(str, shapes)))


def _table(found: KeptFinding) -> Download:
    rows = [[getattr(cell, name) for name in _COLUMNS] for cell in found.cells]
    return download(f"{found.claim}.csv", table_of(_COLUMNS, rows))


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
