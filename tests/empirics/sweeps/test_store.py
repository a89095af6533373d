"""A file is the one that was written, bit for bit, or it is set aside."""

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from empirics.sweeps import Store, StoreError, Sweep, files
from empirics.sweeps.encoding import DamagedError, checked, encode, read_frame
from empirics.sweeps.files import clear_leftovers, write_whole

KEY = "0123456789abcdef" * 2


@pytest.fixture
def store(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "store")
    return Store(tmp_path / "store")


def flipped(data, at, bit=0):
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def rewritten(path):
    """The same rows with one number changed, as an honest tool would write them."""
    frame = pl.read_parquet(path)
    frame.with_columns(tv=pl.col("tv") * 1.001).write_parquet(path)


DAMAGES = {
    "zero length": lambda p, _: p.write_bytes(b""),
    "truncated": lambda p, d: p.write_bytes(d[: len(d) // 2]),
    "one byte short": lambda p, d: p.write_bytes(d[:-1]),
    "one byte long": lambda p, d: p.write_bytes(d + b"\0"),
    "bit flip in the rows": lambda p, d: p.write_bytes(flipped(d, 200)),
    "bit flip in the manifest": lambda p, d: p.write_bytes(flipped(d, d.index(b'"seed"') + 8)),
    "bit flip in the checksum": lambda p, d: p.write_bytes(flipped(d, d.rindex(b"sha256:") + 9)),
    "bit flip in the footer's length": lambda p, d: p.write_bytes(flipped(d, len(d) - 8)),
    "text": lambda p, _: p.write_text("not a table"),
    "foreign schema": lambda p, _: pl.DataFrame({"a": [1]}).write_parquet(p),
    "hand-edited": lambda p, _: rewritten(p),
    "another cell's": lambda p, _: shutil.copy(sorted(p.parent.glob("*.parquet"))[-1], p),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_set_aside_and_computed_again(name, store, small, frames_of, same):
    expected = frames_of(small, store)
    key = store.finished()[0]
    path = store.path(key)
    data = path.read_bytes()
    DAMAGES[name](path, data)
    assert store.check(store.finished())[1][0].path == path
    found, damages = store.check(store.finished(), set_aside=True)
    assert key not in found
    assert len(found) == len(small.cells) - 1
    (damage,) = damages
    assert damage.path.name.startswith(f"{key}.parquet.")
    assert damage.path.name.endswith(".damaged")
    assert damage.path.exists()
    assert damage.reason
    sweep = Sweep(small.cells, store, workers=1)
    assert sweep.planned == 1
    assert len(list(sweep)) == len(small.cells)
    assert same(frames_of(small, store), expected)


def frame_of(rows):
    numbers = np.random.default_rng(0).random(rows)
    return pl.DataFrame({"replicate": range(rows), "tv": numbers})


def test_every_single_bit_is_covered():
    """All bits of a small file, each flipped alone."""
    data = encode(frame_of(3), {"key": KEY})
    assert checked(data, KEY)["key"] == KEY
    for at in range(len(data)):
        with pytest.raises(DamagedError):
            checked(flipped(data, at, at % 8), KEY)


def test_every_cut_is_noticed():
    data = encode(frame_of(3), {"key": KEY})
    for length in range(len(data)):
        with pytest.raises(DamagedError):
            checked(data[:length], KEY)


def test_rows_keep_every_bit_and_type():
    frame = frame_of(50).with_columns(noise=pl.lit(None, dtype=pl.Float64))
    assert read_frame(encode(frame, {"key": KEY})).equals(frame)
    assert read_frame(encode(frame, {"key": KEY})).schema == frame.schema


def test_a_scan_is_lazy_and_tells_cells_apart(store, small):
    scan = store.scan()
    assert isinstance(scan, pl.LazyFrame)
    counts = scan.group_by("cell").len().collect()
    assert set(counts["cell"]) == {cell.key for cell in small.cells}
    assert counts["len"].to_list() == [12] * len(small.cells)


def test_a_scan_joins_models_with_different_columns(store):
    columns = ["replicate", "tv", "kl"]
    store.write(KEY, frame_of(2).with_columns(kl=1.5), {"columns": columns})
    rows = store.scan().collect()
    assert rows.filter(pl.col("cell") == KEY)["kl"].to_list() == [1.5, 1.5]
    assert rows.filter(pl.col("cell") != KEY)["kl"].null_count() == 72


def test_an_empty_store_says_so(tmp_path):
    with pytest.raises(StoreError, match="none of the cells asked for is finished"):
        Store(tmp_path / "nothing").scan()


def test_a_file_in_the_place_of_a_store_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="is a file, must be a folder"):
        Store(tmp_path / "taken")


def test_the_manifest_says_where_a_result_comes_from(store):
    manifest = next(iter(store.manifests().values()))
    assert {"spec", "seed", "code", "commit", "versions", "started", "seconds"} <= set(manifest)
    assert {"python", "numpy", "scipy", "polars"} <= set(manifest["versions"])
    assert 0 <= manifest["largest_error"]["tv_error"] < 1e-3


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    target = tmp_path / "file"
    write_whole(target, b"before")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"after")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert target.read_bytes() == b"before"


def test_leftovers_of_dead_processes_go_and_those_of_live_ones_stay(tmp_path):
    script = (
        "import os, sys, pathlib; from empirics.sweeps import files;"
        "files._write(pathlib.Path(sys.argv[1])"
        " / f'.x.{files._HOST}.{os.getpid()}.00000000.part', b'half')"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    mine = tmp_path / f".x.{files._HOST}.{os.getpid()}.00000000.part"
    mine.write_bytes(b"half")
    assert len(list(tmp_path.iterdir())) == 2
    clear_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 kilobytes, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options):
        command = ["mount", *options, str(folder)]
        return (
            shutil.which("mount") and subprocess.run(command, capture_output=True).returncode == 0
        )

    if not mount("-t", "tmpfs", "-o", "size=64k", "tmpfs"):
        pytest.skip("this user may not mount a file system")
    yield SimpleNamespace(folder=folder, remount=mount)
    subprocess.run(["umount", str(folder)], check=False)


def test_a_full_disk_ends_in_one_line_with_finished_cells_intact(small_disk, commands):
    spec = commands.write(
        'generations = 20\nreplicates = 20\ntarget.kind = "normal"\nmodel.kind = "kde"\n'
        'cycle = {kind = "balanced", n = [10, 20, 30, 40, 50, 60]}'
    )
    status, out, err = commands("run", spec, "--store", str(small_disk.folder), "--workers", "1")
    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "no space left on device" in err
    assert "finished cells are intact" in err
    store = Store(small_disk.folder)
    kept = store.finished()
    assert 0 < len(kept) < 6
    assert set(store.check(kept)[0]) == set(kept)
    assert not list(store.cells.glob(".*.part"))
    assert small_disk.remount("-o", "remount,size=10M")
    status, out, _ = commands("run", spec, "--store", str(small_disk.folder))
    assert status == 0
    assert f"{len(kept)} found, {6 - len(kept)} computed" in out


def test_a_read_only_store_is_read_and_never_written(small_disk, commands, small_text):
    spec, where = commands.write(small_text), ("--store", str(small_disk.folder))
    assert small_disk.remount("-o", "remount,size=10M")
    assert commands("run", spec, "--limit", "4", *where)[0] == 0
    assert small_disk.remount("-o", "remount,ro")
    status, _, err = commands("run", spec, *where)
    assert status == 2
    assert len(err.strip().splitlines()) == 1
    assert "read-only file system" in err
    status, out, _ = commands("show", "small", *where)
    assert status == 0
    assert out.count("not finished") == 2
    assert small_disk.remount("-o", "remount,rw")
    assert commands("run", spec, *where)[0] == 0
    assert small_disk.remount("-o", "remount,ro")
    assert "6 found, 0 computed" in commands("run", spec, *where)[1]


LIMITED = """
import resource, sys
from empirics.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
sys.exit(main(sys.argv[1:]))
"""
"""The command with files of at most two kilobytes."""


def test_a_file_size_limit_ends_like_a_full_disk(commands, small_text):
    """The same error for whoever may not mount."""
    pytest.importorskip("resource")
    spec = commands.write(small_text)
    assert commands("run", spec, "--limit", "2")[0] == 0
    before = {p.name: p.stat().st_mtime_ns for p in commands.store.cells.glob("*.parquet")}
    command = [sys.executable, "-c", LIMITED, "run", spec, "--workers", "1"]
    how = {"cwd": commands.folder, "env": commands.environment}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, **how)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "finished cells are intact: 2 of 6 cells" in ended.stderr
    after = {p.name: p.stat().st_mtime_ns for p in commands.store.cells.iterdir()}
    assert after == before
