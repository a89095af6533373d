"""The published package: versions, the description for an index, and types for users."""

import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from setup import description

ROOT = Path(__file__).parents[1]
PACKAGES = ("drawing", "bounds", "empirics", "verify", "paper_figures")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_the_one_version_and_says_that_it_is_typed(package):
    assert import_module(package).__version__ == import_module("bounds.version").__version__
    assert (ROOT / package / "py.typed").exists()


def test_the_citation_names_this_version():
    version = import_module("bounds").__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_torch_is_an_extra_and_tests_install_it():
    def names(requirements):
        return {line.split(">")[0].split("<")[0] for line in requirements}

    assert "torch" not in names(PROJECT["dependencies"])
    assert "torch" in names(PROJECT["optional-dependencies"]["torch"])
    assert "torch" in names(PROJECT["optional-dependencies"]["test"])


def test_the_description_leads_nowhere_relative():
    text = "![A picture](a/b.png) and [a link](SECURITY.md), [outside](https://x.org/y), [in](#z)"
    assert description(text, "https://example.org/p/") == (
        "![A picture](https://example.org/p/a/b.png) and "
        "[a link](https://example.org/p/SECURITY.md), [outside](https://x.org/y), [in](#z)"
    )
    assert description(text) == (
        "*Picture in the repository: A picture.* and a link, [outside](https://x.org/y), [in](#z)"
    )


def test_a_figure_of_an_installed_package_says_that_it_has_no_commit(monkeypatch):
    from paper_figures import writing

    monkeypatch.setattr(writing, "commit", lambda: None)
    assert writing._source() == (
        f"version {import_module('bounds').__version__},"
        " no commit: not run from the project's repository"
    )


@pytest.mark.slow
def test_a_users_project_is_typed(tmp_path):
    """The steps of .ci/package on the installed wheel, from the source tree."""
    how = [
        "--strict",
        "--output",
        "json",
        "--cache-dir",
        str(tmp_path),
        "--config-file",
        os.devnull,
    ]
    how += ["--disable-error-code", "type-arg"]
    files = [str(ROOT / "tests" / "typed" / name) for name in ("user.py", "mistakes.py")]
    command = [sys.executable, "-m", "mypy", *how, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    errors = [json.loads(line) for line in done.stdout.splitlines()]
    here = [e for e in errors if e["file"].startswith("tests/typed")]
    assert {e["file"] for e in here} == {"tests/typed/mistakes.py"}
    marked = [
        n for n, line in enumerate(Path(files[1]).read_text().splitlines(), 1) if "  #" in line
    ]
    assert sorted({e["line"] for e in here}) == marked
