"""The report: one page from what is stored - verification, figures, loops - and the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from warnings import catch_warnings, simplefilter

from bounds import Bound, catalogue
from bounds.facts import FACTS
from bounds.made_once import made_once
from bounds.values import percent
from empirics.sweeps import Store, StoreError
from empirics.sweeps.files import clear_leftovers, write_whole
from verify.claim import Claim
from verify.claims import claims
from verify.keeping import Damage, Verification, kept, latest
from verify.loops import obstacles
from verify.page.cards import ROWS_SHOWN, Card, cards, summary
from verify.page.dependencies import dependencies_section
from verify.page.explorer import MeasuredCurve, explorer_section, measured_curves
from verify.page.gallery import HEADLINE, Picture, gallery_section, pictures
from verify.page.proofs import shown_proof, works
from verify.page.rendering import Section, document, rendered, scale_strip, script
from verify.scale import Scale

__all__ = ["KEPT", "Material", "gathered", "is_complete", "report", "write_report"]

KEPT = "verify"
"""Folder of kept verifications among the figures."""
_STORE = "store"
_TITLE = "Self-consuming loops: what is proved, what is measured"
_LEAD = (
    "Models trained on their own output drift from real data. This page holds proved bounds on"
    " that drift against loops that were run, and says with statistics whether they hold."
    " Under All bounds, each unfolds its proof, step by step; a graph shows what rests on what."
)
_LINKS = (
    ("summary", "Summary"),
    ("claims", "Claims"),
    ("explorer", "Explorer"),
    ("figures", "Figures"),
    ("catalogue", "All bounds and proofs"),
    ("dependencies", "What rests on what"),
    ("facts", "Facts"),
    ("making", "How it was made"),
)


@dataclass(frozen=True)
class Material:
    """The material of a report.

    Args:
        verification: the one that is shown; ``None`` if none is kept.
        pictures: the figures.
        loops: finished ones, for the explorer.
        damaged: kept verifications that cannot be read.
        remarks: what else there is to say of the sources.
        claims: by name.
        bounds: by name.
    """

    verification: Verification | None
    pictures: Sequence[Picture]
    loops: Sequence[MeasuredCurve] = ()
    damaged: Sequence[Damage] = ()
    remarks: Sequence[str] = ()
    claims: Mapping[str, Claim] = field(default_factory=claims)
    bounds: Mapping[str, Bound] = field(default_factory=catalogue)


def gathered(figures: Path, scale: Scale, seed: int) -> Material:
    """The content of a folder of figures; nothing is computed."""
    found, damaged = kept(figures / KEPT)
    loops, remarks = _loops(figures / _STORE)
    verification = latest(found, scale, seed, claims())
    return Material(verification, pictures(figures), loops, damaged, remarks)


def _loops(folder: Path) -> tuple[list[MeasuredCurve], list[str]]:
    """Finished loops of a store, and what is wrong with it."""
    if not folder.is_dir():
        return [], ["No loops are stored beside the figures: python -m paper_figures runs them."]
    with catch_warnings(record=True) as caught:
        simplefilter("always")
        try:
            curves = measured_curves(Store(folder))
        except StoreError as error:
            return [], [f"Stored loops cannot be read: {error}."]
    return curves, [f"A stored loop is left out: {warning.message}." for warning in caught]


def is_complete(material: Material) -> bool:
    """Whether the present code has decided every claim, so that nothing need be verified."""
    verification = material.verification
    if verification is None or not verification.is_current:
        return False
    left = [claim for name, claim in material.claims.items() if not verification.covers([name])]
    return len(obstacles(left, verification.scale)) == len(left)


def write_report(out: Path, material: Material) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    page = report(material).encode()
    clear_leftovers(out.absolute().parent)
    write_whole(out, page)


def report(material: Material) -> str:
    """The report as one HTML page."""
    shown = cards(material.claims, material.verification, material.pictures)
    return document(_TITLE, _LEAD, _sections(material, shown), _LINKS)


def _sections(material: Material, shown: Sequence[Card]) -> list[Section]:
    headline = [p for p in material.pictures if p.name == HEADLINE and p.drawing]
    told = {"verification": material.verification, "pictures": material.pictures}
    drawn, linked = {p.name for p in headline}, {card.name for card in shown}
    return [
        _summary(material, shown, headline[0] if headline else None),
        Section(
            rendered("claims.html", cards=shown, rows_shown=ROWS_SHOWN, listed=material.bounds)
        ),
        explorer_section(material.loops, material.bounds),
        gallery_section(material.pictures, drawn, linked),
        *_theory(material.bounds),
        Section(rendered("making.html", **told)),
    ]


def _theory(bounds: Mapping[str, Bound]) -> list[Section]:
    """Proofs, graph and facts; those of the catalogue, which take seconds, are made once."""
    if bounds is not catalogue():
        return _written(bounds)
    parts = made_once("theory", lambda: [astuple(section) for section in _written(bounds)])
    return [Section(*part) for part in parts]


def _written(bounds: Mapping[str, Bound]) -> list[Section]:
    """Every bound with its proof, the graph of what rests on what, and the facts below it all."""
    proofs = {name: shown_proof(bound, bounds) for name, bound in bounds.items()}
    cited = works(filter(None, proofs.values()))
    facts = rendered("facts.html", facts=list(FACTS.values()), works=cited)
    return [
        Section(rendered("catalogue.html", bounds=list(bounds.values()), proofs=proofs)),
        dependencies_section(bounds),
        Section(facts, script=script("unfolding.js")),
    ]


def _summary(material: Material, shown: Sequence[Card], headline: Picture | None) -> Section:
    levels = [card.found.rule.confidence_level for card in shown if card.found]
    markup = rendered(
        "summary.html",
        cards=shown,
        summary=summary(shown, material.bounds),
        headline=headline,
        level=percent(min(levels, default=0.95)),
        notices=list(_notices(material)),
        scale=scale_strip(),
    )
    return Section(markup)


def _notices(material: Material) -> Iterable[str]:
    """Notices that a reader needs before the numbers."""
    verification = material.verification
    if verification is None:
        yield "No verification is kept at this scale and seed: python -m verify makes one."
    elif not verification.is_current:
        yield "The code has changed since this was verified: python -m verify makes it new."
    for damage in material.damaged:
        yield f"A kept verification cannot be read and is left out: {damage}."
    yield from material.remarks
