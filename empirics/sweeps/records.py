"""Records of runs: which cells belong to a study, so that a store can be asked by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from empirics.errors import InputError
from empirics.sweeps.files import write_whole
from empirics.sweeps.store import Store

if TYPE_CHECKING:
    from empirics.sweeps.cell import Cell

__all__ = ["Record", "find_record", "records", "write_record"]

_RUNS = "runs"
_NAME = re.compile(r"[\w.\- ]+")


# A key becomes the name of a file, so a record that was tampered with must not name others.
Key = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class Record(Struct, frozen=True):
    """A study as a store knows it: the places of its cells by their keys."""

    name: str
    title: str
    cells: dict[Key, dict[str, Any]]
    text: str = ""


def write_record(store: Store, name: str, title: str, cells: Iterable[Cell], text: str) -> None:
    """Keep the record of a study; a later one of the same name replaces it.

    A store that cannot be written keeps the record it has: reading needs none.
    """
    record = Record(name, title, {cell.key: dict(cell.place) for cell in cells}, text)
    folder = store.folder / _RUNS
    data = msgspec.json.format(msgspec.json.encode(record), indent=1)
    path = folder / f"{name if _NAME.fullmatch(name) else 'study'}.json"
    try:
        if not (path.exists() and path.read_bytes() == data):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except OSError:
        return


def records(store: Store) -> list[Record]:
    """All records that can be read, by name."""
    found = []
    for path in sorted((store.folder / _RUNS).glob("*.json")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Record))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def find_record(store: Store, name: str) -> Record:
    """The record of a study.

    Raises:
        InputError: the store has none of this name.
    """
    found = {record.name: record for record in records(store)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise InputError(f"run {name!r}: is not in store {store.folder}; there are: {known}")
    return found[name]
