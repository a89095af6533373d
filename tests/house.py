"""The house in figures: ``python tests/house.py`` prints them.

Imports inside functions count; blocks under ``if TYPE_CHECKING`` do not.
"""

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["HEAVY", "Import", "circles", "figures", "imports_of", "misplaced", "modules"]

ROOT = Path(__file__).parents[1]
PACKAGES = ("drawing", "bounds", "empirics", "verify", "paper_figures")
HEAVY = {"torch", "matplotlib", "distributed", "hypothesis", "tueplots", "sympy", "scipy", "flint"}
HEAVY |= {"sklearn", "numba", "polars"}
"""Libraries that are slow to import, or optional; they may be imported inside a function."""
STARTERS = {"__main__"}
"""Files that import our own modules late: an interrupt is heard first, help and mistakes come at
once."""
LATE = {
    ("empirics.trained.model", "empirics.trained.fitting"): "imports torch",
    ("drawing.canvas", "drawing.picture"): "imports matplotlib",
}
"""Further imports of our own modules inside a function, each with its reason."""


class Import(NamedTuple):
    """One import: what, of whom, on which line, and whether inside a function."""

    module: str
    names: tuple[str, ...]
    line: int
    inside: bool


def modules(root: Path = ROOT, packages: tuple[str, ...] = PACKAGES) -> dict[str, Path]:
    """Every module of the packages, with its file."""
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(tree: ast.AST, inside: bool = False) -> Iterator[Import]:
    """Every import in a syntax tree."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from (found for part in child.orelse for found in imports(part, inside))
        elif isinstance(child, ast.Import):
            yield from (Import(a.name, (), child.lineno, inside) for a in child.names)
        elif isinstance(child, ast.ImportFrom):
            names = tuple(a.name for a in child.names)
            yield Import(child.module or "", names, child.lineno, inside)
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports(child, inside or function)


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import in a file, which is read once."""
    return tuple(imports(ast.parse(path.read_text())))


def arrows(
    root: Path = ROOT, packages: tuple[str, ...] = PACKAGES, parents: bool = False
) -> dict[str, set[str]]:
    """Which of our modules each of our modules imports.

    Args:
        root: folder of the packages.
        packages: which packages.
        parents: count, too, the packages that Python runs on the way to a module, but those that
            are run for the importing module already.
    """
    known = modules(root, packages)
    found: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for used in imports_of(path):
            below = {f"{used.module}.{n}" for n in used.names} & known.keys()
            found[name] |= below or ({used.module} & known.keys())
            if parents:
                found[name] |= (above(used.module) & known.keys()) - above(name)
        found[name].discard(name)
    return found


def misplaced(root: Path = ROOT) -> list[str]:
    """Imports inside functions that have no reason to stand there."""
    return [
        f"{name}:{used.line} {used.module}"
        for name, path in modules(root).items()
        for used in imports_of(path)
        if used.inside and not _has_reason(name, used.module)
    ]


def _has_reason(name: str, used: str) -> bool:
    is_heavy, is_own = (used.split(".")[0] in known for known in (HEAVY, PACKAGES))
    is_starter = name.rsplit(".", 1)[-1] in STARTERS
    return is_heavy or (is_own and is_starter) or (name, used) in LATE


def above(name: str) -> set[str]:
    """The packages around a module, and itself."""
    parts = name.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}


def circles(
    root: Path = ROOT, packages: tuple[str, ...] = PACKAGES, parents: bool = False
) -> list[list[str]]:
    """Strongly connected modules, the largest circle first; arguments as for :func:`arrows`."""
    graph = arrows(root, packages, parents)
    names = sorted(graph)
    place = {name: i for i, name in enumerate(names)}
    pairs = [(place[name], place[other]) for name in names for other in graph[name]]
    matrix = coo_array((np.ones(len(pairs)), np.transpose(pairs)), 2 * [len(names)])
    _, parts = connected_components(matrix, connection="strong")
    groups = [[names[i] for i in np.flatnonzero(parts == part)] for part in np.unique(parts)]
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def figures(root: Path = ROOT) -> dict[str, int]:
    """The figures by which the house is measured."""
    texts = [path.read_text() for path in modules(root).values()]
    inner = [i for path in modules(root).values() for i in imports_of(path) if i.inside]
    return {
        "files": len(texts),
        "lines": sum(len(text.splitlines()) for text in texts),
        "imports inside functions": len(inner),
        "of our own": sum(i.module.split(".")[0] in PACKAGES for i in inner),
        "import circles": len(circles(root)),
    }


def entered(job: Callable[[], object]) -> set[str]:
    """Files of the project in which a job runs a function, in whichever thread."""
    homes = tuple(str(ROOT / package) for package in PACKAGES)
    found: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(homes):
            found.add(frame.f_code.co_filename)

    sys.setprofile(note)
    threading.setprofile(note)
    try:
        job()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return {str(Path(name).relative_to(ROOT)) for name in found}


def walks() -> dict[str, set[str]]:
    """The files that three everyday jobs walk through, once everything is imported."""
    import bounds
    import empirics
    import verify
    from empirics.models import Diffusion, Kde

    def loop(model: object) -> empirics.Result:
        target = empirics.targets.gaussian_mixture([0.5, 0.5], [-1.0, 1.0], 0.4)
        cycle = bounds.cycles.full_synthetic(n=200)
        e = empirics.Experiment(
            target=target, model=model, cycle=cycle, generations=2, replicates=4
        )
        return empirics.run(e)

    diffusion = Diffusion(width=16, training_time=20.0)
    bound = bounds.get("kde-sandwich")
    found, again, _ = loop(Kde(0.3)), loop(Kde(0.32)), loop(diffusion)
    verify.check(bound, found)
    return {
        "kernel density loop": entered(lambda: loop(Kde(0.31))),
        "diffusion loop on the line": entered(lambda: loop(diffusion)),
        "verify.check": entered(lambda: verify.check(bound, again)),
    }


if __name__ == "__main__":
    for what, number in figures().items():
        sys.stdout.write(f"{number:6d}  {what}\n")
    for job, files in walks().items():
        sys.stdout.write(f"{len(files):6d}  files entered by: {job}\n")
    for circle in circles():
        sys.stdout.write(f"circle of {len(circle)}: {', '.join(circle)}\n")
