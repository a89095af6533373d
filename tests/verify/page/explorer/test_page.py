"""The page in a browser: sliders, links, files, looks, and that it asks for nothing."""

import csv
import io

import numpy as np
import pytest

import bounds
from bounds.notation import C, j, n
from tests.browser import complaints, page, requests
from tests.verify.page.explorer.conftest import BASE, Driven
from verify.page.explorer import explorer_section
from verify.page.explorer.views import VIEWS


def test_a_slider_changes_curves_and_readings(explorer):
    explorer.choose("full-synthetic", "fresh-real", n=10_000, generation=10)
    before = explorer.ask("window.explorer.drawn()")
    slider = explorer.browser.find_element("css selector", "#explorer-share ~ input[type=range]")
    slider.send_keys("\ue014" * 5)  # arrow right
    explorer.settle()
    after = explorer.ask("window.explorer.drawn()")
    share = explorer.state()["values"]["share"]
    assert share > 0.1
    assert before[0] == after[0]  # a bound without a share stays where it is
    assert before[1]["points"][-1][1] > after[1]["points"][-1][1]
    value = bounds.get("fresh-real").evaluate(n=10_000, generation=10, share=share)
    assert explorer.readings()["fresh-real"]["value"] == pytest.approx(value, rel=1e-9)


def test_a_number_out_of_range_is_refused_in_a_sentence_and_cuts_the_curve(explorer):
    explorer.choose("fresh-real", "balanced")
    explorer.write("share", 1.5)
    found = explorer.readings()
    assert found["fresh-real"]["problem"] == (
        "share = 1.5: must be a number in [0, 1], required by 'Fresh real share'"
    )
    assert found["balanced"]["problem"] == ""
    assert all(y is None for _, y in explorer.ask("window.explorer.drawn()")[0]["points"])
    said = explorer.browser.find_element("id", "explorer-share-problem").text
    assert said == "share = 1.5: must be a number in [0, 1]"
    explorer.write("share", "")
    assert "must be a number" in explorer.browser.find_element("id", "explorer-share-problem").text
    explorer.write("share", 0.5)
    assert explorer.readings()["fresh-real"]["problem"] == ""


def test_a_curve_is_cut_where_its_word_leaves_the_range(explorer):
    explorer.choose("fresh-real", x="share", **{"from": -0.5, "to": 1.5}, xlog=0)
    points = explorer.ask("window.explorer.drawn()")[0]["points"]
    for x, y in points:
        assert (y is None) == (not 0 <= x <= 1)
    said = explorer.browser.find_element("css selector", ".figure > .problem").text
    assert said.startswith("A curve is cut: share = -0.5: must be a number in [0, 1]")


def test_a_target_out_of_range_is_not_answered(explorer):
    explorer.choose("balanced")
    assert "at most 0.1 from n = " in explorer.browser.find_element("class name", "least").text
    explorer.write("target_error", 2)
    assert explorer.browser.find_element("class name", "least").text == ""
    said = explorer.browser.find_element("id", "explorer-target_error-problem").text
    assert said == "target_error = 2: must be a number in (0, 1)"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("accumulating", "generation"),
        ("kde-bias-mixture", "components"),
        ("sample-size", "generation"),
    ],
)
def test_sums_too_long_for_a_page_are_refused(name, word, explorer):
    explorer.choose(name, **{word: 10**9})
    assert explorer.readings()[name]["problem"].startswith(f"{word} = 1000000000: this page ")


def test_a_choice_keeps_the_focus(explorer):
    explorer.choose("error-propagation")
    box = explorer.browser.find_element("id", "explorer-cycle")
    box.send_keys("\ue015\ue015")  # two cycles further
    explorer.settle()
    assert explorer.state()["choices"]["cycle"] == "balanced"
    assert explorer.ask("document.activeElement.id") == "explorer-cycle"


def test_a_horizon_shorter_than_the_generation_is_refused(explorer):
    explorer.choose("kde-high-probability", generation=5, horizon=3)
    problem = explorer.readings()["kde-high-probability"]["problem"]
    assert problem == "horizon = 3: must be at least the generation"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.title)
def test_every_view_draws_its_bounds(view, explorer):
    explorer.browser.find_element("xpath", f"//button[. = '{view.title}']").click()
    assert tuple(explorer.state()["chosen"]) == view.bounds
    assert all(r["problem"] == "" for r in explorer.readings().values())
    assert explorer.state()["x"] == view.x
    for curve in explorer.ask("window.explorer.drawn()"):
        ends = (1, 6) if view.is_of_loop else view.ends  # the loops here have six generations
        assert (curve["points"][0][0], curve["points"][-1][0]) == ends
    markers = explorer.ask("document.querySelectorAll('.picture .measured .marker').length")
    assert (markers > 0) == (view.title != "Points needed")
    explorer.settle()
    assert complaints(explorer.browser) == []


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_nothing_overflows(width, explorer, address):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    explorer.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        explorer.choose(*DENSE)
        explorer.browser.execute_script("document.querySelector('.explorer-table').open = true;")
        explorer.settle()
        room = explorer.ask("document.documentElement.clientWidth")
        assert explorer.ask("document.documentElement.scrollWidth") <= room
        drawn = explorer.ask("document.querySelector('.picture').getBoundingClientRect().right")
        assert drawn <= room
    finally:
        explorer.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


DENSE = (
    "error-propagation",
    "kde-high-probability",
    "kde-noise-mixture",
    "diffusion-rate-loop",
    "diffusion-generalization-tv",
    "sample-size-phase-transition-real-start",
    "budget-allocation",
    "seddik-collapse",
)


def test_search_finds_titles_names_and_groups(explorer):
    field = explorer.browser.find_element("id", "explorer-search")
    field.send_keys("phase real")
    shown = "[...document.querySelectorAll('.picker .toggle:not([hidden])')].map((l) => l.title)"
    assert explorer.ask(shown) == [
        "phase-transition-real-start",
        "sample-size-phase-transition-real-start",
    ]
    field.clear()
    field.send_keys("nothing like this")
    assert explorer.ask(shown) == []


def test_eight_bounds_at_most(explorer):
    explorer.choose(*bounds.names()[:12])
    assert len(explorer.state()["chosen"]) == 8
    free = "document.querySelectorAll('.picker input[type=checkbox]:enabled:not(:checked)').length"
    assert explorer.ask(free) == 0


def test_total_variation_comes_first(explorer):
    groups = "[...document.querySelectorAll('.picker legend')].map((legend) => legend.textContent)"
    assert explorer.ask(groups)[0] == "TV(p_j, p_0)"


def test_every_field_has_a_label_and_a_ring(explorer):
    explorer.choose(*DENSE)
    unnamed = """[...document.querySelectorAll('#explorer :is(input, select, button)')]
      .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim())).length"""
    assert explorer.ask(unnamed) == 0
    assert explorer.ask("document.querySelector('.picture title').textContent.length") > 20
    assert explorer.ask("document.querySelector('.picture desc').textContent.length") > 20
    assert explorer.ask("document.querySelectorAll('[role=status]').length") >= 2
    field = explorer.browser.find_element("id", "explorer-n")
    field.send_keys("\ue004")  # tab: to the slider
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    assert explorer.ask("document.activeElement.type") == "range"
    assert explorer.ask(ring) == "solid"


def test_readings_are_spoken(explorer):
    explorer.choose("full-synthetic", n=100, generation=10)
    explorer.browser.execute_async_script("setTimeout(arguments[0], 600);")
    said = explorer.browser.find_element("css selector", ".unseen").get_attribute("textContent")
    assert said.startswith("Full synthetic data: 3.16")
    assert said.endswith("vacuous")


def test_a_click_moves_the_slider(explorer):
    explorer.choose("balanced", **{"from": 1, "to": 50})
    explorer.browser.execute_script(
        """const svg = document.querySelector('.picture'); const box = svg.getBoundingClientRect();
        svg.dispatchEvent(new PointerEvent('pointerdown',
          { clientX: box.left + box.width * 0.6, clientY: box.top + 50, bubbles: true }));"""
    )
    explorer.settle()
    moved = explorer.state()["values"]["generation"]
    assert 20 < moved < 40
    assert explorer.browser.find_element("id", "explorer-generation").get_property("value") == str(
        moved
    )


def test_measured_points_match_their_parameters(explorer, curves):
    explorer.choose("fresh-real", n=1000, share=0.1, to=10)
    count = "document.querySelectorAll('.picture .measured .marker').length"
    assert explorer.ask(count) == 6
    explorer.write("share", 0.2)
    assert explorer.ask(count) == 0
    note = explorer.browser.find_element("css selector", ".figure > .note")
    assert (
        "nearest: Kde on GaussianMixture, fresh real share, fresh data, n = 1000, share = 0.1"
        in note.text
    )
    note.find_element("tag name", "button").click()
    explorer.settle()
    assert explorer.ask(count) == 6
    assert explorer.state()["values"]["share"] == 0.1
    explorer.choose("fresh-real", x="n", **{"from": 100, "to": 10**5}, xlog=1, generation=3)
    assert explorer.ask(count) == 2  # one for each measured n
    explorer.choose("fresh-real", n=1000, share=0.1, measured=0)
    assert explorer.ask(count) == 0
    explorer.choose("gaussian-mean-tv")
    assert "none" not in note.text


def test_measured_points_lie_between_the_sides_of_their_own_sandwich(explorer, curves):
    explorer.choose("kde-sandwich", "kde-sandwich-lower", loop=0, to=6)
    rows = list(csv.DictReader(io.StringIO(explorer.ask("window.explorer.csv()"))))
    measured = [r for r in rows if r["kind"] == "measured"]
    upper, lower = (
        np.array([float(r["value"]) for r in rows if r["series"] == name])
        for name in ("kde-sandwich", "kde-sandwich-lower")
    )
    assert len(measured) == 6
    assert (np.array([float(r["low"]) for r in measured]) < upper).all()
    assert (np.array([float(r["high"]) for r in measured]) > lower).all()


def test_a_loop_that_was_not_measured_has_no_points_beside_it(explorer, curves):
    explorer.choose("kde-sandwich", "full-synthetic", loop=2, n=1000)
    title = explorer.ask("document.querySelector('#explorer-loop').selectedOptions[0].textContent")
    count = explorer.ask("document.querySelectorAll('.picture .measured .marker').length")
    assert (count == 6) == title.startswith("measured")


def test_no_request_and_no_complaint(browser, address):
    complaints(browser)
    requests(browser)
    browser.get("about:blank")
    browser.get(address)
    explorer = Driven(browser)
    explorer.choose(*DENSE)
    explorer.choose("kde-sandwich", "kde-clt", x="generation")
    explorer.write("generation", 8)
    assert complaints(browser) == []
    assert requests(browser) == []


@pytest.mark.parametrize("ylog", [0, 1])
def test_enormous_values_are_drawn_without_complaint(ylog, explorer):
    complaints(explorer.browser)
    tiny = {"gamma": 0.0107, "target_error": 1e-3}
    explorer.choose("sample-size-full-synthetic", "gaussian-variance", ylog=ylog, **tiny)
    explorer.choose("sample-size-full-synthetic", x="gamma", **{"from": 1e-4, "to": 0.9})
    explorer.choose("real-data-floor-two-point", separation=300, ylog=ylog)
    explorer.choose("full-synthetic", **{"from": -5, "to": -1}, xlog=1)
    explorer.choose("", ylog=ylog)
    explorer.settle()
    assert complaints(explorer.browser) == []
    assert explorer.browser.find_element("css selector", ".figure > .problem").text != ""


HOSTILE = "</script><script>window.hit = 1</script><img src=x onerror='window.hit=1'>\u2028\"'&amp;"


def test_texts_of_ones_own_bounds_are_text(browser, tmp_path):
    own = bounds.define("own-bound", C * j / n, title=HOSTILE, statement=HOSTILE)
    section = explorer_section([], bounds.register(own))
    path = tmp_path / "own.html"
    path.write_text(page(section.html, BASE + section.style, section.script), encoding="utf-8")
    browser.get(path.as_uri())
    explorer = Driven(browser)
    explorer.choose("own-bound", n=10, generation=2)
    assert explorer.readings()["own-bound"]["value"] == 0.2
    title = explorer.ask("document.querySelector('.card h4 span').textContent")
    assert title == HOSTILE
    explorer.browser.execute_script("window.explorer.picture(); window.explorer.csv();")
    assert explorer.ask("window.hit") is None
    assert complaints(browser) == []


def test_it_reads_without_scripts(browser, tmp_path):
    section = explorer_section([])
    path = tmp_path / "still.html"
    path.write_text(page(section.html, BASE + section.style), encoding="utf-8")
    browser.get(path.as_uri())
    text = browser.find_element("id", "explorer").text
    assert "need scripts" in text
    for bound in bounds.catalogue().values():
        assert bound.title in text


def test_a_measured_loop_has_the_colour_of_its_bound_and_is_named(explorer):
    explorer.browser.find_element("xpath", "//button[. = 'A bound and its loop']").click()
    explorer.settle()
    group = "document.querySelector('.picture .measured')"
    assert explorer.ask(f"{group}.classList.contains('s1')")
    name = f"getComputedStyle({group}.querySelector('.loop-name')).visibility"
    assert explorer.ask(name) == "hidden"
    explorer.browser.execute_script(f"{group}.focus();")
    assert explorer.ask(name) == "visible"
    assert explorer.ask(f"{group}.getAttribute('aria-label')").startswith("measured: ")


def test_measured_loops_are_chosen_at_most_six(explorer):
    explorer.browser.find_element("xpath", "//button[. = 'A bound and its loop']").click()
    explorer.settle()
    explorer.browser.execute_script("document.querySelector('.loop-picker').open = true;")
    boxes = explorer.browser.find_elements("css selector", ".loop-picker .list input")
    for box in boxes[:8]:
        explorer.browser.execute_script("arguments[0].click();", box)
    explorer.settle()
    chosen = explorer.state()["loops"]
    assert chosen == list(range(min(6, len(boxes))))
    assert explorer.ask("document.querySelectorAll('.picture .measured').length") <= 6
    forms = explorer.ask(FORMS)
    assert len(forms) == len(set(forms)), "each loop has its own mark"


FORMS = """[...document.querySelectorAll('.picture .measured')].map(group => {
  const found = group.querySelector('.marker').getAttribute('points')?.split(' ') ?? [];
  const at = found.map(corner => corner.split(',').map(Number));
  return JSON.stringify(at.map(([x, y]) => [x - at[0][0], y - at[0][1]].map(d => d.toFixed(3))));
})"""


def test_names_of_loops_stay_inside_a_narrow_picture(explorer):
    explorer.browser.find_element("xpath", "//button[. = 'A bound and its loop']").click()
    narrow = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    explorer.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    try:
        explorer.settle()
        text = "document.querySelector('.picture .measured .loop-name').getBoundingClientRect()"
        picture = "document.querySelector('.picture').getBoundingClientRect()"
        assert explorer.ask(f"{text}.left") >= explorer.ask(f"{picture}.left")
        assert explorer.ask(f"{text}.right") <= explorer.ask(f"{picture}.right")
    finally:
        explorer.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
