"""Hostile files and command lines: one line and status 2, or an answer; never a traceback."""

import io

import numpy as np
import pytest

from verify.__main__ import main

FORMAT = np.lib.format


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    np.save("real.npy", generator.normal(size=300))
    np.save("near.npy", generator.normal(size=300))
    np.save("far.npy", generator.normal(1.5, 1, (300, 1)))
    np.save("letters.npy", generator.integers(0, 5, 300))


def header(shape, dtype="<f8"):
    out = io.BytesIO()
    said = {"descr": dtype, "fortran_order": False, "shape": shape}
    FORMAT.write_array_header_1_0(out, said)
    return out.getvalue() + bytes(80)


def whole():
    out = io.BytesIO()
    np.save(out, np.arange(40.0))
    return out.getvalue()


DAMAGED = {
    "empty": b"",
    "cut header": whole()[:30],
    "cut data": whole()[:-8],
    "zip": b"PK\x03\x04" + bytes(40),
    "a lie of 10^12 rows": header((10**12,)),
    "a lie of 10^30 rows": header((10**30,)),
    "negative": header((-5,)),
    "no rows": header((0, 2)),
    "no columns": header((5, 0)),
    "dates": header((2,), "<M8[s]"),
    "no axis": header(()),
    "objects": header((4,), "|O"),
    "text": header((2,), "<U4"),
    "complex": header((2,), "<c16"),
    "deep header": whole()[:10] + b"[" * 3000 + whole()[10:],
    "text file": b"1.0\n2.0\n",
    "not finite": header((1,))[:-80] + np.array([np.nan]).tobytes(),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("place", ["real", "generation"])
def test_a_damaged_file_gets_one_line(name, place, tmp_path, capsys):
    (tmp_path / "bad.npy").write_bytes(DAMAGED[name])
    files = ["bad.npy", "near.npy"] if place == "real" else ["real.npy", "bad.npy"]
    assert main(["audit", *files]) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: bad.npy: ")
    assert "\n" not in error


def test_an_archive_without_arrays_gets_one_line(capsys):
    np.savez("bad.npz")
    assert main(["audit", "real.npy", "bad.npz"]) == 2
    assert "bad.npz: holds no arrays" in capsys.readouterr().err


def test_columns_of_one_are_points_on_the_line(capsys):
    assert main(["audit", "real.npy", "far.npy", "--n", "1000000", "--constant", "1"]) == 1
    assert "violated" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--constant", "1e100"], 0),
        (["--constant", "1e100", "--n", "10"], 0),
        (["--gamma", "1e-300", "--n", "10"], 0),
        (["--gamma", "1e-9"], 0),
        (["--n", "9" * 17], 0),
        (["--n", "9" * 17, "--constant", "1"], 1),
        (["--share", "1e-300", "--n", "1000000", "--constant", "1"], 1),
        (["--share", "0.1"], 2),
        (["--bound", "full-synthetic", "n=1000000", "constant=1"], 1),
        (["--bound", "full-synthetic", "n=1000000"], 2),
        (["--bound", "full-synthetic", "n=10", "constant=9"], 0),
        (["--bound", "kde-sandwich", "n=10"], 2),
        (["--bound", "ful-synthetic", "n=10"], 2),
        (["--bound", "full-synthetic", "n=10", "constant=9", "--n", "5"], 2),
        (["--letters", "0"], 2),
        (["--letters", "1000000000000"], 2),
        (["--letters", "9" * 5000], 2),
        (["--n", "\u0663"], 2),
        (["--n", "0"], 2),
        (["--constant", "nan"], 2),
        (["--constant", "-1"], 2),
        (["--share", "nan"], 2),
        (["--confidence", "nan"], 2),
        (["--confidence", "1"], 2),
        (["--gamma", "inf"], 2),
    ],
)
def test_extreme_parameters_get_an_answer_or_one_line(arguments, status, capsys):
    assert main(["audit", "real.npy", "far.npy", *arguments]) == status
    error = capsys.readouterr().err.strip()
    assert bool(error) is (status == 2)
    assert "\n" not in error


def test_a_bound_of_any_size_keeps_the_table_narrow(capsys):
    assert main(["audit", "real.npy", "far.npy", "--constant", "1e100", "--n", "10"]) == 0
    out = capsys.readouterr().out
    assert " 5.623e+99 " in out
    assert max(map(len, out.splitlines())) < 90


def test_a_self_test_of_any_size_is_not_begun(capsys):
    assert main(["self-test", "--checks", "99999999999"]) == 2
    assert "at most 100000" in capsys.readouterr().err


WORDS = ["--n", "--share", "--constant", "--gamma", "--confidence", "--letters", "--seed"]
NUMBERS = ["0", "1", "-1", "5", "0.3", "1e-9", "1e100", "1e309", "nan", "inf", "x", "", "1000000"]


def _fuzz(tries, seed, tmp_path, capsys):
    """Bytes changed, inserted or cut, and random options; every answer has its status."""
    generator = np.random.default_rng(seed)
    good = np.frombuffer(whole(), dtype=np.uint8)
    for _ in range(tries):
        data = good.copy()
        at = generator.integers(0, len(data), generator.integers(1, 6))
        if generator.random() < 0.7:
            at = at % 128  # the header is where it hurts
        data[at] = generator.integers(0, 256, len(at))
        if generator.random() < 0.2:
            data = data[: generator.integers(0, len(data))]
        (tmp_path / "fuzz.npy").write_bytes(data.tobytes())
        options = []
        for word in generator.choice(WORDS, generator.integers(0, 3), replace=False).tolist():
            options += [word, str(generator.choice(NUMBERS))]
        files = generator.choice(["real.npy", "near.npy", "letters.npy", "fuzz.npy"], 2).tolist()
        status = main(["audit", *files, *options])
        out, error = capsys.readouterr()
        assert status in (0, 1, 2), (files, options)
        assert ("violated" in out) or status != 1
        assert (len(error.strip().splitlines()) == 1) is (status == 2), (files, options, error)


def test_damaged_bytes_and_random_options(tmp_path, capsys):
    _fuzz(150, 0, tmp_path, capsys)


@pytest.mark.slow
def test_thousands_of_damaged_bytes_and_random_options(tmp_path, capsys):
    _fuzz(10_000, 1, tmp_path, capsys)


def test_nothing_in_a_file_runs(tmp_path, capsys):
    class Canary:
        def __reduce__(self):
            return (open, (str(tmp_path / "canary"), "w"))

    np.save("bad.npy", np.array([Canary()], dtype=object), allow_pickle=True)
    assert main(["audit", "real.npy", "bad.npy"]) == 2
    assert not (tmp_path / "canary").exists()
    capsys.readouterr()
