"""Hostile command lines: an answer, or one line and status 2; no traceback, nothing executed."""

import os
import re
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bounds
from bounds.__main__ import main
from bounds.notation import NOTATION

_NAMES = st.one_of(
    st.sampled_from(bounds.names()),
    st.sampled_from(["", "../x", "fresh real", "\x1b[2J", "a" * 99]),
)
_ODD_WORDS = ("self", "at_most", "parameter", "to", "width", "precision", "params", "bound", "cls")
_INPUTS = ("cell", "cycle", "target", "kernel", "lam", "share", "n", "rows", "data")
_WORDS = st.one_of(
    st.sampled_from([*NOTATION]), st.sampled_from([*_ODD_WORDS, *_INPUTS, "__class__", "\n", "a b"])
)
_CODE = "__import__('os').system('touch {canary}')"
_HOSTILE = (
    *(
        "abc",
        "",
        "nan",
        "inf",
        "-inf",
        "1e309",
        "-1e309",
        "1e-400",
        "1/0",
        "1e100000000",
        "9**9**9",
    ),
    *(_CODE, "os.system", "balanced", "fresh_real", "{0.__class__}", "%s", "1,", ",", "1,2,3"),
    *("0x10", "1_0", "\u0661", "\n", "\x1b[31m", "'" * 50, "1" * 5000, "True", "None", "[]", "1j"),
)
_USUAL = ("0", "1", "2", "3", "10", "1/4", "0.5", "1000", "-1", "1e300", "1e-300", "1e15")
_VALUES = st.one_of(st.sampled_from(_USUAL), st.sampled_from(_USUAL), st.sampled_from(_HOSTILE))


def _pairs_of(name):
    """Words of the bound, most of them with a value each; others between them."""
    own = bounds.get(name).parameters if name in bounds.names() else ()
    usual = st.tuples(*(st.tuples(st.just(word), _VALUES) for word in own))
    return st.tuples(usual, st.lists(st.tuples(_WORDS, _VALUES), max_size=2)).map(
        lambda both: ["=".join(pair) for pair in [*both[0], *both[1]]]
    )


def _evaluation(name):
    ends = st.sampled_from([[], ["--enclose"], ["--precision", "64"], ["--enclose=1"]])
    return st.tuples(_pairs_of(name), ends).map(lambda both: ["eval", name, *both[0], *both[1]])


def _question(name):
    return st.tuples(_pairs_of(name), _WORDS, _VALUES).map(
        lambda made: ["solve", name, *made[0], "--for", made[1], "--at-most", made[2]]
    )


_UNFORESEEN = re.compile(r"error: \w+(Error|Exception|Warning|Iteration)\b")
"""How the end of a command tells an error that nobody meant for a user."""

_RAW = st.lists(st.one_of(st.text(max_size=8), _VALUES, st.sampled_from(["--with", "--json"])))
_LINES = st.one_of(
    _NAMES.flatmap(_evaluation),
    _NAMES.flatmap(_evaluation),
    _NAMES.flatmap(_question),
    _RAW,
    st.tuples(st.sampled_from(["show", "audit", "list"]), _VALUES).map(list),
)


@pytest.fixture
def nothing_runs(monkeypatch, tmp_path):
    """The path of a canary; every way to run a command fails the test."""

    def refused(*arguments, **more):
        pytest.fail(f"something was executed: {arguments}")

    for module, name in ((os, "system"), (os, "popen"), (subprocess, "Popen")):
        monkeypatch.setattr(module, name, refused)
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "canary"
    assert not [*tmp_path.iterdir()]


def _attack(count, canary, capsys, same):
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=same,
        suppress_health_check=list(HealthCheck),
    )
    @given(_LINES)
    def run(line):
        line = [part.replace("{canary}", str(canary)) for part in line]
        if {"-h", "--help"} & {*line}:
            return
        capsys.readouterr()
        status = main(line)
        shown = capsys.readouterr()
        assert status in (0, 2), line
        if status == 2:
            assert shown.out == "", line
            assert shown.err.count("\n") == 1, line
            assert not _UNFORESEEN.match(shown.err), (line, shown.err)
        else:
            assert "nan" not in shown.out.split("\n")[0].split(", "), line

    run()


def test_hostile_command_lines(nothing_runs, capsys):
    _attack(200, nothing_runs, capsys, same=True)


@pytest.mark.slow
def test_ten_thousand_hostile_command_lines(nothing_runs, capsys):
    _attack(10_000, nothing_runs, capsys, same=False)
