"""The form of a study: tables of the constructors' own parameters, and their types in words.

A target, model or cycle is named by its ``kind`` and takes what its constructor takes, as far as
that can be written: numbers, texts, lists and tables. The types of the parameters say what is
allowed, their ranges too (``msgspec.Meta``); whatever else a constructor refuses, it says itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, reduce
from math import inf
from operator import or_
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Struct
from msgspec import inspect as types

from bounds.discovery import Fields, FilePath, Part, Written, made
from bounds.discovery import kinds_of as kinds_in
from empirics.experiment import Experiment, Numerics
from empirics.sweeps.constructors import OPTIONAL, PARTS, kinds

__all__ = [
    "NUMBERS",
    "Imported",
    "allowed",
    "built",
    "describe_type",
    "fields_at",
    "fields_of",
    "kinds_at",
    "kinds_of",
    "study_table",
    "takes_list",
    "type_at",
]

_Mark = TypeVar("_Mark")
_PLAIN = (
    *(types.BoolType, types.DictType, types.EnumType, types.FloatType, types.IntType),
    *(types.ListType, types.LiteralType, types.NoneType, types.StrType),
    *(types.TupleType, types.VarTupleType),
)
NUMBERS = ("generations", "replicates", "seed")
_STRICT: Any = {"frozen": True, "forbid_unknown_fields": True, "kw_only": True}


class Imported(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="import"
):
    """The user's own target, model or cycle: ``path`` called with ``arguments``."""

    path: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


@cache
def study_table() -> type[Struct]:
    """The type of one cell of a study: a target, a model, a cycle, and numbers."""
    numerics = msgspec.defstruct("numerics", list(_fields(Numerics)), **_STRICT)
    fields = [
        *(_part(part) for part in PARTS),
        *_fields(Experiment, (*NUMBERS, "record")),
        ("numerics", numerics, UNSET),
        ("title", str, ""),
    ]
    return msgspec.defstruct("study", fields, **_STRICT)


def _part(part: str) -> tuple:
    kind = reduce(or_, _tables(kinds(part)), Imported)
    return (part, kind, UNSET) if part in OPTIONAL else (part, kind)


def _tables(makers: Mapping[str, Callable[..., Any]]) -> Iterator[type[Struct]]:
    for kind, make in makers.items():
        yield msgspec.defstruct(kind, list(_fields(make)), tag_field="kind", tag=kind, **_STRICT)


def _fields(make: Callable[..., Any], only: Collection[str] | None = None) -> Iterator[tuple]:
    """Fields of a table for a constructor: name and type, and ``UNSET`` where it has a default."""
    for name, hint, needed in _parameters(make):
        inner, part = _mark(hint, Fields), _mark(hint, Part)
        if part is not None:
            kind: Any = reduce(or_, _tables(_simple(part)))
            yield (name, list[kind] if part.several else kind)
        elif inner is not None:
            yield from _fields(get_args(hint)[0], inner.names)
        elif only is None or name in only:
            yield from _field(make, name, _written(hint), needed)


def _field(make: Callable[..., Any], name: str, kind: Any, needed: bool) -> Iterator[tuple]:
    if _is_plain(kind):
        yield (name, kind) if needed else (name, kind, UNSET)
    elif needed:
        raise TypeError(
            f"{make.__qualname__}: {name} needs a default, or a type that can be written"
        )


def _simple(part: Part) -> dict[str, Callable[..., Any]]:
    """The kinds of a part that have no part themselves."""
    return {
        kind: make
        for kind, make in kinds_in(part.package).items()
        if not any(_mark(hint, Part) for _, hint, _ in _parameters(make))
    }


def built(
    make: Callable[..., Any], table: Struct, opened: Callable[[str, str], Any] | None = None
) -> Any:
    """Return the object that a constructor makes of a table.

    Args:
        make: the constructor.
        table: its parameters as the study gives them.
        opened: makes of the name of a parameter and a path what is in the file.
    """
    names = (name for name in table.__struct_fields__ if getattr(table, name) is not UNSET)
    given = {name: getattr(table, name) for name in names}
    for name, hint, _ in _parameters(make):
        if opened and name in given and _mark(hint, FilePath) is not None:
            given[name] = opened(name, given[name])
        if (part := _mark(hint, Part)) is not None:
            given[name] = _built_parts(part, given[name])
    return made(make, given)


def _built_parts(part: Part, given: Any) -> Any:
    if part.several:
        return tuple(_built_parts(replace(part, several=False), one) for one in given)
    return built(kinds_in(part.package)[given.__struct_config__.tag], given)


@cache
def _parameters(make: Callable[..., Any]) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type, and whether it must be given, of every parameter."""
    hints, known = get_type_hints(make, include_extras=True), inspect.signature(make).parameters
    return tuple((name, hints[name], p.default is p.empty) for name, p in known.items())


def _mark(hint: Any, kind: type[_Mark]) -> _Mark | None:
    marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _written(hint: Any) -> Any:
    if _mark(hint, FilePath) is not None:
        return str
    mark = _mark(hint, Written)
    return hint if mark is None else mark.type


def _is_plain(hint: Any) -> bool:
    try:
        return all(isinstance(option, _PLAIN) for option in _options(types.type_info(hint)))
    except TypeError:
        return False


@cache
def _root() -> types.StructType:
    return types.type_info(study_table())  # type: ignore[return-value]


def fields_of(part: tuple[str, str] | None) -> dict[str, types.Type]:
    """Fields of the study itself, or of ``(part, kind)``; empty if there is no such kind."""
    own = {field.encode_name: field.type for field in _root().fields}
    if part is None:
        return own
    for option in _structs(own[part[0]]):
        if option.tag is None or option.tag == part[1]:
            return {field.encode_name: field.type for field in option.fields}
    return {}


def kinds_of(part: str) -> list[str]:
    """The kinds of a part; empty for a part that has only one."""
    return _tags(fields_of(None)[part])


def _tags(info: types.Type) -> list[str]:
    return [str(option.tag) for option in _structs(info) if option.tag is not None]


def type_at(steps: Sequence[str], table: Any) -> types.Type | None:
    """The type of the place in a study's table to which keys and indices lead.

    ``None`` where there is no such place.
    """
    info: types.Type | None = _root()
    for step in steps:
        if info is None:
            break
        inner = (_within(option, step, table) for option in _options(info))
        info = next((found for found in inner if found is not None), None)
        table = _entry(table, step)
    return info


def _within(option: types.Type, step: str, value: Any) -> types.Type | None:
    if isinstance(option, types.StructType) and _is_of(option, value):
        return {field.encode_name: field.type for field in option.fields}.get(step)
    if isinstance(option, types.DictType) and isinstance(value, dict):
        return option.value_type
    if isinstance(value, list) and step.isdigit():
        if isinstance(option, types.ListType | types.VarTupleType):
            return option.item_type
        if isinstance(option, types.TupleType):
            return option.item_types[min(int(step), len(option.item_types) - 1)]
    return None


def _is_of(option: types.StructType, value: Any) -> bool:
    """Whether a table has the kind of these fields."""
    return option.tag is None or (isinstance(value, dict) and value.get("kind") == option.tag)


def _entry(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)]
    return value.get(step) if isinstance(value, dict) else None


def fields_at(steps: Sequence[str], table: Any) -> dict[str, types.Type | None]:
    """Fields of the table at a place; its kind first, which has no type of its own."""
    info = type_at(steps, table)
    value = reduce(_entry, steps, table)
    found = next((o for o in _structs(info) if _is_of(o, value)), None) if info else None
    kind: dict[str, types.Type | None] = {"kind": None} if info and _tags(info) else {}
    own = found.fields if found else ()
    return kind | {field.encode_name: field.type for field in own}


def kinds_at(steps: Sequence[str], table: Any) -> list[str]:
    """The kinds of what stands at a place; empty where it has none."""
    info = type_at(steps, table)
    return [] if info is None else _tags(info)


def _structs(info: types.Type) -> Iterator[types.StructType]:
    for option in _options(info):
        if isinstance(option, types.StructType):
            yield option


def _options(info: types.Type) -> tuple[types.Type, ...]:
    while isinstance(info, types.Metadata):
        info = info.type
    return info.types if isinstance(info, types.UnionType) else (info,)


def takes_list(part: tuple[str, str] | None, key: str) -> bool:
    """Whether a field holds a list itself, so that a list there is no grid."""
    info = fields_of(part).get(key)
    arrays = types.ListType | types.TupleType | types.VarTupleType
    return info is not None and any(isinstance(option, arrays) for option in _options(info))


def describe_type(info: types.Type) -> str:
    """The allowed values of a field: ``an integer >= 1``."""
    known = [o for o in _options(info) if not isinstance(o, types.NoneType)]
    return " or ".join(dict.fromkeys(_one(option) for option in known))


def _one(info: types.Type) -> str:
    if isinstance(info, types.IntType | types.FloatType):
        noun = "an integer" if isinstance(info, types.IntType) else "a number"
        return f"{noun} {_range(info)}".strip()
    if isinstance(info, types.EnumType):
        return "one of " + ", ".join(repr(member.value) for member in info.cls)
    if isinstance(info, types.LiteralType):
        return "one of " + ", ".join(map(repr, info.values))
    if isinstance(info, types.ListType | types.VarTupleType):
        return f"a list, each {describe_type(info.item_type)}"
    if isinstance(info, types.TupleType):
        return f"a list of {len(info.item_types)}, each {describe_type(info.item_types[0])}"
    if isinstance(info, types.DictType) and not isinstance(info.value_type, types.AnyType):
        return f"a table, each {describe_type(info.value_type)}"
    words = {types.BoolType: "true or false", types.StrType: "a text"}
    return words.get(type(info), "a table")


def _range(info: types.IntType | types.FloatType) -> str:
    low = info.ge if info.ge is not None else info.gt
    high = info.le if info.le is not None else info.lt
    if low is not None and high is not None:
        left, right = "(["[info.ge is not None], ")]"[info.le is not None]
        return f"in {left}{low:.10g}, {high:.10g}{right}"
    if low is not None:
        return f"{'>=' if info.ge is not None else '>'} {low:g}"
    return "" if high is None else f"{'<=' if info.le is not None else '<'} {high:g}"


def allowed(info: types.Type, value: Any) -> str:
    """The requirement that a wrong value misses: of a number out of range, only the range."""
    numbers = [o for o in _options(info) if isinstance(o, types.IntType | types.FloatType)]
    if len(numbers) == 1 and isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(numbers[0], types.FloatType) or isinstance(value, int)
        if whole and (inside := _range(numbers[0])):
            return f"must lie {inside}" if inside.startswith("in") else f"must be {inside}"
    if isinstance(value, list) and (room := _room(info, len(value))):
        return room
    return f"must be {describe_type(info)}"


def _room(info: types.Type, length: int) -> str:
    """How long a list must be that is not as long; empty if its length is right."""
    lists = [o for o in _options(info) if isinstance(o, types.ListType | types.VarTupleType)]
    if len(lists) != 1:
        return ""
    least, most = lists[0].min_length or 0, lists[0].max_length or inf
    if least <= length <= most:
        return ""
    return f"must have {least} or more entries" if length < least else f"must have at most {most}"
