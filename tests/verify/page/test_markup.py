"""Laws of the page's markup, read as a tree."""

import base64
import gzip
import re
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from urllib.parse import unquote

import bounds
from drawing.style import SERIES
from tests.verify.page.conftest import Tree, drawn, finding, write_figure
from verify.claims import claims, select
from verify.keeping import keep, kept
from verify.page.cards import cards, summary
from verify.page.gallery import download
from verify.page.rendering import Section, document
from verify.page.report import Material, gathered, report
from verify.scale import Scale
from verify.verdict import Verdict

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&javascript:alert(1)"


def test_the_markup_is_well_formed(page):
    assert Tree(page).wrong == []


def test_every_id_is_unique_and_every_link_leads_somewhere(page):
    tree = Tree(page)
    ids = [a["id"] for _, a in tree.elements if "id" in a]
    assert len(set(ids)) == len(ids)
    assert {href[1:] for a in tree.all("a", "use") if (href := a["href"]).startswith("#")} <= set(
        ids
    )
    labels = {name for _, a in tree.elements for name in a.get("aria-labelledby", "").split()}
    assert labels <= set(ids)


def test_every_claim_has_a_card_and_every_bound_an_entry(page):
    tree = Tree(page)
    ids = {a.get("id") for a in tree.all("article", "details")}
    assert {f"claim-{name}" for name in claims()} <= ids
    assert {f"bound-{name}" for name in bounds.catalogue()} <= ids
    for claim in claims().values():
        assert claim.sentence in tree.text


def test_every_picture_can_be_heard(page):
    pictures = Tree(page).all("svg", "img")
    assert len(pictures) > 4
    assert all(a.get("aria-label") or a.get("alt") for a in pictures)


def test_headings_are_in_order(page):
    levels = [int(tag[1]) for tag, _ in Tree(page).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_nothing_is_loaded(page):
    for tag, attributes in Tree(page).elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            value = attributes.get(name, "#")
            assert value.startswith(("#", "data:")), (tag, value)
    assert not re.search(r"@import|url\((?!#)", page)


def test_the_policy_allows_only_the_page_s_own_scripts():
    script = "const a = '</script>';\r\nconsole.log(a);"
    page = document("T", "L", [Section("<p>x</p>", "p { color: red }", script)])
    (inside,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(sha256(inside.encode()).digest()).decode()
    policy = Tree(page).all("meta")[1]["content"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert page.index("<script>") > page.index("</main>")
    assert "script-src 'none'" in document("T", "L", [Section("<p>x</p>")])


def test_every_verdict_has_a_word_beside_its_colour(figures):
    folder = figures / "verify"
    every = [finding(c, v) for c, v in zip(claims().values(), list(Verdict) * 4, strict=False)]
    keep(folder, every, Scale.QUICK, 5, 1.0)
    text = Tree(drawn(figures, 5)).text
    for verdict in Verdict:
        assert verdict.value.replace("-", " ") in text


def test_texts_are_escaped(figures):
    claim = replace(select(("clt",))[0], name="evil", sentence=EVIL, source=EVIL)
    found = finding(claim)
    found = replace(found, rows=tuple(replace(r, where=EVIL, detail=EVIL) for r in found.rows))
    keep(figures / "verify", [found], Scale.QUICK, 9, 1.0)
    write_figure(figures, "X99", title=EVIL, caption=EVIL, alt=EVIL, claims=["evil"], commit=EVIL)
    mine = bounds.define(
        "mine", bounds.notation.C, statement=EVIL, title=EVIL, hypotheses=[(EVIL, EVIL)]
    )
    material = gathered(figures, Scale.QUICK, 9)
    page = report(replace(material, claims={"evil": claim}, bounds={"mine": mine}))
    tree = Tree(page)
    assert tree.wrong == []
    assert tree.all("img") == []
    assert tree.all("script") == [{}, {}, {}, {}]  # the page's own
    assert not [a for _, a in tree.elements for name in a if name.startswith("on")]
    assert not [a for a in tree.all("a") if not a["href"].startswith(("#", "data:"))]
    assert tree.text.count(EVIL) >= 8


def test_tables_come_back_as_they_were():
    small, large = b'a,b\n1,"x, %#\'"\n', b"panel,x\n" + b"a,0.123\n" * 5000
    address = download("t.csv", small).address
    assert unquote(address.partition(",")[2]).encode() == small
    packed = download("t.csv", large)
    assert packed.name == "t.csv.gz"
    assert gzip.decompress(base64.b64decode(packed.address.partition(",")[2])) == large
    assert len(packed.address) < len(large) / 10


def test_the_summary_counts_and_compares(figures):
    material = gathered(figures, Scale.QUICK, 0)
    shown = cards(claims(), material.verification, material.pictures)
    told = summary(shown, bounds.catalogue())
    assert told.counts[Verdict.SUPPORTED] == told.claims == len(claims())
    assert told.cells == 3 * len(claims())
    assert told.controls[0] == told.controls[1] > 0
    assert told.tightest.factor == told.loosest.factor == 1.5
    assert told.tightest.card.name not in ("clt", "growth", "control-by-size")


def test_a_figure_is_drawn_once_and_shown_wherever_it_belongs(page):
    tree = Tree(page)
    ids = [a["id"] for a in tree.all("image")]
    assert sorted(ids) == sorted(f"drawing-{n}" for n in ("ladder", "R2", "X9", "X10"))
    shown = [a["href"] for a in tree.all("use") if a["href"].startswith("#drawing-")]
    assert shown.count("#drawing-R2") == 2
    assert shown.count("#drawing-ladder") == 3


def test_colours_are_those_of_the_figures(page):
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    palette = {c.lower() for c in re.findall(r"--c\d: (#\w+);", style)}
    coloured = {look.colour.lower() for look in SERIES.values()} - {"#000000"}
    assert coloured <= palette


def test_an_empty_page_is_a_page():
    tree = Tree(report(Material(None, [], claims={}, bounds={})))
    assert tree.wrong == []
    assert "No verification is kept" in tree.text


def test_the_page_is_drawn_from_what_is_kept_alone(figures, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("computed again")

    monkeypatch.setattr("verify.verifying.verify_claims", never)
    monkeypatch.setattr("empirics.run", never)
    assert drawn(figures) == drawn(figures)
    assert kept(figures / "verify")[0]
