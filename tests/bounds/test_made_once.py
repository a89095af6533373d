"""Values that depend on the code alone are made once, and anew where it or a library changed."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bounds import made_once as module
from bounds.__main__ import main
from bounds.catalogue import _files
from bounds.made_once import made_once

ROOT = Path(__file__).parents[2]
VALUE = {"rows": [["a", 1, None], ["ü", 0.1]]}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one source for every kind of file, that nobody has changed since it began."""
    for name in ("bounds/a.py", "bounds/below/a.py", "verify/page/a.html", "verify/a.js"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n")
    monkeypatch.setattr(module, "_ROOT", tmp_path / "project")
    monkeypatch.setattr(module, "_STARTED", float("inf"))
    monkeypatch.setattr(module, "_code", module._code.__wrapped__)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "byte-code"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "project"


@pytest.fixture
def made():
    """A counter of makings, and a function that makes something."""
    calls = []

    def make():
        calls.append(None)
        return VALUE

    return lambda **how: (made_once("value", make, **how), len(calls))


def kept(project):
    (path,) = (project.parent / "byte-code").rglob("value.json")
    return path


@pytest.mark.usefixtures("project")
def test_it_is_made_once(made):
    assert made() == (VALUE, 1)
    assert made() == (VALUE, 1)
    assert made(again=True) == (VALUE, 2)
    assert made() == (VALUE, 2)


def rename(path):
    path.rename(path.with_name("b.py"))


@pytest.mark.parametrize("name", ["bounds/a.py", "bounds/below/a.py", "verify/a.js"])
@pytest.mark.parametrize("change", [Path.unlink, rename, lambda path: path.write_text("2\n")])
def test_a_change_of_any_source_makes_it_anew(name, change, project, made):
    made()
    change(project / name)
    assert made() == (VALUE, 2)
    assert made() == (VALUE, 2)


@pytest.mark.parametrize("name", ["bounds/b.py", "empirics/kinds/b.toml", "verify/page/b.html"])
def test_a_new_source_makes_it_anew(name, project, made):
    made()
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("")
    assert made() == (VALUE, 2)


def test_sources_in_a_folder_elsewhere_count_too(project, made):
    (project.parent / "elsewhere").mkdir()
    (project / "bounds/linked").symlink_to(project.parent / "elsewhere")
    made()
    (project.parent / "elsewhere/b.py").write_text("")
    assert made() == (VALUE, 2)


def test_what_is_no_source_does_not(project, made):
    made()
    for name in ("bounds/__pycache__/a.py", "bounds/.a.py", "bounds/notes.txt"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("")
    assert made() == (VALUE, 1)


@pytest.mark.usefixtures("project")
def test_another_version_of_a_library_makes_it_anew(made, monkeypatch):
    made()
    monkeypatch.setattr(module, "version", lambda name: f"{name} of tomorrow")
    assert made() == (VALUE, 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"0.1", b"0.2"),
        lambda data: data.partition(b"\n")[2],
        lambda data: b"\xff" + data,
    ],
)
def test_a_damaged_file_is_made_anew(damage, project, made):
    made()
    path = kept(project)
    path.write_bytes(damage(path.read_bytes()))
    assert made() == (VALUE, 2)
    assert made() == (VALUE, 2)


def test_a_file_of_another_name_or_a_folder_is_not_taken_for_it(project, made):
    made()
    path = kept(project)
    path.rename(path.with_name("other.json"))
    path.mkdir()
    assert made() == (VALUE, 2)
    assert made() == (VALUE, 3)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(project, made):
    (project.parent / "byte-code").write_text("")
    assert made() == (VALUE, 1)
    assert made() == (VALUE, 2)


def test_nothing_is_kept_where_python_is_told_to_write_no_byte_code(project, made, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert made() == (VALUE, 1)
    assert made() == (VALUE, 2)
    assert not (project.parent / "byte-code").exists()


@pytest.mark.usefixtures("project")
def test_a_python_that_keeps_no_byte_code_keeps_nothing(made, monkeypatch):
    monkeypatch.setattr(sys.implementation, "cache_tag", None)
    assert made() == (VALUE, 1)
    assert made() == (VALUE, 2)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("path", ["site/bounds/made_once.pyc", "site.zip/bounds/made_once.py"])
def test_a_project_without_sources_keeps_nothing(path, tmp_path, made, monkeypatch):
    (tmp_path / "site/bounds").mkdir(parents=True)
    (tmp_path / "site/bounds/made_once.pyc").write_bytes(b"")
    (tmp_path / "site.zip").write_bytes(b"")
    monkeypatch.setattr(module, "__file__", str(tmp_path / path))
    assert made() == (VALUE, 1)
    assert made() == (VALUE, 2)


def test_sources_that_changed_since_the_process_began_keep_nothing(project, made, monkeypatch):
    made()
    monkeypatch.setattr(module, "_STARTED", os.stat(project / "bounds/a.py").st_ctime)
    before = kept(project).read_bytes()
    assert made() == (VALUE, 2)
    assert made() == (VALUE, 3)
    assert kept(project).read_bytes() == before


def test_what_was_made_while_a_source_changed_is_not_kept(project, made):
    source = project / "bounds/a.py"
    earlier = source.read_text()

    def make():
        source.write_text("2\n")
        return "of either"

    made_once("value", make)
    source.write_text(earlier)
    assert made() == (VALUE, 1)


def test_what_fails_is_not_kept(project):
    with pytest.raises(ZeroDivisionError):
        made_once("value", lambda: 1 // 0)
    assert not list((project.parent / "byte-code").rglob("value.json"))


WORDS = [
    *(["list"], ["show", "kde-bias"], ["show", "kde-bias", "--latex"], ["audit", "balanced"]),
    *(["proof", "balanced"], ["proof", "balanced", "--tree"], ["audit", "balanced", "--json"]),
]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", WORDS, ids="-".join)
def test_an_answer_is_the_same_every_time(words, capsys, monkeypatch):
    from bounds import __main__ as command

    told = []
    for _ in range(2):
        assert main(words) == 0
        told.append(capsys.readouterr().out)
        monkeypatch.setattr(command, "_answered", lambda given: pytest.fail("computed again"))
    assert told[0] == told[1] != ""


def test_every_answer_that_is_kept_has_a_name_of_its_own(project, capsys):
    for words in WORDS:
        main(words)
    assert len({capsys.readouterr().out for words in WORDS if not main(words)}) == len(WORDS)


@pytest.mark.usefixtures("project")
def test_the_files_of_bounds_are_those_that_hold_them():
    first, again = (made_once("files", _files) for _ in range(2))
    assert list(first.items()) == list(again.items()) == list(_files().items())


def test_a_theorem_that_is_added_or_removed_is_listed_or_not(tmp_path):
    """In a small copy of the theory, whose lists are kept."""
    few = shutil.ignore_patterns("__pycache__", "[a-eg-z]*", "fr*", "TEMPLATE.md")
    shutil.copytree(
        ROOT / "bounds",
        tmp_path / "bounds",
        ignore=lambda folder, names: (
            few(folder, names) if folder.endswith("theorems") else {"__pycache__"} & {*names}
        ),
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    run = partial(subprocess.run, cwd=tmp_path, env=environment, check=False, text=True)

    def names():
        command = [sys.executable, "-m", "bounds", "list"]
        said = run(command, capture_output=True)
        assert said.stderr == ""
        return [line.split()[0] for line in said.stdout.splitlines()[1:]]

    new = tmp_path / "bounds/theorems/fresh_too.py"
    assert names() == names() == ["full-synthetic"]
    text = (ROOT / "bounds/theorems/full_synthetic.py").read_text()
    new.write_text(text.replace('name="full-synthetic"', 'name="fresh-too"'))
    assert names() == names() == ["fresh-too", "full-synthetic"]
    new.unlink()
    assert names() == ["full-synthetic"]
