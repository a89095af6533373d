"""Bring your own: parts named by their path, checked against what a loop asks of them."""

from __future__ import annotations

import importlib
import inspect
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bounds.cycles import DataCycle
from bounds.errors import did_you_mean
from empirics.errors import InputError
from empirics.models import Model
from empirics.operators import Operator
from empirics.sweeps.files import is_storable
from empirics.targets import Target

__all__ = ["build_imported", "check_plain"]

_BASES: dict[str, type] = {"target": Target, "cycle": DataCycle}


def build_imported(part: str, path: str, arguments: Mapping[str, Any]) -> Any:
    """Import, call and check the user's part.

    Args:
        part: ``"target"``, ``"model"``, ``"cycle"`` or ``"between"``.
        path: ``"package.module:Name"`` of a class or of a function that makes one.
        arguments: its keyword arguments.

    Raises:
        InputError: it cannot be imported or called so, or is not what a loop needs.
    """
    check_plain("", arguments)
    made = _call(path, _found(path), arguments)
    for problem in _problems(part, made):
        raise InputError(f"= '{path}': {problem}")
    return made


def _found(path: str) -> Callable[..., Any]:
    module_name, colon, name = path.partition(":")
    if not (colon and name.isidentifier() and all(map(str.isidentifier, module_name.split(".")))):
        raise InputError(f"= {path!r}: must be 'package.module:Name'")
    try:
        module = importlib.import_module(module_name)
    # A module runs the user's code, which may raise anything, or mean to end the process.
    except (Exception, SystemExit) as error:
        raise InputError(f"= '{path}': importing {module_name} fails ({_line(error)})") from None
    found = getattr(module, name, None)
    if not callable(found):
        close = did_you_mean(name, [n for n in vars(module) if not n.startswith("_")])
        raise InputError(f"= '{path}': {module_name} has no class or function {name}{close}")
    return found


def _call(path: str, found: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    try:
        inspect.signature(found).bind(**arguments)
    except TypeError as error:
        takes = inspect.signature(found)
        raise InputError(f"= '{path}': {error}; its signature is {takes}") from None
    except ValueError:
        pass
    try:
        return found(**arguments)
    except (Exception, SystemExit) as error:
        raise InputError(f"= '{path}': calling it fails ({_line(error)})") from None


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")


def _problems(part: str, made: Any) -> Iterator[str]:
    if part == "between":
        if not isinstance(made, Operator) or not _takes_two(made.samples):
            yield (
                f"makes a {type(made).__name__}; an operator needs samples(points, generator) that"
                " returns points"
            )
        return
    if part != "model":
        base = _BASES[part]
        if not isinstance(made, base):
            needs = ", ".join(sorted(base.__abstractmethods__))  # type: ignore[attr-defined]
            yield (
                f"makes a {type(made).__name__}; a {part} must derive from"
                f" {base.__module__}.{base.__name__}, which asks for {needs}"
            )
        return
    if not isinstance(made, Model) or not callable(made.fit):
        yield (
            f"makes a {type(made).__name__} without fit; a model needs fit(samples, generator)"
            " that returns an object with sample(size, generator) and log_density(x)"
        )
    elif not _takes_two(made.fit):
        yield (f"its fit{inspect.signature(made.fit)} cannot be called as fit(samples, generator)")


def _takes_two(fit: Callable[..., Any]) -> bool:
    try:
        inspect.signature(fit).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def check_plain(place: str, value: Any) -> None:
    """Refuse arguments that a canonical description cannot hold.

    Raises:
        InputError: a value is no text, number, truth value, list or table of these.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            check_plain(f"{place}.{name}", item)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            check_plain(f"{place}[{i}]", item)
    elif not isinstance(value, str | int | float | bool):
        shown = reprlib.repr(value)
        raise InputError(
            f"{place} = {shown}: must be a text, a number, true or false, a list or a table"
        )
    elif not isinstance(value, str) and not is_storable(value):
        raise InputError(f"{place} = {value!r}: must be finite, and an integer within 64 bits")
