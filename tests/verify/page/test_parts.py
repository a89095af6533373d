"""A part that is missing or damaged is named in its place; the rest of the page stands."""

import json
import shutil

import pytest

import bounds
from tests.verify.page.conftest import SVG, Tree, drawn, finding
from verify import keeping
from verify.claims import claims
from verify.keeping import keep
from verify.scale import Scale


def only(path):
    (found,) = path.glob("*.json")
    return found


def without_claim(folder):
    path = only(folder / "verify")
    path.unlink()
    rest = [finding(c) for name, c in claims().items() if name != "clt"]
    keep(folder / "verify", rest, Scale.QUICK, 0, 1.0)


def with_damaged_claim(folder):
    path = only(folder / "verify")
    content = json.loads(path.read_text())["verification"]
    content["findings"][2]["cells"][0]["generation"] = "first"
    path.write_text(json.dumps({"seal": keeping._seal(content), "verification": content}))


def with_old_code(folder):
    path = only(folder / "verify")
    content = json.loads(path.read_text())["verification"] | {"code": "older"}
    path.write_text(json.dumps({"seal": keeping._seal(content), "verification": content}))


FEW = {name: bounds.get(name) for name in ("fresh-real", "kde-sandwich")}
PARTS = {
    "no folder": (shutil.rmtree, "There are no figures"),
    "no verifications": (lambda f: shutil.rmtree(f / "verify"), "No verification is kept"),
    "empty store": (lambda f: only(f / "verify").unlink(), "No verification is kept"),
    "damaged JSON": (
        lambda f: only(f / "verify").write_text("{"),
        "cannot be read and is left out",
    ),
    "claim absent": (without_claim, "It is not in the kept verification"),
    "claim damaged": (with_damaged_claim, "Its kept finding is damaged: Expected `int`"),
    "older code": (with_old_code, "The code has changed since this was verified"),
    "no SVG": (lambda f: (f / "R2.svg").unlink(), "Its picture, R2.svg, is not there"),
    "no headline": (lambda f: (f / "ladder.svg").unlink(), "The headline figure is not there"),
    "half an SVG": (
        lambda f: (f / "R2.svg").write_text(SVG[:400]),
        "R2.svg, is not shown: it is not",
    ),
    "bytes for SVG": (
        lambda f: (f / "R2.svg").write_bytes(b"\xff\xfe\x00"),
        "R2.svg, is not shown: it is not",
    ),
    "SVG without size": (
        lambda f: (f / "R2.svg").write_text(SVG.replace("0 0 400 200", "0 0 inf 0")),
        "R2.svg, is not shown: it is not",
    ),
    "deep manifest": (lambda f: (f / "R2.json").write_text("[" * 10**5), "R2.json, is damaged"),
    "deep verification": (
        lambda f: only(f / "verify").write_text("[" * 10**5),
        "is nested too deeply",
    ),
    "no manifest": (lambda f: (f / "R2.json").unlink(), "Its manifest, R2.json, is not there"),
    "damaged manifest": (lambda f: (f / "R2.json").write_text("[]"), "R2.json, is damaged"),
    "no data": (lambda f: (f / "R2.csv").unlink(), "Its data, R2.csv, is not there"),
}


@pytest.mark.parametrize(("break_", "says"), PARTS.values(), ids=PARTS)
def test_a_broken_part_is_named_and_the_rest_stands(figures, break_, says):
    break_(figures)
    tree = Tree(drawn(figures, bounds=FEW))
    assert tree.wrong == []
    assert says in tree.text
    ids = {a.get("id") for _, a in tree.elements}
    assert {f"claim-{name}" for name in claims()} <= ids
    assert {"summary", "claims", "figures", "catalogue", "making"} <= ids
