"""What a study may say: the top-level table, and each field's type as words for a user."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec import inspect as types

from empirics.sweeps.cycle_parts import CyclePart
from empirics.sweeps.parts import ModelPart, NumericsPart
from empirics.sweeps.target_parts import TargetPart

__all__ = ["StudyTable", "allowed", "describe_type", "fields_of", "kinds_of", "takes_list"]


class StudyTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One cell of a study, as typed data."""

    target: TargetPart
    model: ModelPart
    cycle: CyclePart
    generations: Annotated[int, Meta(ge=1, le=1000)]
    replicates: Annotated[int, Meta(ge=1, le=10**6)] = 256
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    numerics: NumericsPart = msgspec.field(default_factory=NumericsPart)
    title: str = ""


@lru_cache
def _root() -> types.StructType:
    return types.type_info(StudyTable)  # type: ignore[return-value]


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
    tags = (option.tag for option in _structs(fields_of(None)[part]))
    return [str(tag) for tag in tags if tag is not None]


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
    """What a field may hold: ``an integer >= 1``."""
    known = [o for o in _options(info) if not isinstance(o, types.NoneType)]
    return " or ".join(dict.fromkeys(_one(option) for option in known))


def _one(info: types.Type) -> str:
    if isinstance(info, types.IntType | types.FloatType):
        noun = "an integer" if isinstance(info, types.IntType) else "a number"
        return f"{noun} {_range(info)}".strip()
    if isinstance(info, types.EnumType):
        return "one of " + ", ".join(repr(member.value) for member in info.cls)
    if isinstance(info, types.ListType):
        return f"a list, each {describe_type(info.item_type)}"
    if isinstance(info, types.TupleType):
        return f"a list of {len(info.item_types)}, each {describe_type(info.item_types[0])}"
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
    """What a wrong value must be: of a number out of range, only the range."""
    numbers = [o for o in _options(info) if isinstance(o, types.IntType | types.FloatType)]
    if len(numbers) == 1 and isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(numbers[0], types.FloatType) or isinstance(value, int)
        if whole and (inside := _range(numbers[0])):
            return f"must lie {inside}" if inside.startswith("in") else f"must be {inside}"
    return f"must be {describe_type(info)}"
