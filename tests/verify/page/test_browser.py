"""The page in a real browser: nothing overflows, complains or is asked for."""

import json

import pytest

from bounds import catalogue, proof_tree
from tests.browser import chromium
from verify.page import write_gallery

WIDTHS = (360, 768, 1600)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def page(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def look(browser, path, width=1600, scheme="light", scripts=True):
    say = browser.execute_cdp_cmd
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    say("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    say("Emulation.setEmulatedMedia", {"features": features})
    say("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    say("Emulation.setScriptExecutionDisabled", {"value": False})


def open_all(browser):
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = 1)")


def requested(browser):
    told = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [
        m["params"]["request"]["url"] for m in told if m["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in sent if not url.startswith(("file:", "data:"))]


# A scheme changes colours and no lengths: the narrowest width is enough in the dark.
LOOKS = [(width, "light") for width in WIDTHS] + [(WIDTHS[0], "dark")]
LOOKS += [pytest.param(width, "dark", marks=pytest.mark.slow) for width in WIDTHS[1:]]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_nothing_overflows_complains_or_is_asked_for(width, scheme, browser, page):
    look(browser, page, width, scheme)
    open_all(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.get_log("browser") == []
    assert requested(browser) == []


def test_dark_and_light_can_be_read(browser, page):
    """Contrast of 4.5 between a text and the page, as WCAG AA requires of small text.

    All parts are open: the style of a text in a closed one is worked out for each text anew.
    """
    script = """
    const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3)
      .map(v => c.startsWith('rgb') ? v / 255 : Number(v))
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll('p, a, dt, dd, th, td, .verdict, .grade, figcaption')]
      .filter(e => e.textContent.trim()).map(e => light(getComputedStyle(e).color))
      .map(l => (Math.max(l, paper) + 0.05) / (Math.min(l, paper) + 0.05));
    """
    for scheme in SCHEMES:
        look(browser, page, 768, scheme)
        open_all(browser)
        assert min(browser.execute_script(script)) >= 4.5, scheme


def test_the_page_is_whole_without_scripts(browser, page):
    look(browser, page, scripts=False)
    assert browser.execute_script("return document.querySelectorAll('.card').length") > 10
    seen = "return document.querySelector('.headline svg').getBoundingClientRect().height"
    assert browser.execute_script(seen) > 100


def test_a_picture_shown_again_has_its_size(browser, page):
    look(browser, page)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.plate svg > use')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert sizes
    assert min(sizes) > 50


def test_the_keyboard_reaches_the_content_first(browser, page):
    from selenium.webdriver.common.keys import Keys

    look(browser, page)
    body = browser.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.get_attribute("class") == "skip"
    focused.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#content")


def test_it_prints_on_white_with_formulas_and_without_folded_cells(browser, page):
    look(browser, page, scheme="dark")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    assert browser.execute_script(style, "body", "backgroundColor") == "rgb(255, 255, 255)"
    assert browser.execute_script(style, ".cells", "display") == "none"
    height = "return document.querySelector('.bound .formula').getBoundingClientRect().height"
    assert browser.execute_script(height) > 10
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_gallery_is_such_a_page_too(browser, figures):
    path = write_gallery(figures)
    for width in WIDTHS:
        look(browser, path, width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert browser.get_log("browser") == []
        assert requested(browser) == []


RECTANGLE = "return document.querySelector(`#graph-${arguments[0]} rect`)"
LIT = (
    "return [...document.querySelectorAll('.node.lit')]"
    ".map(n => n.id.slice('graph-'.length)).sort()"
)


def resting(name):
    return sorted(node.name for node in proof_tree(name).walk() if node.role == "entry")


def test_the_keyboard_reaches_every_entry_and_lights_what_it_rests_on(browser, page):
    from selenium.webdriver import ActionChains, Keys

    look(browser, page, 360)
    skip = browser.find_element("css selector", ".dependencies .skip")
    browser.execute_script("arguments[0].focus()", skip)
    reached = []
    for _ in catalogue():
        ActionChains(browser).send_keys(Keys.TAB).perform()
        name = browser.switch_to.active_element.get_attribute("id").removeprefix("graph-")
        reached.append(name)
        assert browser.execute_script(LIT) == resting(name)
    assert sorted(reached) == sorted(catalogue())
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    assert browser.current_url.endswith(f"#bound-{reached[-1]}")
    assert browser.execute_script(
        "return document.getElementById(arguments[0]).open", f"bound-{reached[-1]}"
    )
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.execute_script(LIT) == resting(reached[-1])  # the card that is read stays lit
    assert browser.get_log("browser") == []


def test_pointing_lights_and_dims_and_says_in_words(browser, page):
    from selenium.webdriver import ActionChains

    look(browser, page, 1300)
    dim = "return getComputedStyle(arguments[0].nextElementSibling).opacity"
    names = ("gaussian-shift", "kde-recursion")
    aside, node = (browser.execute_script(RECTANGLE, name) for name in names)
    assert browser.execute_script(LIT) == []
    assert browser.execute_script(dim, aside) == "1"
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", node)
    ActionChains(browser).move_to_element(node).perform()
    assert browser.execute_script(LIT) == resting("kde-recursion")
    assert float(browser.execute_script(dim, aside)) < 0.5
    told = browser.find_element("id", "dependencies-told").text
    assert told == "kde-recursion rests on kde-noise, error-propagation."


def test_every_name_fits_its_box_and_the_graph_scrolls_in_its_own(browser, page):
    wider = (
        "return [...document.querySelectorAll('.node')].filter(n =>"
        " n.querySelector('text').getBBox().width + 12 > n.querySelector('rect').getBBox().width)"
        ".map(n => n.id)"
    )
    for width in (360, 1300):
        look(browser, page, width)
        assert browser.execute_script(wider) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_link_opens_what_it_names(browser, page):
    from selenium.webdriver.support.expected_conditions import visibility_of_element_located
    from selenium.webdriver.support.wait import WebDriverWait

    look(browser, page)
    for name in ("fact-pinsker", "proof-error-propagation", "work-fu2024"):
        browser.execute_script("location.hash = arguments[0]", name)
        WebDriverWait(browser, 5).until(visibility_of_element_located(("id", name)))
    opened = "return document.getElementById('proof-error-propagation').open"
    assert browser.execute_script(opened)
