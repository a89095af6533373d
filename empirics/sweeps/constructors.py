"""The closed registry of what a stored description may be built from.

Text of a file that someone else may have written is matched against these names and nothing else:
no module is imported because a file names it, and no attribute is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from bounds.discovery import kinds_of, modules_of
from empirics.errors import InputError

__all__ = [
    "OPTIONAL",
    "PARTS",
    "RECORDED",
    "constructors",
    "distribution",
    "kinds",
    "known",
    "path_of",
]

PARTS = {
    "target": "empirics.targets",
    "model": "empirics.models",
    "cycle": "bounds.cycles",
    "between": "empirics.operators",
}
"""The parts of an experiment, and the packages that have a file for each kind of them."""
RECORDED = "empirics.quantities"
"""The package that has a file for each quantity that an experiment may record."""
OPTIONAL = ("between",)
"""Parts that an experiment may do without."""
_HOMES = ("empirics.diffusion.accuracy", "empirics.diffusion.process", "empirics.experiment")
"""Further modules whose public dataclasses make up experiments; never taken from a file."""


def kinds(part: str) -> Mapping[str, Callable[..., Any]]:
    """The constructors of a part of an experiment, by the words of a study."""
    return kinds_of(PARTS[part])


def path_of(kind: type) -> str:
    """``"package.module:Name"`` of a class."""
    return f"{kind.__module__}:{kind.__qualname__}"


@cache
def constructors() -> Mapping[str, type]:
    """Classes of this project, by their paths."""
    homes = [*map(import_module, (*_HOMES, *PARTS.values()))]
    searched = (*PARTS.values(), RECORDED)
    homes += [module for package in searched for module in modules_of(package)]
    return {path_of(kind): kind for home in homes for kind in _kinds(home)}


def _kinds(module: ModuleType) -> Iterator[type]:
    for value in (vars(module)[name] for name in module.__all__):
        # One that does not compare by its fields holds more than a description says.
        if isinstance(value, type) and is_dataclass(value) and value.__eq__ is not object.__eq__:
            yield value


def known(path: Any) -> type:
    """The class of this project that has the path.

    Raises:
        InputError: none has.
    """
    kind = constructors().get(path) if isinstance(path, str) else None
    if kind is None:
        raise InputError(f"{path!r}: is no part of this project, so no file may ask for it")
    return kind


@cache
def _distributions() -> Mapping[str, Any]:
    from scipy import stats  # half a second

    every = (value for value in vars(stats).values() if isinstance(value, stats.rv_continuous))
    return {value.name: value for value in every}


def distribution(name: Any) -> Any:
    """The continuous distribution of ``scipy.stats`` that has the name.

    Raises:
        InputError: none has.
    """
    found = _distributions().get(name) if isinstance(name, str) else None
    if found is None:
        raise InputError(f"distribution = {name!r}: must be a continuous one of scipy.stats")
    return found
