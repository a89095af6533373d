"""Files stay what they are, and a name is a name, whatever is in it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from threading import Thread

import pytest
from matplotlib.figure import Figure

import bounds
from bounds.__main__ import main as bounds_main
from empirics.__main__ import main
from empirics.errors import InputError
from empirics.sweeps import SpecError, Store, Sweep, files, load, parse, sweeping, versions
from empirics.sweeps.files import check_writable, read_json, write_whole
from empirics.sweeps.store import find_record, records, write_record
from paper_figures.__main__ import main as figures_main
from paper_figures.writing import write_pictures
from verify import check_study
from verify.__main__ import main as verify_main
from verify.page.gallery import pictures

ROOT = Path(__file__).parents[1]
STUDY = """
title = "close [/foo] tag \\u001b[2J [link=x]y[/link]"
generations = 2
replicates = 3
target.kind = "normal"
model.kind = "kde"
cycle = {kind = "fresh-real", n = [20, 30], share = 0.5}
"""


def swept(folder, name="study", text=STUDY):
    """A finished study in a store, with its record."""
    study, store = parse(text, name), Store(folder)
    for _ in Sweep(study.cells, store, workers=1):
        pass
    write_record(store, study.name, study.title, study.cells, study.text)
    return store


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("finished") / "results")


def exported(store, csv, capsys):
    status = main(["export", "study", "--csv", str(csv), "--store", str(store.folder)])
    return status, capsys.readouterr()


def test_a_link_is_followed(tmp_path):
    target, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(target)
    for text in (b"first", b"second"):
        write_whole(link, text)
        assert link.is_symlink()
        assert target.read_bytes() == text
    assert {p.name for p in tmp_path.iterdir()} == {"real", "link"}


def test_a_pipe_is_written_into_and_stays_a_pipe(finished, tmp_path, capsys):
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    assert exported(finished, pipe, capsys)[0] == 0
    reader.join()
    assert pipe.is_fifo()
    assert heard[0].count(b"\n") == 1 + 2 * 2 * 3


def test_a_device_is_written_into_and_stays_a_device(finished, capsys):
    before = os.stat(os.devnull)
    assert exported(finished, os.devnull, capsys)[0] == 0
    after = os.stat(os.devnull)
    assert (before.st_ino, before.st_rdev) == (after.st_ino, after.st_rdev)


@pytest.mark.parametrize("path", [".", "./", "x/../.", "new/", "./absent//rows"])
@pytest.mark.parametrize(
    ("run", "line"),
    [(main, ["export", "study", "--csv"]), (verify_main, ["report", "--stored-only", "--out"])],
)
def test_what_can_be_no_file_is_refused_by_its_own_name(
    run, line, path, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert run([*line, path]) == 2
    error = capsys.readouterr().err
    assert error == f"error: {line[-1]} {path}: must be a file in a folder that is there\n"
    assert not [*tmp_path.iterdir()]
    with pytest.raises(bounds.errors.ParameterError):
        check_writable("--csv", tmp_path)


EMPTY = [
    (main, "SPEC", ["run", ""]),
    (main, "SPEC", ["check", ""]),
    (main, "--csv", ["export", "study", "--csv", ""]),
    *((main, "--store", [*line, "--store="]) for line in (["list"], ["show", "a"], ["run", "a"])),
    (bounds_main, "--with", ["--with", "", "list"]),
    (verify_main, "REAL", ["audit", "", "b.npy"]),
    (verify_main, "GEN", ["audit", "a.npy", ""]),
    (verify_main, "--with", ["audit", "a.npy", "b.npy", "--with", ""]),
    (verify_main, "--figures", ["clt", "--figures", ""]),
    (verify_main, "--out", ["report", "--out", ""]),
    *((figures_main, word, ["R3", word, ""]) for word in ("--out", "--store", "--gallery")),
]


@pytest.mark.parametrize(("run", "argument", "line"), EMPTY)
def test_no_path_is_not_the_folder_one_is_in(run, argument, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(line) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"argument {argument}" in error.replace("argument spec", "argument SPEC")
    assert "'': must be the path of a file or folder" in error
    assert not [*tmp_path.iterdir()]


def test_a_name_of_the_longest_kind_can_be_written(tmp_path):
    path = tmp_path / ("ö" * 120 + ".json")
    write_whole(path, b"x")
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize("name", ["st[1]", "~", "s*", "x=1", "a b", "{a,b}", "s?"])
def test_a_store_is_called_what_it_is_called(name, finished, tmp_path, monkeypatch, capsys):
    """Beside a store that the name would match as a pattern, and that holds one cell more."""
    monkeypatch.chdir(tmp_path)
    for folder in (name, "s2"):
        shutil.copytree(finished.folder, folder)
    store = Store(name)
    store.path(finished.finished()[0]).unlink()
    status, told = exported(store, "rows.csv", capsys)
    assert (status, told.err) == (0, "")
    assert (tmp_path / "rows.csv").read_text().count("\n") == 1 + 2 * 3
    assert len(store.scan().collect()) == 2 * 3
    assert len(store.manifests()) == 1


def test_studies_of_odd_names_keep_records_of_their_own(tmp_path):
    store = Store(tmp_path)
    cells = parse(STUDY, "x").cells
    names = ["a (1)", "b (1)", "a/b", "..", "é" * 200, "x" * 251, "plain", "\udcff", "a\nb"]
    for name in names:
        write_record(store, name, name, cells, "")
    told = [name.replace("\udcff", r"\udcff") for name in names]
    assert {record.name for record in records(store)} == set(told)
    assert all(find_record(store, name).title == name for name in told)
    assert (tmp_path / "runs" / "plain.json").exists()


def test_titles_are_shown_and_not_obeyed(finished, capsys):
    assert main(["list", "--store", str(finished.folder)]) == 0
    shown = capsys.readouterr().out
    assert r"close [/foo] tag \x1b[2J [link=x]y[/link]" in shown


def test_a_folder_or_a_cell_that_cannot_be_read_is_named(finished, monkeypatch, capsys):
    key = finished.finished()[0]
    original, listed = Path.read_bytes, os.listdir

    def read(path):
        if path.name.startswith(key):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert main(["show", "study", "--store", str(finished.folder)]) == 2
    error = capsys.readouterr().err
    assert f"{key}.parquet: permission denied" in error
    assert error.count("\n") == 1
    monkeypatch.undo()

    def entries(folder):
        if Path(folder).name == "runs":
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(files.os, "listdir", entries)
    assert main(["list", "--store", str(finished.folder)]) == 2
    assert "runs: cannot be read (Permission denied)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["builtins:exit", "builtins:quit", "sys:exit", "os:abort_"])
def test_a_part_that_would_end_the_process_is_refused(name, tmp_path, capsys):
    spec = tmp_path / "study.toml"
    spec.write_text(STUDY.replace('target.kind = "normal"', f'target.kind = "{name}"'))
    assert main(["check", str(spec), "--store", str(tmp_path / "results")]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_study_that_never_ends_is_refused():
    with pytest.raises(SpecError, match="is longer than"):
        load("/dev/zero")


def test_the_commit_is_that_of_this_project(tmp_path, monkeypatch):
    """Of an installed copy inside a repository of something else none is known."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    inside = tmp_path / "site-packages"
    inside.mkdir()
    monkeypatch.setattr(versions, "_ROOT", inside)
    versions.commit.cache_clear()
    assert versions.commit() is None
    monkeypatch.undo()
    versions.commit.cache_clear()


HOLD = """
import sys; from pathlib import Path; from empirics.sweeps.files import Locks
locks = Locks(Path(sys.argv[1])); assert locks.take(sys.argv[2])
print("held", flush=True); sys.stdin.read()
"""


def test_a_runner_that_waits_for_another_says_so(tmp_path, monkeypatch, warm_python):
    """A suspended process holds its lock and computes nothing."""
    study, store = parse(STUDY.replace("[20, 30]", "20"), "study"), Store(tmp_path)
    store.cells.mkdir()
    monkeypatch.setattr(sweeping, "_TICK", 0.01)
    other = subprocess.Popen(
        [warm_python, "-c", HOLD, str(tmp_path / ".locks"), study.cells[0].key],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout.readline() == b"held\n"
    told = []

    def tell(text):
        told.append(text)
        other.communicate()

    assert len(list(Sweep(study.cells, store, workers=1, tell=tell))) == 1
    assert told[0].startswith("waiting for 1 cells that another process on this store computes")
    assert len(told) == 1


def test_a_picture_on_a_full_disk_is_an_error_of_the_disk(tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        write_pictures(tmp_path / "R3", Figure())
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_no_figure_and_goes(tmp_path, capsys):
    from paper_figures.__main__ import main as make

    (tmp_path / "tmpab12cd_9.svg").write_text("<svg/>")
    part = tmp_path / f".R3.{files._HOST}.{2**22 + 1}.00000000.part"
    part.write_text("half")
    assert pictures(tmp_path) == []
    assert make(["R3", "--redraw", "--out", str(tmp_path)]) == 2
    assert not part.exists()
    assert "no data to redraw" in capsys.readouterr().err


def test_a_study_is_held_against_a_store_by_its_path_or_refused(finished):
    study, bound = parse(STUDY, "study"), bounds.get("kde-sandwich")
    assert len(check_study(bound, study, str(finished.folder))) == 2
    for arguments in (
        (bound, "results", finished),
        ("kde-sandwich", study, finished),
        (bound, study, 5),
    ):
        with pytest.raises(InputError, match="must be a"):
            check_study(*arguments)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 10**5, "is nested too deeply"),
        (json.dumps([[[]]]).replace("[]", "[" * 90 + "]" * 90), "is nested too deeply"),
        ("{", "is not JSON"),
        (b"\xff", "is not JSON"),
        ('"\\ud800"', "half a character"),
        *((f"[{n}]", "out of range") for n in (-(2**63) - 1, 2**64, "1e309", "-1e309")),
        *((f"[{n}]", "out of range") for n in ("9" * 10**5, "NaN", "Infinity", "-Infinity")),
    ],
)
def test_json_that_means_harm_is_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_json(text)


def test_numbers_that_files_hold_are_read_to_the_last_bit():
    numbers = [-(2**63), 2**64 - 1, 1.7976931348623157e308, 5e-324, 0.1]
    assert read_json(json.dumps(numbers)) == numbers
