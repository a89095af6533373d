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

_NAMES = st.sampled_from([*bounds.names(), "", "../x", "fresh real", "\x1b[2J", "a" * 99])
_ODD_WORDS = (
    *("self", "at_most", "parameter", "to", "width", "precision", "params", "bound", "cls", "cell"),
    *("cycle", "target", "kernel", "rows", "data", "__class__", "\n", "a b", *NOTATION),
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
_EXTREME = ("0", "1", "-1", "1e300", "1e-300", "1e15", "1000")


def _allowed(word):
    """Values of the range, which are drawn more often than not."""
    entry = NOTATION.get(word)
    if entry is None or entry.is_function:
        return ["0.5"]
    if entry.is_sequence:
        return ["0.1,0.2,0.3", "1/2,1,1/4", "1"]
    return ["2", "3", "10"] if entry.integer else ["1/4", "0.3", "0.499"]


def _mostly(usual, odd):
    return st.integers(0, 9).flatmap(lambda at: st.sampled_from(usual if at else odd))


def _pairs_of(name, odd):
    """Words of the bound, with a value each, and now and then others."""
    own = bounds.get(name).parameters if name in bounds.names() else ("n",)
    usual = [st.tuples(st.just(word), _mostly(_allowed(word), odd)) for word in own]
    other = st.tuples(st.sampled_from(_ODD_WORDS), st.sampled_from(odd))
    return st.tuples(*usual, st.lists(other, max_size=1)).map(
        lambda drawn: ["=".join(pair) for pair in [*drawn[:-1], *drawn[-1]]]
    )


def _evaluation(name):
    ends = _mostly([(), ("--enclose",)], [("--precision", "64"), ("--enclose=1",)])
    pairs = _pairs_of(name, (*_HOSTILE, *_EXTREME))
    return st.tuples(pairs, ends).map(lambda both: ["eval", name, *both[0], *both[1]])


def _question(name):
    """Without extreme numbers, at which a search is long; ``test_solving`` has those."""
    words = bounds.get(name).parameters if name in bounds.names() else ("n",)
    parts = (_mostly(words, _ODD_WORDS), _mostly(["0.1", "1/2", "3"], _HOSTILE))
    return st.tuples(_pairs_of(name, _HOSTILE), *parts).map(
        lambda made: [
            *("solve", name, *(pair for pair in made[0] if not pair.startswith(f"{made[1]}="))),
            *("--for", made[1], "--at-most", made[2]),
        ]
    )


_ANY = st.sampled_from((*_HOSTILE, *_EXTREME))
_RAW = st.lists(st.one_of(st.text(max_size=8), _ANY, st.sampled_from(["--with", "--json", "list"])))
_LINES = st.one_of(
    _NAMES.flatmap(_evaluation),
    _NAMES.flatmap(_question),
    _RAW,
    st.tuples(st.sampled_from(["show", "audit", "list"]), st.one_of(_ANY, _NAMES)).map(list),
)
_UNFORESEEN = re.compile(r"error: \w+(Error|Exception|Warning|Iteration)\b")
"""The start of a command's last line for an error that nobody meant for a user."""


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
