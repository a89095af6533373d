"""Grids: a study's lists of values expanded to the cells of their product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from empirics.errors import InputError
from empirics.sweeps.constructors import PARTS
from empirics.sweeps.schema import takes_list

__all__ = ["RawCell", "expand"]

_MOST_CELLS = 100_000


@dataclass(frozen=True)
class RawCell:
    """One cell as the file has it: every list that is a grid replaced by one of its values.

    ``place`` names the values; ``parts`` says where in the file each part stands.
    """

    table: dict[str, Any]
    place: dict[str, Any]
    parts: dict[str, str]


@dataclass(frozen=True)
class _Choice:
    """One value of one axis: what it adds to the place, and the value itself."""

    place: dict[str, Any]
    value: Any
    where: str


def expand(table: Mapping[str, Any]) -> Iterator[RawCell]:
    """All cells of a study, the last axis running fastest.

    A list is a grid wherever the schema asks for a single value; ``{grid = [...]}`` is one
    anywhere. A part that is an array of tables is a grid of parts.

    Raises:
        InputError: a grid is empty, or the product is too large.
    """
    axes = {name: list(_choices(name, value)) for name, value in table.items()}
    cells = prod(map(len, axes.values()))
    if cells > _MOST_CELLS:
        raise InputError(f"grids make {cells} cells: at most {_MOST_CELLS} are allowed in a study")
    for chosen in product(*axes.values()):
        by_name = dict(zip(axes, chosen, strict=True))
        yield RawCell(
            {name: choice.value for name, choice in by_name.items()},
            {k: v for choice in chosen for k, v in choice.place.items()},
            {name: choice.where for name, choice in by_name.items()},
        )


def _choices(name: str, value: Any) -> Iterator[_Choice]:
    if name not in (*PARTS, "numerics"):
        yield from _values(name, value, grid=not takes_list(None, name))
    elif isinstance(value, list):
        for i, table in enumerate(_not_empty(name, value)):
            told = {name: _kind(table)} if _tells(value) else {name: i}
            where = f"{name}[{i}]"
            for choice in _tables(name, table, where):
                yield _Choice({**told, **choice.place}, choice.value, where)
    else:
        yield from _tables(name, value, name)


def _tells(tables: list[Any]) -> bool:
    kinds = [_kind(table) for table in tables]
    return len(set(kinds)) == len(kinds)


def _kind(table: Any) -> str:
    return str(table.get("kind", "")) if isinstance(table, dict) else str(table)


def _tables(part: str, table: Any, where: str) -> Iterator[_Choice]:
    """A part's own grids."""
    if not isinstance(table, dict):
        yield _Choice({}, _normal_form(part, table), where)
        return
    kind = _kind(table)
    axes = [
        list(_values(f"{part}.{key}", value, grid=_is_grid(part, kind, key)))
        for key, value in table.items()
    ]
    cells = prod(map(len, axes))
    if cells > _MOST_CELLS:
        raise InputError(
            f"{where}: its grids make {cells} cells; at most {_MOST_CELLS} are allowed"
        )
    for chosen in product(*axes):
        values = dict(zip(table, (c.value for c in chosen), strict=True))
        place = {k: v for choice in chosen for k, v in choice.place.items()}
        yield _Choice(place, _normal_form(part, values), where)


def _is_grid(part: str, kind: str, key: str) -> bool:
    if part in PARTS and ":" in kind:
        return key == "kind"
    return not takes_list((part, kind), key)


def _values(place: str, value: Any, *, grid: bool) -> Iterator[_Choice]:
    if isinstance(value, dict) and set(value) == {"grid"} and isinstance(value["grid"], list):
        value, grid = value["grid"], True
    if not (grid and isinstance(value, list)):
        yield _Choice({}, value, place)
        return
    for item in _not_empty(place, value):
        yield _Choice({place: item}, item, place)


def _not_empty(place: str, values: list[Any]) -> list[Any]:
    if not values:
        raise InputError(f"{place} = []: a grid needs at least one value")
    return values


def _normal_form(part: str, table: Any) -> Any:
    """``"mypkg.module:Name"``, or a table of this kind, as the table of an imported part."""
    if part not in PARTS:
        return table
    if isinstance(table, str) and ":" in table:
        return {"kind": "import", "path": table}
    if isinstance(table, dict) and ":" in _kind(table):
        arguments = {key: value for key, value in table.items() if key != "kind"}
        return {"kind": "import", "path": table["kind"], "arguments": arguments}
    return table
