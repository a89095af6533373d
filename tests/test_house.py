"""No import circle, every module can come first, and experiments are built without engines."""

import subprocess

import pytest

from tests.house import LATE, PACKAGES, ROOT, circles, imports_of, misplaced, modules

KNOWN = modules()


@pytest.fixture
def fresh(warm_python):
    """Run code at the root of the project, where none of it is imported yet; its output."""

    def run(code):
        command = [warm_python, "-c", code]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_no_import_circle():
    assert not circles(), "\n".join(", ".join(circle) for circle in circles())


def test_imports_inside_functions_are_of_heavy_libraries():
    assert not misplaced(), "\n".join(misplaced())


def test_every_exception_is_needed():
    """An import that has moved to the top of its file is no exception any more."""
    inside = {
        (name, used.module)
        for name, path in KNOWN.items()
        for used in imports_of(path)
        if used.inside
    }
    assert inside >= LATE.keys()


def test_no_circle_by_way_of_a_package():
    """Then every module can be the first: whatever it asks for is asked for in an order."""
    found = circles(parents=True)
    assert not found, "\n".join(", ".join(circle) for circle in found)


def test_a_circle_by_way_of_a_package_is_seen(tmp_path):
    """A module that asks for a file of a folder whose ``__init__`` asks for the module."""
    texts = {"a/__init__": "", "a/one": "from b.two import x", "b/__init__": "from a import one"}
    for name, text in {**texts, "b/two": "x = 1"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text(text)
    assert not circles(tmp_path, packages=("a", "b"))
    assert circles(tmp_path, packages=("a", "b"), parents=True) == [["a.one", "b"]]


ROOMS = sorted({name for name, path in KNOWN.items() if path.name == "__init__.py"})
EVERY = [name for name in sorted(KNOWN) if not name.endswith("__main__")]


@pytest.mark.parametrize("names", [ROOMS, pytest.param(EVERY, marks=pytest.mark.slow)])
def test_every_module_can_be_the_first_one_imported(names, fresh):
    """Each in a fork of an interpreter that has imported none of them."""
    code = f"""
import importlib, os, sys, traceback
for name in {names!r}:
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


def test_an_experiment_is_built_without_torch_or_an_engine(fresh):
    code = r"""
import re, sys
from bounds import cycles
from empirics import Experiment, targets
from empirics.models import Diffusion, Kde, TrainedDiffusion
for model in Kde(), Diffusion(), TrainedDiffusion():
    Experiment(target=targets.normal(), model=model, cycle=cycles.balanced(n=9), generations=2)
print([m for m in sys.modules if m == "torch" or re.match(r"empirics.*engine$", m)])
"""
    assert fresh(code) == "[]\n"


def test_packages_are_those_of_the_house():
    assert {name.split(".")[0] for name in KNOWN} == set(PACKAGES)
