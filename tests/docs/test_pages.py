"""The site covers all of the code, and is made of it."""

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import bounds
from paper_figures.catalogue import catalogue
from verify.claims import claims

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generated():
    sys.path.insert(0, str(ROOT / "docs"))
    yield import_module("generated")
    sys.path.remove(str(ROOT / "docs"))


@pytest.fixture(scope="module")
def made(generated, tmp_path_factory):
    """The generated pages, without pictures."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "MADE", folder)
        generated.write(None)
    return folder


def test_the_reference_has_every_public_name_and_each_is_told_of(generated, made):
    told = set()
    for page in (made / "reference").glob("*.md"):
        told |= set(re.findall(r"^\.\. auto\w+:: ([\w.]+)$", page.read_text(), re.M))
    public = {f"{package}.{name}" for package, name in generated.public_names()}
    assert told == public
    for package, name in generated.public_names():
        found = getattr(import_module(package), name)
        assert inspect.getdoc(found), f"{package}.{name}"


def test_no_name_of_a_public_package_is_left_out(generated):
    for package in generated.PUBLIC:
        named = {name for home, name in generated.public_names() if home == package}
        modules = {
            n
            for n in import_module(package).__all__
            if inspect.ismodule(getattr(import_module(package), n))
        }
        assert named | modules | {"__version__"} == set(import_module(package).__all__) | {
            "__version__"
        }


def test_every_bound_claim_figure_and_template_has_its_place(made):
    for name, bound in bounds.catalogue().items():
        page = (made / "theory" / f"{name}.md").read_text()
        assert bound.mathml().rpartition("</mtext>")[2] in page
        assert (bound.proof is None) == ("No proof is given" in page)
    claimed, shown = (made / "claims.md").read_text(), (made / "gallery" / "index.md").read_text()
    assert all(f"\n## {name}\n" in claimed for name in claims())
    assert all(f"\n## {name}: {figure.title}\n" in shown for name, figure in catalogue().items())
    templates = {path.parent.name for path in ROOT.glob("*/*/TEMPLATE.md")}
    assert {path.stem for path in (made / "howto").glob("*.md")} == templates | {"index"}


def test_a_link_that_leads_nowhere_is_found(generated, tmp_path):
    pytest.importorskip("sphinx")
    broken = import_module("build").broken
    (tmp_path / "a.html").write_text('<p id="x"><a href="b.html#y">b</a> <a href="#x">x</a>')
    (tmp_path / "b.html").write_text('<a href="c.html">c</a> <img src="https://x.org/y.png">')
    assert sorted(broken(tmp_path)) == [
        "a.html: b.html#y has no such place",
        "b.html: <img> loads https://x.org/y.png",
        "b.html: c.html is not there",
    ]
