"""The page's text on the catalogue alone is made once; a second page equals the first."""

import sys
from dataclasses import replace

import pytest

import bounds
from bounds import made_once
from tests.verify.page.conftest import drawn
from verify.page import Section
from verify.page.explorer import assembling

module = sys.modules["verify.page.report"]  # the package's own ``report`` is a function


@pytest.fixture
def folder(tmp_path_factory, monkeypatch):
    """The folder in which this test keeps what it makes."""
    folder = tmp_path_factory.mktemp("byte-code")
    monkeypatch.setattr(sys, "pycache_prefix", str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


@pytest.fixture
def marked(monkeypatch):
    """Mark values that are made from here on, to tell them from earlier ones."""

    def mark():
        monkeypatch.setattr(module, "_written", lambda bounds: [Section("<p>theory anew</p>")])
        printed = {"scripts": ["const library = 'anew';"], "bounds": [], "markup": "<p>anew</p>"}
        monkeypatch.setattr(assembling, "_printed", lambda bounds: printed)

    return mark


def test_a_second_page_equals_the_first_until_the_code_changes(
    page, figures, folder, marked, monkeypatch
):
    made = drawn(figures)
    marked()
    again = drawn(figures)
    assert made == again
    assert _undated(made) == _undated(page)
    monkeypatch.setattr(made_once, "_code", lambda: "other")
    for mark in ("<p>theory anew</p>", "const library = 'anew';", "<p>anew</p>"):
        assert mark in drawn(figures)
        assert mark not in made


def _undated(page):
    """The page without the line that says when it was verified."""
    return [line for line in page.splitlines() if "<dt>Verified</dt>" not in line]


def test_damaged_parts_are_made_anew(figures, folder, marked):
    few = dict(list(bounds.catalogue().items())[:2])
    with pytest.MonkeyPatch.context() as patch:
        written, printed = module._written, assembling._printed
        patch.setattr(module, "_written", lambda every: written(few))
        patch.setattr(assembling, "_printed", lambda every: printed(few))
        made = drawn(figures)
    marked()
    assert drawn(figures) == made
    for path in (*folder.rglob("theory.json"), *folder.rglob("explorer.json")):
        path.write_bytes(path.read_bytes()[:-9])
    assert "<p>theory anew</p>" in drawn(figures)
    assert "const library = 'anew';" in drawn(figures)


def test_a_page_of_other_bounds_is_not_that_of_the_catalogue(figures, folder, marked):
    marked()
    own = {"mine": replace(bounds.get("fresh-real"), name="mine")}
    drawn(figures, bounds=own)
    assert not [*folder.rglob("theory.json"), *folder.rglob("explorer.json")]
