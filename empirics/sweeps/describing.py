"""Canonical descriptions: plain data that says all about an object, and builds it again.

A dataclass becomes ``{"type": "module:Name", field: ...}``; an object made by calling something
imported becomes ``{"call": "module:name", "arguments": {...}}``, a data set
``{"sha256": digest}``. Numbers keep every bit.

Who builds says where names may lead: a description from a file to this project's own classes
(:func:`empirics.sweeps.constructors.known`), one that a study or an experiment of this process has
made to whatever it named (:func:`imported`) and to the data that it read (:func:`with_data`).
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from typing import Any

import numpy as np

from bounds.errors import shortened
from bounds.values import fraction_of
from empirics.data.data_set import DataSet
from empirics.errors import InputError
from empirics.sweeps.constructors import distribution, known, path_of
from empirics.sweeps.files import is_storable

__all__ = [
    "Description",
    "build",
    "canonical",
    "describe",
    "digest",
    "imported",
    "mentioned",
    "with_data",
]

Description = Any
"""Data that JSON can hold."""
Finder = Callable[[str], Any]
_HEXADECIMAL = re.compile("[0-9a-f]{1,128}")
_UNBOUNDED = ("inf", "-inf", "nan")


def describe(value: Any) -> Description:
    """The canonical description of a value.

    Raises:
        InputError: the value has none, such as a lambda or an object that is no dataclass.
    """
    if value is None or isinstance(value, bool | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, np.generic | np.ndarray):
        return describe(value.tolist())
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    if isinstance(value, Mapping):
        return {"mapping": {str(key): describe(value[key]) for key in value}}
    if isinstance(value, DataSet):
        return {"sha256": value.digest}
    return _describe_object(value)


def _number(value: float) -> Description:
    """A number as JSON has it; infinities, which it lacks, by their names."""
    if isinstance(value, float) and not isfinite(value):
        return {"number": str(value)}
    if not is_storable(value):
        raise InputError(f"{shortened(value)}: has more than 64 bits, so it cannot be stored")
    return value


def _describe_object(value: Any) -> Description:
    if is_dataclass(value) and not isinstance(value, type):
        known = {f.name: describe(getattr(value, f.name)) for f in fields(value) if f.init}
        return {"type": _path(type(value)), **known}
    if hasattr(value, "dist") and hasattr(value, "kwds"):
        given = {"args": describe(value.args), "kwds": describe(value.kwds)}
        return {"scipy": value.dist.name, **given}
    raise InputError(
        f"{value!r}: has no canonical description, so its results cannot be stored; use a dataclass"
        " of plain numbers, or name a class by its path in a study"
    )


def _path(kind: type) -> str:
    if "<locals>" in kind.__qualname__ or kind.__module__ == "__main__":
        raise InputError(
            f"{kind.__qualname__}: must be defined at the top of a module that can be imported, so"
            " that other processes find it"
        )
    return path_of(kind)


def build(description: Description, find: Finder = known) -> Any:
    """The object that a description describes; lists become tuples.

    Args:
        description: plain data.
        find: gives what a path such as ``"package.module:Name"`` names, or the data set of
            ``"sha256:digest"``; unless given, classes of this project alone.

    Raises:
        InputError: nothing is found at a path.
    """
    if isinstance(description, list):
        return tuple(build(item, find) for item in description)
    if not isinstance(description, dict):
        return description
    if "fraction" in description:
        return _fraction(description["fraction"])
    if description.keys() == {"number"}:
        return _unbounded(description["number"])
    if description.keys() == {"bits"}:
        return _bits(description["bits"])
    if description.keys() == {"sha256"}:
        return find(f"sha256:{description['sha256']}")
    if "mapping" in description:
        return {key: build(value, find) for key, value in description["mapping"].items()}
    return _build_object(description, find)


def _fraction(text: Any) -> Fraction:
    """The number, read within limits: a stored text may cost neither time nor memory."""
    try:
        return fraction_of(text)
    except (TypeError, ValueError):
        raise InputError(f"fraction = {shortened(text)}: must be a number such as 1/4") from None


def _unbounded(text: Any) -> float:
    if text not in _UNBOUNDED:
        raise InputError(f"number = {shortened(text)}: must be one of {', '.join(_UNBOUNDED)}")
    return float(text)


def _bits(text: Any) -> int:
    """A number of more than 64 bits, such as one made from a digest."""
    if not isinstance(text, str) or not _HEXADECIMAL.fullmatch(text):
        raise InputError(f"bits = {shortened(text)}: must be 1 to 128 hexadecimal digits")
    return int(text, 16)


def _build_object(description: dict[str, Any], find: Finder) -> Any:
    if "call" in description:
        # Arguments are handed over as they stand in the study: lists stay lists.
        return find(description["call"])(**description["arguments"])
    if "scipy" in description:
        law = distribution(description["scipy"])
        return law(*build(description["args"], find), **build(description["kwds"], find))
    given = {name: build(value, find) for name, value in description.items() if name != "type"}
    return find(description["type"])(**given)


@lru_cache(maxsize=1024)
def imported(path: str) -> Any:
    """The object at ``"package.module:Name"``; never for a path that was read from a result.

    Raises:
        InputError: there is no such module, or nothing of this name in it.
    """
    module_name, _, name = path.partition(":")
    try:
        value: Any = importlib.import_module(module_name)
        for part in name.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"{path!r}: cannot be imported ({error})") from None
    return value


def with_data(data: Mapping[str, DataSet]) -> Finder:
    """Finds data sets by their digests, and else what :func:`imported` finds."""
    found = {f"sha256:{digest}": each for digest, each in data.items()}
    return lambda path: found[path] if path in found else imported(path)


def mentioned(description: Description) -> set[str]:
    """Modules of all types and callables that a description names."""
    if isinstance(description, list):
        return set().union(*map(mentioned, description))
    if not isinstance(description, dict):
        return set()
    own = {str(description[k]).partition(":")[0] for k in ("type", "call") if k in description}
    parts = (v for k, v in description.items() if k != "arguments")
    return own.union(*map(mentioned, parts))


def canonical(description: Description) -> str:
    """The one JSON text of a description: keys sorted, no spaces."""
    return json.dumps(description, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(description: Description) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return sha256(canonical(description).encode()).hexdigest()
