"""A page with the explorer, beside measured loops, open in a browser."""

import json

import pytest

from bounds import cycles
from empirics import Experiment, run, targets
from empirics.models import Kde
from empirics.sweeps import Store, cell_of
from tests.browser import chromium, page
from verify.page.explorer import explorer_section, measured_curves

LOOPS = (
    cycles.full_synthetic(n=1000),
    cycles.fresh_real(n=1000, share="1/10"),
    cycles.fresh_real(n=4000, share="1/10"),
    cycles.real_plus_synthetic(n=1000, lam=3),
)
BASE = "body { margin: 0; padding: 0 1rem; font: 16px/1.5 sans-serif; }"


def opened(folder):
    """An empty store that can be written."""
    store = Store(folder)
    store.open()
    return store


def store_loop(store, cycle):
    loop = Experiment(
        target=targets.gaussian_mixture([0.5, 0.5], [-1.5, 1.5], 0.6),
        model=Kde(0.3),
        cycle=cycle,
        generations=6,
        replicates=8,
    )
    cell = cell_of(loop)
    manifest = {"spec": cell.description, "seconds": 0.1, "started": "", "versions": {}}
    store.write(cell.key, run(cell.experiment).frame, manifest)
    return cell.key


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    store = opened(tmp_path_factory.mktemp("store"))
    for cycle in LOOPS:
        store_loop(store, cycle)
    return store


@pytest.fixture(scope="session")
def curves(store):
    return measured_curves(store)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with chromium(downloads=tmp_path_factory.mktemp("downloads")) as driver:
        yield driver


@pytest.fixture(scope="session")
def address(curves, tmp_path_factory):
    section = explorer_section(curves)
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(page(section.html, BASE + section.style, section.script), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def explorer(browser, address):
    browser.get("about:blank")
    browser.get(address)
    return Driven(browser)


class Driven:
    """The page as a test uses it."""

    def __init__(self, browser):
        self.browser = browser

    def ask(self, expression, *arguments):
        return self.browser.execute_script(f"return {expression};", *arguments)

    def follow(self, **words):
        """Open the fragment that says ``words``, and wait until the page has followed it."""
        said = "&".join(f"{key}={str(value).replace(' ', '%20')}" for key, value in words.items())
        self.browser.execute_async_script(
            """const [fragment, done] = arguments;
            addEventListener("hashchange", () => setTimeout(done, 0), { once: true });
            location.hash = fragment;""",
            f"#explore?{said}",
        )

    def settle(self):
        """Wait for the next frame, in which the page draws."""
        self.browser.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()));"
        )

    def readings(self):
        """The page's values of each chosen bound; numbers that JSON lacks as floats."""
        text = self.ask(
            "JSON.stringify(window.explorer.readings(), (key, v) =>"
            " typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)"
        )
        found = json.loads(text)
        return {r["name"]: r | {"value": float(r["value"])} for r in found}

    def state(self):
        return self.ask("window.explorer.state()")

    def choose(self, *names, **words):
        self.follow(bounds=" ".join(names), **words)

    def write(self, word, text):
        """Type ``text`` into the number field of a word."""
        field = self.browser.find_element("id", f"explorer-{word}")
        self.browser.execute_script(
            "const [field, text] = arguments; field.value = text;"
            "field.dispatchEvent(new Event('input', { bubbles: true }));",
            field,
            str(text),
        )
        self.settle()
