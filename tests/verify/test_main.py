"""The command line: tables, JSON, exit status, and one line per mistake."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from verify.__main__ import main
from verify.claims import discrete
from verify.scale import Scale


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    """Keep verifications of this file in a folder of their own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def samples(tmp_path):
    generator = np.random.default_rng(0)
    paths = []
    for name, shift in (("real", 0.0), ("one", 0.0), ("two", 1.5)):
        paths.append(str(tmp_path / f"{name}.npy"))
        np.save(paths[-1], generator.normal(shift, 1, 2000))
    return paths


def test_claims_are_tested_and_told(capsys):
    assert main(["discrete", "closed-propagation", "--seed", "3"]) == 0
    out = capsys.readouterr().out
    assert "discrete" in out
    assert "supported" in out
    assert "3 of 3" in out


def test_json_has_every_cell(capsys):
    loops = discrete.CLAIM.loops(Scale.QUICK)
    assert main(["discrete", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "supported"
    generations = sum(loop.spec.generations for loop in loops)
    assert len(found["cells"]) == generations * len(discrete.CLAIM.statements)
    assert {"p_violation", "p_support", "refuted_below", "low", "high"} <= set(found["cells"][0])
    assert {c["fate"] for c in found["controls"]} == {"caught"}


def test_a_violated_claim_exits_1(monkeypatch, capsys):
    from verify import commands as command
    from verify.claims import select
    from verify.statements import BoundHolds, at_most

    false = [
        type(c)(**{**vars(c), "statements": (BoundHolds(at_most(0.001)),)})
        for c in select(("discrete",))
    ]
    monkeypatch.setattr(command, "select", lambda names: tuple(false))
    assert main(["discrete"]) == 1
    assert "discrete: violated: real share 0.02, generation 1" in capsys.readouterr().out


def test_audit_shows_limits_and_what_they_refute(samples, capsys):
    assert main(["audit", *samples]) == 0
    out = capsys.readouterr().out
    assert "none honest" in out
    assert "no verdict: no claim was given" in out
    assert main(["audit", *samples, "--constant", "1"]) == 0
    assert "refuted: every claim of" in capsys.readouterr().out
    claimed = ["--n", "100000", "--share", "0.5"]
    assert main(["audit", *samples, *claimed]) == 0
    assert "no verdict: the constant of the one-step rate is free" in capsys.readouterr().out
    assert main(["audit", *samples, *claimed, "--constant", "1"]) == 1
    out = capsys.readouterr().out
    assert "violated" in out
    assert "refuted at this n: every real share" in out


def test_audit_as_json(samples, capsys):
    assert main(["audit", *samples, "--n", "1000000", "--constant", "1", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    first, second = found["generations"]
    assert first["low"] < 0.1 < 0.4 < second["low"] < 0.547
    assert found["refuted_n"] == pytest.approx((2 / second["low"]) ** 4, abs=1)


def test_list_shows_sentences(capsys):
    assert main(["list"]) == 0
    assert "rise-and-fall" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grwth"], "no claim is called 'grwth'; did you mean 'growth'"),
        (["--scale", "huge"], "invalid choice: 'huge'"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "x"], "'x': must be a non-negative integer"),
        (["audit", "absent.npy", "absent.npy"], "absent.npy: No such file"),
        (["audit"], "required"),
        (["self-test", "--checks", "3"], "checks = 3: at least 20"),
    ],
)
def test_mistakes_get_one_line_and_status_2(arguments, message, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error


def test_damaged_samples_get_one_line(samples, tmp_path, capsys):
    bad = str(tmp_path / "bad.npy")
    cases = {
        "values are not finite numbers": np.array([1.0, np.inf] * 20),
        f"{bad}: has 2 coordinates, {samples[0]} has 1": np.zeros((50, 2)),
        f"{samples[0]} and {bad}: samples of": np.zeros(5),
        f"{bad}: must be an array of numbers, not text": np.array(["a", "b"]),
    }
    for message, array in cases.items():
        np.save(bad, array)
        assert main(["audit", samples[0], bad]) == 2
        assert message in capsys.readouterr().err
    np.save(bad, np.array([{}], dtype=object), allow_pickle=True)
    assert main(["audit", samples[0], bad]) == 2
    assert "not a .npy file of numbers" in capsys.readouterr().err
    assert main(["audit", samples[0], samples[1], "--share", "2"]) == 2
    assert "share = 2" in capsys.readouterr().err


def test_the_module_runs():
    command = [sys.executable, "-m", "verify", "list"]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0
