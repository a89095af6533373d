"""Whatever stands for an argument of a public function: taken, or refused in one line."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_strange_arguments_are_taken_or_refused_in_one_line():
    command = [sys.executable, "-m", "tests.arguments"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
