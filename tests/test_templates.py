"""Every template is followed to the letter in a copy of the project: what it adds is there."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("drawing", "bounds", "empirics", "verify", "paper_figures")
FILE = re.compile(r"^`([\w./-]+)`[^\n]*:\n\n```(?:python|toml)\n(.*?)^```$", re.M | re.S)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
FIGURE_FILES = {".csv", ".json", ".pdf", ".png", ".svg"}
SEEN = {
    "bounds/theorems": ("linear-growth +Linear growth", "checked by induction", r"\b0\.03\b"),
    "empirics/targets": (r"target +logistic +scale", "2 of 2 cells", r"0\.5 .*\n.*1\.0 "),
    "empirics/models": (r"model +moment-fit +floor", "2 of 2 cells", r"0\.0 .*\n.*0\.5 "),
    "empirics/operators": (
        r"between +shifting +shift",
        "2 of 2 cells",
        r"0\.0 .*\n.*0\.5 ",
    ),
    "bounds/cycles": (r"cycle +last-two +n, data", "2 of 2 cells", r"50 .*\n.*100 "),
    "empirics/quantities": (r"record +second-moment", "2 of 2 cells", "2 cells of second-moment"),
    "verify/claims": ("small-loop", "small-loop.*supported"),
    "paper_figures/figures": ("X13 +One small loop", "X13"),
}
"""The outputs of each template's commands, one after the other."""


LAWS = """
import inspect, bounds
from tests.bounds import test_catalogue, test_proofs
bound = bounds.get("linear-growth")
for law in (law for tests in (test_catalogue, test_proofs) for law in vars(tests).values()):
    if inspect.isfunction(law) and [*inspect.signature(law).parameters] == ["bound"]:
        law(bound)
        print(law.__name__)
"""
"""The laws of every entry that need no values, on the entry of the template."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory, warm_python):
    """The project without what is not code, and a way to run commands in it."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT)))}

    def run(line):
        program, *arguments = shlex.split(line)
        assert program == "python"
        made = subprocess.run(
            [warm_python, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        return made.stdout + made.stderr

    run.folder = folder
    return run


@pytest.mark.parametrize("home", SEEN)
def test_what_a_template_adds_is_listed_run_and_shown(home, copy):
    text = (ROOT / home / "TEMPLATE.md").read_text()
    files = FILE.findall(text)
    assert files[0][0].startswith(f"{home}/")
    for path, content in files:
        assert not (copy.folder / path).exists(), "a template must not replace a file"
        (copy.folder / path).write_text(content)
    lines = [line for block in COMMANDS.findall(text) for line in block.splitlines()]
    for line, seen in zip(lines, SEEN[home], strict=True):
        assert re.search(seen, copy(line), re.S), line
    made = {path.suffix for path in copy.folder.rglob("X13*")}
    assert made >= FIGURE_FILES or home != "paper_figures/figures"


def test_the_theorem_of_the_template_obeys_the_laws_of_the_catalogue(copy):
    home = Path("bounds/theorems")
    path, content = FILE.findall((ROOT / home / "TEMPLATE.md").read_text())[0]
    (copy.folder / path).write_text(content)
    laws = copy(f"python -c {shlex.quote(LAWS)}").split()
    assert len(laws) > 5
    assert "test_it_says_what_it_is" in laws


def test_every_package_that_is_searched_has_a_template():
    found = {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("*/*/TEMPLATE.md")}
    assert found == SEEN.keys()
