"""Every command, as a process: streams that fail, interrupts, and errors that nobody foresaw."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from bounds.command_line import answer, plain

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "bounds": ["list"],
    "empirics": ["check", "kde-phase-transition"],
    "verify": ["list"],
    "paper_figures": ["--help"],
}
AT_WORK = {
    "bounds": ["eval", "fresh-real", "n=9", "share=1/2", "generation=2"],
    "empirics": ["check", "kde-phase-transition"],
    "verify": ["clt"],
    "paper_figures": ["R1"],
}
"""Commands that import libraries of numbers."""
SHORT = {
    "bounds": [
        *(["--help"], ["list"], ["show", "fresh-real"], ["proof", "fresh-real"]),
        *(["show", "frsh-real"], ["eval", "frsh-real"], ["eval", "fresh-real", "n"]),
        ["--with", "no.py", "list"],
    ],
    "empirics": [["--help"], ["kinds"], ["check", "kde-balanced"], ["run", "kde-balanced"]],
    "verify": [
        *(["--help"], ["self-test", "--help"], ["list"], ["grwth"], ["growth", "-x"], ["kde-clt"]),
        *(["audit", "no.npy", "no.npy"], ["audit", __file__, __file__], ["report", "--out", "."]),
    ],
    "paper_figures": [["--help"], ["list"], ["R99"]],
}
"""Help, lists and mistakes."""
IMPORTED = """
import sys
from importlib import import_module
from bounds import made_once
sys.dont_write_bytecode = False
made_once.cache_from_source = lambda path: "made_once.pyc"
main = import_module(f"{sys.argv[1]}.__main__").main
heavy = {"numpy", "scipy", "sympy", "polars", "matplotlib", "empirics.experiment"}
for words in eval(sys.argv[2]):
    try:
        main(words)
    except SystemExit:
        pass
    print("after", *words, "imported:", *(heavy & set(sys.modules)))
"""
STOPS = """
import os, signal
os.kill(os.getpid(), signal.SIGINT)
raise ImportError("half imported")
"""


def run(module, *arguments, first=(), **how):
    paths = os.pathsep.join(map(str, [*first, ROOT]))
    how.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [how.pop("python", sys.executable), "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": paths, **how.pop("environment", {})},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **how,
    )


@pytest.mark.parametrize("module", COMMANDS)
def test_a_reader_that_has_gone_ends_it_quietly(module, tmp_path, warm_python):
    ours, theirs = os.pipe()
    os.close(ours)
    done = run(module, *COMMANDS[module], cwd=tmp_path, stdout=theirs, python=warm_python)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("module", COMMANDS)
def test_an_output_that_takes_no_more_is_told(module, tmp_path, warm_python):
    with open("/dev/full", "w") as full:
        done = run(module, *COMMANDS[module], cwd=tmp_path, stdout=full, python=warm_python)
    assert done.returncode == 2
    assert done.stderr == "error: the standard output: No space left on device\n"


def test_a_closed_output_is_told(tmp_path):
    close = 'import os, sys; os.close(1); os.execv(sys.executable, ["python", *sys.argv[1:]])'
    for module, words in COMMANDS.items():
        done = subprocess.run(
            [sys.executable, "-c", close, "-m", module, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (2, "error: the standard output is closed\n")


def test_an_output_of_few_letters_replaces_the_others(tmp_path):
    done = run("verify", "list", cwd=tmp_path, environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    done = run("bounds", "shów", cwd=tmp_path, environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("module", COMMANDS)
def test_an_interrupt_while_modules_are_imported_is_one_word(module, tmp_path):
    for name in ("numpy", "polars"):
        (tmp_path / f"{name}.py").write_text(STOPS)
    done = run(module, *AT_WORK[module], first=[tmp_path], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@pytest.mark.parametrize("module", SHORT)
def test_short_answers_import_no_library_of_numbers(module, tmp_path, warm_python):
    """But for the first time, where they are made from what such libraries say."""
    for python in (warm_python, sys.executable):
        done = subprocess.run(
            [python, "-c", IMPORTED, module, repr(SHORT[module])],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    told = [line for line in done.stdout.splitlines() if line.startswith("after")]
    assert told == [" ".join(["after", *words, "imported:"]) for words in SHORT[module]]


@pytest.mark.parametrize("name", ["typing", "argparse"])
@pytest.mark.parametrize("module", COMMANDS)
def test_an_interrupt_before_the_first_own_line_is_one_word(module, name, tmp_path):
    (tmp_path / f"{name}.py").write_text(STOPS)
    done = run(module, "--help", first=[tmp_path], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_a_library_leaves_the_handlers_of_its_user(tmp_path):
    (tmp_path / "theirs.py").write_text(
        "import signal, bounds, empirics, verify, paper_figures\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    assert run("theirs", "bounds", first=[tmp_path], cwd=tmp_path).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("module", COMMANDS)
def test_an_interrupt_at_any_moment_is_one_word(module, tmp_path):
    start = time.monotonic()
    run(module, *COMMANDS[module], cwd=tmp_path)
    whole, random = time.monotonic() - start, Random(module)
    for _ in range(40):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *COMMANDS[module]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(random.uniform(0.35 * whole, whole))  # what Python does before is its own
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        assert (process.returncode, err) in ((130, "interrupted\n"), (0, ""), (-2, ""))


def test_an_error_that_nobody_foresaw_is_one_line(capsys):
    def fail():
        raise ZeroDivisionError("division\nby zero")

    def panic():
        raise BaseException("from elsewhere")

    assert answer(fail) == 2
    assert capsys.readouterr().err == "error: ZeroDivisionError: division by zero\n"
    assert answer(panic) == 2
    assert capsys.readouterr().err == "error: BaseException: from elsewhere\n"


def test_an_interrupt_is_one_word(capsys):
    def stop():
        raise KeyboardInterrupt

    assert answer(stop) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – Größe 値 ✓", "plain – Größe 値 ✓"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[2J\x9b2J", r"\x1b[2J\x9b2J"),
        ("\u202eevil\u2028", r"\u202eevil\u2028"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_would_steer_a_terminal_is_made_visible(text, shown):
    assert plain(text) == shown
