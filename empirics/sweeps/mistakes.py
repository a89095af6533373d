"""Mistakes in a study, told in one line: where, what was found, and what is allowed."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from typing import Any

import msgspec

from bounds.errors import did_you_mean
from empirics.sweeps.schema import allowed, fields_of, kinds_of

__all__ = ["line_of", "said"]

_PLACE = re.compile(r"^(?P<text>.*?)(?: - at `(?:key in )?\$?(?P<path>.*)`)?$", re.S)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def said(error: msgspec.ValidationError, table: Mapping[str, Any], parts: Mapping[str, str]) -> str:
    """The mistake that msgspec found, in the words of the file.

    Args:
        error: what msgspec raised for the table.
        table: one cell of the study.
        parts: where each top-level entry stands in the file.
    """
    match = _PLACE.match(str(error))
    text, path = (match["text"], match["path"] or "") if match else (str(error), "")
    steps = [a or b for a, b in _STEP.findall(path)]
    place = _written(steps, parts)
    if field := re.search(r"field `(.+?)`", text):
        return _wrong_field(field[1], "missing" in text, steps, table, place)
    return f"{place} = {_shown(_value(steps, table))}: {_requirement(steps, table)}"


def _written(steps: list[str], parts: Mapping[str, str]) -> str:
    if not steps:
        return ""
    rest = "".join(f"[{s}]" if s.isdigit() else f".{s}" for s in steps[1:] if s != "...")
    return parts.get(steps[0], steps[0]) + rest


def _value(steps: list[str], table: Any) -> Any:
    for step in steps:
        if step == "...":
            break
        table = table[int(step)] if isinstance(table, list) else table[step]
    return table


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return reprlib.repr(value)


def _wrong_field(
    name: str, missing: bool, steps: list[str], table: Mapping[str, Any], place: str
) -> str:
    where = f"{place}.{name}" if place else name
    known = _known(steps, table)
    if name == "kind":
        return f"{where}: is missing; must be one of {_quoted(kinds_of(steps[0]))}"
    if missing:
        need = allowed(known[name], None) if name in known else "must be a table"
        return f"{where}: is missing; {need}"
    names = ", ".join(known)
    return f"{where}: is not known here; allowed are {names}{did_you_mean(name, known)}"


def _known(steps: list[str], table: Mapping[str, Any]) -> dict[str, Any]:
    if not steps:
        return fields_of(None)
    part = table.get(steps[0])
    kind = str(part.get("kind", "")) if isinstance(part, dict) else ""
    tag = {"kind": None} if kinds_of(steps[0]) else {}
    return {**tag, **fields_of((steps[0], kind))}


def _requirement(steps: list[str], table: Mapping[str, Any]) -> str:
    value = _value(steps, table)
    if len(steps) == 2 and steps[1] == "kind":
        kinds = kinds_of(steps[0])
        close = did_you_mean(str(value), kinds)
        return f"must be one of {_quoted(kinds)}, or your own 'package.module:Name'{close}"
    if len(steps) == 1 and steps[0] in table and kinds_of(steps[0]):
        return "must be a table with a kind, or your own 'package.module:Name'"
    known = _known(steps[:1], table) if len(steps) > 1 else fields_of(None)
    info = known.get(steps[min(len(steps), 2) - 1]) if steps else None
    return "must be a table" if info is None else allowed(info, value)


def _quoted(words: list[str]) -> str:
    return ", ".join(repr(word) for word in words if word != "import")


def line_of(text: str, place: str) -> int | None:
    """The line of a study's text that a place such as ``cycle[1].share`` stands on."""
    names = [a for a, b in _STEP.findall(place.split(" ")[0].rstrip(":")) if a]
    section: list[str] = []
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?\s*([\w.\-]+)", line):
            section, here = header[1].split("."), []
        elif key := re.match(r"\s*([\w\-]+)\s*=", line):
            here = [key[1]]
        else:
            continue
        found = section + here
        depth = len(found) if found == names[: len(found)] else 0
        if depth > (best[0] if best else 0):
            best = (depth, number)
    return best[1] if best else None
