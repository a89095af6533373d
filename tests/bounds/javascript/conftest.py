"""One browser for all tests of the printed functions."""

import pytest

import bounds
from bounds.javascript import library
from tests.browser import chromium, page

_GLOBAL = "\nwindow.library = { runtime, words, formulas, evaluate, ParameterError };"


@pytest.fixture(scope="session")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def js(browser, tmp_path_factory):
    """``js(body, *arguments)`` runs in a page that holds the library of the whole catalogue."""
    path = tmp_path_factory.mktemp("page") / "library.html"
    script = f"(() => {{ {library(bounds.catalogue())} {_GLOBAL} }})();"
    path.write_text(page(script=script), encoding="utf-8")

    def run(body, *arguments):
        # Other tests open pages of their own in this browser.
        if browser.current_url != path.as_uri():
            browser.get(path.as_uri())
        return browser.execute_script(body, *arguments)

    return run
