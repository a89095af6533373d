"""The command line: what it prints and how it refuses."""

import json
import subprocess
import sys
from xml.etree.ElementTree import fromstring

import pytest

import bounds
from bounds.__main__ import main

_FOR_N = ("--for", "n", "--at-most", "0.1")
_TWO = ("n=9", "generation=2")


def _output(capsys, *arguments):
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_list_names_every_bound(capsys):
    shown = _output(capsys, "list")
    assert all(name in shown for name in bounds.names())


@pytest.mark.parametrize("name", bounds.names())
def test_show_says_everything(capsys, name):
    shown, bound = _output(capsys, "show", name), bounds.get(name)
    for part in (bound.statement, bound.side, bound.statistic, bound.source.evidence):
        assert part in shown
    assert all(word in shown for word in bound.parameters if word != "cell")
    assert all(hypothesis.name in shown for hypothesis in bound.hypotheses)
    assert all(item.name in shown for item in bound.audit().properties)
    assert bound.tight in shown
    snippet = _output(capsys, "show", name, "--latex")
    assert f"\\begin{{equation*}}\n  {bound.latex()}\n\\end{{equation*}}" in snippet
    assert all(line[0] in "%\\ " for line in snippet.splitlines())
    fromstring(_output(capsys, "show", name, "--mathml"))


def test_eval_prints_the_value_and_its_defaults(capsys):
    shown = _output(capsys, "eval", "fresh-real", "n=10000", "share=1/2", "generation=2")
    assert shown.splitlines() == ["0.15", "gamma = 1/4 (default)", "constant = 1 (free; default)"]
    shown = _output(capsys, "eval", "full-synthetic", "n=10000", "generation=1,10", "constant=2")
    assert shown.splitlines() == [
        "0.2, 2",
        "gamma = 1/4 (default)",
        "vacuous: the bound is at least 1",
    ]


def test_eval_builds_the_cycle_from_words(capsys):
    words = ("n=10000", "share=1/2", "generation=2")
    closed = _output(capsys, "eval", "fresh-real", *words)
    recursion = _output(capsys, "eval", "error-propagation", "cycle=fresh_real", *words)
    assert recursion == closed


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "required"),
        (["lst"], "invalid choice"),
        (["show"], "name"),
        (["show", "balancd"], "did you mean 'balanced'"),
        (["eval", "balanced", "n"], "must be key=value"),
        (["eval", "balanced", "n=10"], "generation: missing"),
        (["eval", "balanced", "n=10", "generation=0"], "generation = 0"),
        (["eval", "balanced", "n=ten", "generation=1"], "n = 'ten'"),
        (["eval", "balanced", "n=10", "generation=1", "gama=1/2"], "did you mean 'gamma'"),
        (["eval", "balanced", "n=1,2", "generation=1,2,3"], "do not broadcast"),
        (["eval", "error-propagation", "cycle=x", "generation=2"], "cycle = 'x'"),
        (["eval", "error-propagation", "cycle=balanced", "generation=2"], "n: missing"),
        (["show", "balanced", "--latx"], "unrecognized"),
        (["solve", "balanced", "generation=2", "--at-most", "0.1"], "--for"),
        (["solve", "balanced", "generation=2", "--for", "n", "--at-most", "x"], "at_most = 'x'"),
        (["solve", "balanced", "--for", "m", "--at-most", "1"], "m: not a number in"),
        (["audit", "balancd"], "did you mean 'balanced'"),
        (["eval", "balanced", "n=0", "generation=2", "--enclose"], "n = 0: must be an integer"),
        (["eval", "kde-sandwich", "cell=abc"], "cell = 'abc': must be a number > 0"),
        (["eval", "kde-sandwich", "cell=0"], "cell = 0: must be a number > 0"),
        (
            ["eval", "fresh-real", *_TWO, "share=1e309", "--enclose"],
            "share = 1e309",
        ),
        (
            ["eval", "fresh-real", *_TWO, "share=-1e309", "--enclose"],
            "share = -1e3",
        ),
        (["eval", "fresh-real", "n=1e100000000", "generation=2", "share=1"], "n = '1e100000000'"),
        (["eval", "balanced", "self=1"], "self: unknown to"),
        (["eval", "balanced", "self=1", "--enclose"], "self: unknown to"),
        (["eval", "balanced", "precision=64", "--enclose"], "precision: unknown to"),
        (["eval", "balanced", "width=1", "--enclose"], "width: unknown to"),
        *(
            (
                ["solve", "balanced", _TWO[1], f"{word}=64", "--for", "n", "--at-most", "0.1"],
                f"{word}: ",
            )
            for word in ("self", "at_most", "parameter", "precision", "width", "params")
        ),
        (["eval", "balanced", "n\n=1"], "n : unknown to"),
        (["show", "\x1b[2J"], "\\x1b[2J"),
    ],
)
def test_mistakes_get_one_line_and_status_two(capsys, arguments, part):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert part in captured.err
    assert captured.err.count("\n") == 1


def test_the_process_exits_with_the_status():
    command = [sys.executable, "-m", "bounds", "show", "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no bound is called 'nothing'")
    assert "Traceback" not in done.stderr


def test_solve_answers_in_one_line(capsys):
    words = ("generation=10", "--for", "n", "--at-most", "0.1")
    shown = _output(capsys, "solve", "full-synthetic", *words)
    assert shown.startswith("n 100000000 or more keeps full-synthetic at or below 0.1")
    assert shown.count("\n") == 1


def test_eval_encloses(capsys):
    shown = _output(capsys, "eval", "balanced", "n=10000", "generation=2", "--enclose")
    assert shown.strip() == "[0.15, 0.15000000000000002]" or shown.strip() == "[0.15, 0.15]"


def test_audit_prints_a_table_and_json(capsys):
    table = _output(capsys, "audit", "fresh-real")
    assert "proved  monotone in share" in table
    (audit,) = json.loads(_output(capsys, "audit", "fresh-real", "--json"))
    assert audit["bound"] == "fresh-real"
    assert {item["status"] for item in audit["properties"]} == {"proved"}
