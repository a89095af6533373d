"""Bounds of a user's own: everything works on them, and nothing leaks into the catalogue."""

import doctest

import pytest
import sympy as sp

import bounds
from bounds.__main__ import main
from bounds.errors import ParameterError, UnknownNameError
from bounds.notation import C, j, k, n, size

MINE = bounds.define(
    "mine-100",
    C * j**2 / n,
    title="Mine: 100 % & more_",
    statement="Errors grow with the square of the generation.",
    hypotheses=[("smooth_target", "the target has 2 derivatives & 50 % of its mass at 0")],
)


def test_everything_works_on_it():
    assert MINE.evaluate(n=90, generation=3) == 0.1
    assert MINE.enclose(n=90, generation=3).lower * 10 == 1
    assert MINE.solve("n", at_most="1/10", generation=3).value == 90
    assert MINE.limit("n", "oo") == 0
    assert MINE.order("generation").term == C * j**2 / n
    assert MINE.explain(n=90, generation=3).value == 0.1
    assert {p.status for p in MINE.audit().properties} == {"proved"}
    assert "No reference" not in MINE.cite()
    assert MINE.mathml().startswith("<math")


def test_registering_returns_a_new_catalogue():
    larger = bounds.register(MINE)
    assert larger["mine-100"] is MINE
    assert len(larger) == len(bounds.names()) + 1
    assert "mine-100" not in bounds.names()
    with pytest.raises(ParameterError, match="there already"):
        larger.register(MINE)
    with pytest.raises(UnknownNameError, match="did you mean 'mine-100'"):
        _ = larger["mine-10"]
    with pytest.raises(TypeError):
        larger["other"] = MINE


def test_plain_symbols_stand_for_those_of_the_notation():
    plain = bounds.define(
        "plain", sp.Symbol("C") * sp.Symbol("generation") / sp.Symbol("n"), statement="Plain."
    )
    assert plain.parameters == ("n", "generation", "constant")
    with pytest.raises(ParameterError, match=r"not in bounds\.notation"):
        bounds.define("alien", sp.Symbol("quux"), statement="Alien.")
    with pytest.raises(ParameterError, match="name = 'a b'"):
        bounds.define("a b", n, statement="Two words.")


def test_the_command_line_takes_a_file(tmp_path, capsys):
    file = tmp_path / "own.py"
    file.write_text(
        "import bounds\nfrom bounds.notation import C, j, n\n"
        "BOUND = bounds.define('from-file', C * j / n, statement='From a file.')\n"
    )
    assert (
        main(
            [
                "--with",
                str(file),
                "solve",
                "from-file",
                "generation=2",
                "--for",
                "n",
                "--at-most",
                "0.1",
            ]
        )
        == 0
    )
    assert capsys.readouterr().out.startswith("n 20 or more")
    assert main(["--with", str(file), "show", "from-file"]) == 0
    assert main(["--with", str(tmp_path / "none.py"), "list"]) == 2
    file.write_text("x = 1\n")
    assert main(["--with", str(file), "list"]) == 2


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("BOUNDS = 5", "must hold a Bound"),
        ("BOUNDS = ()", "must hold a Bound"),
        ("BOUNDS = [3]", "must hold a Bound"),
        ("BOUND = None", "must hold a Bound"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("1/0", "ZeroDivisionError"),
        ("def", "SyntaxError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("from bounds import define; BOUND = define('x', '9**9**9', statement='s')", "exponent"),
    ],
)
def test_a_file_that_fails_is_named_in_a_line(text, named, tmp_path, capsys):
    file = tmp_path / "own.py"
    file.write_text(text)
    assert main(["--with", str(file), "list"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith(f"error: --with {file}: ")
    assert named in shown.err


@pytest.mark.parametrize("module", ["bounds.own.custom", "bounds.strategies"])
def test_the_examples_run(module):
    import importlib

    outcome = doctest.testmod(importlib.import_module(module))
    assert outcome.attempted
    assert not outcome.failed


def test_sequences_named_like_a_number_stay_sequences():
    """The sequence of training sizes is written ``n_k``, and ``n`` is a number too."""
    mine = bounds.define("sizes", sp.Sum(1 / size[k], (k, 1, j)), statement="A.")
    assert mine.evaluate(size=[1, 2, 4], generation=3) == 1.75
