"""The README's example prints what the README says it prints, and its commands are the CI's."""

import contextlib
import io
import re
from pathlib import Path

from verify.claims import claims

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_example_prints_what_is_shown():
    code, shown = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", README, re.S).groups()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})

    def lines(text):
        return [line.rstrip() for line in text.strip().splitlines()]

    assert lines(out.getvalue()) == lines(shown)


def test_claims_are_counted():
    assert f"`python -m verify` ({len(claims())} claims)" in README


def test_example_and_readme_are_short():
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    assert len(code.strip().splitlines()) <= 15
    assert len(README.splitlines()) < 90


def test_two_commands_do_all_the_setup():
    commands = re.findall(r"```sh\n(.*?)```", README, re.S)
    assert len(commands) == 2
    assert all(len(c.strip().splitlines()) == 1 for c in commands)
    assert commands[0].strip().endswith("python -m paper_figures")
    assert "pytest" in commands[1]
