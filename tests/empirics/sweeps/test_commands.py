"""The commands: what they print, what they leave behind, and how they end."""

import json
import os
import shutil
import subprocess
import sys

import polars as pl
import pytest

from tests.empirics.sweeps.conftest import Commands

BAD_WINDOW = "numerics.window = [[-1, 1]]\n[target]"


@pytest.fixture(scope="module")
def begun(small_text, tmp_path_factory):
    """A folder with the study, four of its six cells finished; to be copied, not changed."""
    commands = Commands(tmp_path_factory.mktemp("begun"))
    commands.write(small_text)
    assert commands("run", "small.toml", "--limit", "4")[0] == 0
    return commands.folder


@pytest.fixture
def ready(commands, begun):
    """Its copy."""
    shutil.copytree(begun, commands.folder, dirs_exist_ok=True)
    return commands


def test_a_run_is_told_shown_and_exported(ready):
    status, out, err = ready("run", "small.toml")
    assert (status, err) == (0, "")
    assert "small: 6 of 6 cells are in results; 4 found, 2 computed" in out
    out = ready("list")[1]
    assert out.split("\n")[1].split()[:4] == ["small", "small", "6", "6"]
    out = ready("show", "small")[1]
    assert out.split("\n")[0].split()[:3] == ["cycle.n", "cycle.share", "cell"]
    key = out.split("\n")[1].split()[2]
    manifest = json.loads(ready("show", key)[1])
    assert manifest["key"].startswith(key)
    status, out, _ = ready("export", "small", "--csv", "rows.csv")
    assert status == 0
    rows = pl.read_csv(ready.folder / "rows.csv")
    assert len(rows) == 6 * 3 * 4
    assert set(rows["cycle.n"]) == {100, 200, 300}


def test_a_check_computes_nothing(ready):
    before = sorted(p.name for p in ready.store.cells.iterdir())
    status, out, err = ready("check", "small.toml", "--workers", "1")
    assert (status, err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in out.strip().split("\n")[1:])
    assert lines["cells"] == "6, of which 4 are in results"
    assert "on 1 workers (scaled by finished cells)" in lines["time"]
    assert lines["longest"].endswith(("share=0.1", "share=0.5"))
    assert lines["memory"].endswith("GiB in all")
    assert sorted(p.name for p in ready.store.cells.iterdir()) == before


def test_a_study_that_comes_along_goes_by_its_name(commands):
    status, out, _ = commands("check", "kde-phase-transition")
    assert status == 0
    assert "22, of which 0" in out
    assert not commands.store.folder.exists()


def test_failed_cells_end_in_status_2(commands, small_text):
    spec = commands.write(small_text.replace("[target]", BAD_WINDOW))
    status, out, err = commands("run", spec)
    assert status == 2
    assert "0 of 6 cells" in out
    lines = err.strip().split("\n")
    assert lines[0] == "6 cells failed twice:"
    assert len(lines) == 7
    assert all("widen the window" in line for line in lines[1:])


def test_damage_is_told(ready):
    path = ready.store.path(ready.store.finished()[0])
    path.write_bytes(path.read_bytes()[:-20])
    status, out, err = ready("run", "small.toml")
    assert status == 0
    assert "3 found, 3 computed" in out
    assert "set aside and computed again:" in err
    assert "is cut off or no Parquet file" in err
    assert "1 other files in" in ready("list")[2]


def test_looking_at_damage_moves_nothing(ready):
    path = ready.store.path(ready.store.finished()[0])
    path.write_bytes(b"")
    for command in (("check", "small.toml"), ("show", "small")):
        status, _, err = ready(*command)
        assert status == 0
        assert f"{path.name}: is empty" in err
        assert path.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"name": 3}', "\x00"])
def test_a_damaged_record_is_passed_over(ready, content):
    (ready.store.folder / "runs" / "other.json").write_text(content)
    status, out, _ = ready("list")
    assert status == 0
    assert "small" in out


def test_results_of_other_versions_are_told(ready):
    from empirics.sweeps import Store

    store = Store(ready.store.folder)
    key = store.finished()[0]
    frame, manifest = store.read(key)
    manifest["versions"]["numpy"] = "1.0"
    store.write(key, frame, manifest)
    assert "finished cells come from numpy 1.0, new ones from" in ready("run", "small.toml")[2]


MISTAKES = [
    ((), "error: python -m empirics: "),
    (("frobnicate",), "invalid choice"),
    (("run",), "the following arguments are required: spec"),
    (("run", "kde-acumulate"), "nor a study of the project; did you mean 'kde-accumulate'?"),
    (("run", "nothing.toml"), "nothing.toml: cannot be read as a study"),
    (("run", "small.toml", "--workers", "0"), "workers = 0: must be an integer >= 1"),
    (("run", "small.toml", "--workers", "x"), "invalid int value: 'x'"),
    (("run", "small.toml", "--store", "small.toml"), "is a file, must be a folder"),
    (("show", "nothing"), "run 'nothing': is not in store results; there are: none"),
    (("export", "nothing", "--csv", "x.csv"), "run 'nothing': is not in store"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[m[1][:40] for m in MISTAKES])
def test_mistakes_end_in_one_line_and_status_2(arguments, message, commands, small_text):
    commands.write(small_text)
    status, out, err = commands(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.cold
def test_looking_at_a_store_loads_no_scipy():
    code = "import sys, empirics.__main__ as m; m.main(['list']); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")


def test_a_terminal_sees_a_bar(ready):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = ready.start("run", "small.toml", stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:
        pass  # how Linux says that the other end is closed
    process.communicate()
    os.close(ours)
    assert b"small" in seen
    assert b"/6" in seen
    assert b"cells" in seen
