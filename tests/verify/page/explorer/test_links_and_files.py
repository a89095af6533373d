"""Links that restore the page, and files that hold what it draws."""

import csv
import io
import xml.etree.ElementTree as ElementTree

import pytest

from tests.browser import complaints
from tests.verify.page.explorer.conftest import Driven
from verify.page.explorer.views import VIEWS


def test_the_link_restores_everything(explorer, address):
    words = {"n": 777, "share": 0.123456789, "gamma": 0.31, "delta": 0.01, "generation": 4}
    explorer.choose(
        "error-propagation",
        "kde-high-probability-single",
        "diffusion-early-stopping-loop",
        cycle="fresh_real",
        loop=1,
        sizes="law",
        errors="law",
        x="n",
        **{"from": 20, "to": 5000},
        xlog=1,
        ylog=0,
        measured=0,
        **{"one_step_error": 0.02, "one_step_error.decay": 0.5, "path_kl.decay": 1},
        **words,
    )
    link, state = explorer.ask("window.explorer.link()"), explorer.state()
    drawn = explorer.ask("window.explorer.drawn()")
    assert state["values"]["share"] == 0.123456789
    assert state["choices"]["decays"]["one_step_error"] == 0.5
    explorer.browser.get("about:blank")
    explorer.browser.get(address + link)
    again = Driven(explorer.browser)
    assert again.ask("window.explorer.link()") == link
    assert again.ask("window.explorer.drawn()") == drawn


def test_malformed_links_are_ignored_with_a_note(explorer):
    explorer.follow(
        bounds="no-such fresh-real __proto__",
        x="alert(1)",
        n="1e3",
        share="0.1;drop",
        gamma="Infinity",
        cycle="constructor",
        loop=99,
        colour="red",
        **{"<script>alert(1)</script>": 1},
    )
    state = explorer.state()
    assert state["chosen"] == ["fresh-real"]
    assert state["values"]["n"] == 1000
    assert state["values"]["share"] == 0.1
    said = explorer.browser.find_element("css selector", ".told").text
    for key in ("x", "share", "gamma", "cycle", "loop", "colour", "<script>alert(1)</script>"):
        assert key in said
    assert explorer.ask("document.querySelectorAll('.told script').length") == 0
    assert complaints(explorer.browser) == []


def test_other_fragments_are_left_alone(explorer):
    explorer.browser.execute_script("location.hash = '#claims';")
    explorer.settle()
    assert explorer.ask("location.hash") == "#claims"
    assert tuple(explorer.state()["chosen"]) == VIEWS[0].bounds


def test_the_address_follows_the_reader(explorer):
    explorer.choose("balanced")
    explorer.write("n", 4321)
    explorer.browser.execute_async_script("setTimeout(arguments[0], 600);")
    assert "n=4321" in explorer.ask("location.hash")


def test_csv_holds_what_is_drawn(explorer):
    explorer.choose("fresh-real", "full-synthetic", n=1000, to=8)
    rows = list(csv.DictReader(io.StringIO(explorer.ask("window.explorer.csv()"))))
    for curve in explorer.ask("window.explorer.drawn()"):
        mine = [r for r in rows if r["series"] == curve["name"]]
        assert [[float(r["generation"]), float(r["value"])] for r in mine] == curve["points"]
    measured = [r for r in rows if r["kind"] == "measured"]
    assert {float(r["generation"]) for r in measured} == set(range(1, 7))
    assert all(float(r["low"]) < float(r["value"]) < float(r["high"]) for r in measured)
    assert "n = 1000" in rows[0]["at"]


def test_files_are_saved(explorer, browser, tmp_path):
    browser.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    for text in ("Save data", "Save picture"):
        browser.find_element("xpath", f"//button[contains(., '{text}')]").click()
    for name in ("bounds.csv", "bounds.svg"):
        wait_for(browser, tmp_path / name)
    assert (tmp_path / "bounds.csv").read_text() == explorer.ask("window.explorer.csv()")
    assert (tmp_path / "bounds.svg").read_text().startswith("<svg")


def wait_for(browser, path):
    for _ in range(100):
        if path.exists() and path.stat().st_size:
            return
        browser.execute_async_script("setTimeout(arguments[0], 50);")
    pytest.fail(f"{path.name} was not saved")


def test_the_picture_stands_alone(explorer):
    explorer.choose("fresh-real", "balanced", n=1000)
    text = explorer.ask("window.explorer.picture()")
    assert "var(--" not in text
    assert "class=" not in text
    svg = ElementTree.fromstring(text)
    words = "".join(svg.itertext())
    assert "Fresh real share" in words
    assert "measured" in words
    strokes = [e.get("stroke") for e in svg.iter() if e.tag.endswith("path")]
    assert "rgb(0, 114, 178)" in strokes
