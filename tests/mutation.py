"""Mutation testing: ``python -m tests.mutation --count 40 [--seed 1] [--only bounds/kde]``.

One small change at a time is made in a copy of the project - a comparison, an operator, a constant,
an extreme, a truth value - and the tests of that part run until one fails. A mutant that none
notices is printed. Statements that say nothing of numbers (docstrings, messages, types) are left.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
SCOPE = {
    "bounds/kde": [
        *("tests/bounds/test_kde_moments.py", "tests/bounds/test_kde_errors.py"),
        *("tests/bounds/theorems", "tests/verify"),
    ],
    "bounds/questions": ["tests/bounds/test_questions.py", "tests/bounds"],
    "bounds/audit": ["tests/bounds/test_audit.py", "tests/bounds"],
    "bounds/certified": ["tests/bounds/test_enclosure.py", "tests/bounds"],
    "bounds/evaluate.py": ["tests/bounds/test_evaluate.py", "tests/bounds"],
    "bounds/functions.py": ["tests/bounds/test_functions.py", "tests/bounds"],
    "bounds/prepared.py": ["tests/bounds/test_functions.py", "tests/bounds"],
    "bounds/enclosure.py": ["tests/bounds/test_enclosure.py", "tests/bounds"],
    "bounds/accuracy.py": ["tests/bounds"],
    "bounds/cycles": ["tests/bounds/test_propagation.py", "tests/bounds", "tests/empirics"],
    "bounds/theorems": [
        *("tests/golden", "tests/bounds/theorems", "tests/verify/test_hypotheses.py"),
        "tests/bounds",
    ],
    "empirics/distances": ["tests/empirics/test_cells.py", "tests/empirics"],
    "empirics/kde": ["tests/golden", "tests/empirics/test_cells.py", "tests/empirics"],
    "empirics/loop.py": ["tests/golden", "tests/empirics/test_loops.py", "tests/empirics"],
    "empirics/target_law.py": ["tests/golden", "tests/empirics/test_cells.py", "tests/empirics"],
    "empirics/grid.py": ["tests/empirics/test_grid.py", "tests/golden", "tests/empirics"],
    "empirics/closed_form": ["tests/golden", "tests/empirics/closed_form", "tests/verify"],
    "empirics/diffusion": ["tests/golden", "tests/empirics/diffusion"],
    "verify": ["tests/verify"],
}
"""Files or folders that are mutated, and the tests that are to notice, the likeliest first."""
LEFT_OUT = ("verify/page", "verify/__main__.py", "bounds/theorems/_", "verify/claims")
_SWAPS: dict[type, tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"),
}
_WORDS = {
    "minimum": "maximum",
    "maximum": "minimum",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "ceil": "floor",
    "floor": "ceil",
}
_SILENT = (ast.Raise, ast.AnnAssign, ast.arguments, ast.JoinedStr, ast.Assert)
_PATIENCE = 900


@dataclass(frozen=True)
class Mutant:
    """A change of one place: the text from ``start`` to ``stop`` of a file becomes ``new``."""

    file: str
    line: int
    start: int
    stop: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.old!r} -> {self.new!r}"


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of one file."""
    text = (ROOT / file).read_text()
    ends = [0]
    for row in text.encode().splitlines(keepends=True):
        ends.append(ends[-1] + len(row))

    def at(line: int, column: int) -> int:
        return ends[line - 1] + column

    for node in _spoken(ast.parse(text)):
        for begin, end, old, new in _changes(node):
            start, stop = at(*begin), at(*end)
            place = text.encode()[start:stop].decode()
            if place.count(old) == 1:
                first = start + place.encode().index(old.encode())
                yield Mutant(file, begin[0], first, first + len(old.encode()), old, new)


def _spoken(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that say something of numbers."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, _SILENT):
            continue
        yield child
        yield from _spoken(child)


def _changes(node: ast.AST) -> Iterator[tuple]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _between(node.left, node.comparators[0], node.ops[0])
    elif isinstance(node, ast.BinOp):
        yield from _between(node.left, node.right, node.op)
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield _end(node.values[0]), _begin(node.values[1]), old, new
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield _begin(node), _end(node), *_other_number(node.value)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name in _WORDS:
            yield _begin(node.func), _end(node.func), name, _WORDS[name]


def _between(left: ast.AST, right: ast.AST, operator: ast.AST) -> Iterator[tuple]:
    if type(operator) in _SWAPS:
        yield _end(left), _begin(right), *_SWAPS[type(operator)]


def _begin(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _end(node: ast.AST) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _other_number(value: float) -> tuple[str, str]:
    return repr(value), repr(value + 1) if isinstance(value, int) else repr(2 * value + 0.5)


def files() -> list[str]:
    """Every file in scope."""
    found = []
    for place in SCOPE:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            name = str(file.relative_to(ROOT))
            if not name.startswith(LEFT_OUT):
                found.append(name)
    return found


def judges_of(file: str) -> list[str]:
    """The tests that are to notice a mutant of a file."""
    place = max((p for p in SCOPE if file.startswith(p)), key=len)
    own = ROOT / "tests" / Path(file).with_name(f"test_{Path(file).name}")
    first = [str(own.relative_to(ROOT))] if own.exists() else []
    return [*first, *SCOPE[place]]


def is_killed(mutant: Mutant, copy: Path) -> bool:
    """Whether a test fails, or never ends, on a copy of the project with the mutant."""
    path = copy / mutant.file
    data = path.read_bytes()
    path.write_bytes(data[: mutant.start] + mutant.new.encode() + data[mutant.stop :])
    try:
        return any(_fails(test, copy) for test in judges_of(mutant.file))
    finally:
        path.write_bytes(data)


def _fails(test: str, copy: Path) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        test,
    ]
    try:
        run = subprocess.run(command, cwd=copy, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return True
    return run.returncode not in (0, 5)


def sampled(count: int, seed: int, only: str = "") -> list[Mutant]:
    """Mutants of files drawn at random, one of each draw."""
    generator = random.Random(seed)
    chosen = [file for file in files() if file.startswith(only)]
    every = {file: list(mutants(file)) for file in chosen}
    usable = [file for file in chosen if every[file]]
    return [generator.choice(every[generator.choice(usable)]) for _ in range(count)]


def survivors(chosen: list[Mutant], workers: int) -> list[Mutant]:
    """The mutants that no test notices."""
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        for i in range(workers):
            copy = Path(folder, str(i))
            ignored = shutil.ignore_patterns(".git", "figures", "results", "__pycache__", "*cache*")
            shutil.copytree(ROOT, copy, ignore=ignored)
            copies.put(copy)

        def judge(mutant: Mutant) -> bool:
            copy = copies.get()
            killed = is_killed(mutant, copy)
            copies.put(copy)
            sys.stdout.write(f"{'killed  ' if killed else 'SURVIVED'} {mutant}\n")
            sys.stdout.flush()
            return killed

        with ThreadPoolExecutor(workers) as pool:
            return [m for m, dead in zip(chosen, pool.map(judge, chosen), strict=True) if not dead]


def main() -> int:
    """Run a sample and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="files whose paths begin so")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    chosen = sampled(given.count, given.seed, given.only)
    left = survivors(chosen, given.workers)
    sys.stdout.write(f"{len(chosen) - len(left)} of {len(chosen)} killed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
