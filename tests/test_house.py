"""No import circle, every module can come first, and experiments are built without engines."""

import ast
import subprocess
import sys

import pytest

from tests.house import LATE, PACKAGES, ROOT, circles, imports, misplaced, modules

KNOWN = modules()
THIRD_PARTY = (
    "flint",
    "hypothesis",
    "jaxtyping",
    "jinja2",
    "matplotlib.pyplot",
    "msgspec",
    "polars",
)
THIRD_PARTY += ("rich.table", "scipy.fft", "scipy.stats", "sympy", "torch", "tueplots.bundles")


def fresh(code):
    """Run code in a new interpreter at the root of the project; its output."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_no_import_circle():
    assert not circles(), "\n".join(", ".join(circle) for circle in circles())


def test_imports_inside_functions_are_of_heavy_libraries():
    assert not misplaced(), "\n".join(misplaced())


def test_every_exception_is_needed():
    """An import that has moved to the top of its file is no exception any more."""
    inside = {
        (name, used.module)
        for name, path in KNOWN.items()
        for used in imports(ast.parse(path.read_text()))
        if used.inside
    }
    assert inside >= LATE.keys()


def test_every_module_can_be_the_first_one_imported():
    """Each in a fork of an interpreter that has imported none of them."""
    code = f"""
import importlib, os, sys, traceback
for heavy in {THIRD_PARTY!r}:
    importlib.import_module(heavy)
for name in {sorted(KNOWN)!r}:
    if name.endswith("__main__"):
        continue
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{{name}} cannot be imported first")
"""
    fresh(code)


@pytest.mark.parametrize("model", ["Kde()", "Diffusion()", "TrainedDiffusion()"])
def test_an_experiment_is_built_without_torch_or_an_engine(model):
    code = f"""
import sys
from bounds import cycles
from empirics import Experiment, targets
from empirics.models import Diffusion, Kde, TrainedDiffusion
Experiment(target=targets.normal(), model={model}, cycle=cycles.balanced(n=9), generations=2)
print([m for m in sys.modules if m.split(".")[0] == "torch" or m.endswith("engine")])
"""
    assert fresh(code) == "[]\n"


def test_packages_are_those_of_the_house():
    assert {name.split(".")[0] for name in KNOWN} == set(PACKAGES)
