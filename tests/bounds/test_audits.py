"""Audits of many bounds: the same on all processors, and over when whoever asked is gone."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bounds
from bounds.audits import checked_lines, examine, examine_all

ROOT = Path(__file__).parents[2]
NAMES = (
    *("balanced", "fresh-real", "full-synthetic", "kde-bias", "kde-bias-normal", "kde-noise"),
    *("kde-one-step", "khelifa-floor", "operator-limit", "tilt-constant"),
)


@pytest.mark.parametrize("checks", [True, False])
def test_processes_find_what_one_finds(checks):
    found = examine_all(NAMES, checks)
    assert found == [examine(bounds.get(name), checks) for name in NAMES]
    assert [each.audit.bound for each in found] == list(NAMES)
    assert {each.failing for each in found} == {() if checks else None}
    assert [p.how for p in found[1].audit.properties] == [
        p.how for p in bounds.get("fresh-real").audit().properties
    ]


def test_steps_are_counted_over_all():
    steps = sum(len(bounds.get(name).proof.steps) for name in NAMES)
    (line,) = checked_lines(examine_all(NAMES, checks=False))
    assert line.startswith(f"{steps} steps of proofs: ")


def test_a_mistake_in_another_process_is_told_here():
    with pytest.raises(bounds.errors.UnknownNameError, match="did you mean 'kde-noise'"):
        examine_all((*NAMES, "kde-noize"), checks=False)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_command(number, tmp_path):
    """It is stopped once it has processes of its own."""
    code = "import bounds, bounds.audits; bounds.audits.examine_all(bounds.names(), True)"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not _children(process.pid):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait() == -number
    for _ in range(1000):
        if not _is_there(process.pid):
            return
        time.sleep(0.05)
    pytest.fail("there is a process without its parent")


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="needs fork")
def test_an_interrupt_while_processes_begin_is_not_lost():
    """Python prints an exception in a callback of a fork and goes on."""
    code = (
        "import os, signal, bounds, bounds.audits\n"
        "interrupt = lambda: signal.raise_signal(signal.SIGINT)\n"
        "os.register_at_fork(after_in_parent=interrupt)\n"
        "bounds.audits.examine_all(bounds.names(), True)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert run.returncode == -signal.SIGINT


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_processes_that_are_told_to_stop_say_one_word(number, tmp_path):
    """A terminal and a batch system interrupt the children, too."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bounds", "audit", "--again"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (children := _children(process.pid)) or not all(map(_ignores_interrupts, children)):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def _children(parent):
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return listed.read_text().split() if listed.exists() else ["not known"]


def _ignores_interrupts(process):
    (mask,) = re.findall(r"SigIgn:\s*(\w+)", Path(f"/proc/{process}/status").read_text())
    return int(mask, 16) >> (signal.SIGINT - 1) & 1


def _is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
