"""Records of runs: which cells belong to a study, so that a store can be asked by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from empirics.errors import InputError
from empirics.sweeps.files import files_in, read_json, write_whole
from empirics.sweeps.store import RUNS, Store, StoreError

if TYPE_CHECKING:
    from empirics.sweeps.cell import Cell

__all__ = ["RunRecord", "find_record", "records", "write_record"]

_NAME = re.compile(r"[\w.\- ]{1,60}")
"""Names that can be names of files wherever a store may lie."""


# A key becomes the name of a file, so a record that was tampered with must not name others.
Key = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


# What TOML can count, and one column can hold.
_Count = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Value = bool | _Count | float | str | list[Any] | dict[str, Any] | None


class RunRecord(Struct, frozen=True):
    """A study as a store knows it: the places of its cells by their keys."""

    name: str
    title: str
    cells: dict[Key, dict[str, _Value]]
    text: str = ""


def write_record(store: Store, name: str, title: str, cells: Iterable[Cell], text: str) -> None:
    """Keep the record of a study; a later one of the same name replaces it.

    A store that cannot be written keeps the record it has: reading needs none.
    """
    # A file's name may hold bytes that no text can.
    name, title = (word.encode(errors="backslashreplace").decode() for word in (name, title))
    record = RunRecord(name, title, {cell.key: dict(cell.place) for cell in cells}, text)
    folder = store.folder / RUNS
    data = msgspec.json.format(msgspec.json.encode(record), indent=1)
    path = folder / f"{_file_name(name)}.json"
    try:
        if not (path.exists() and path.read_bytes() == data):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except OSError:
        return


def _file_name(name: str) -> str:
    """The name itself, or what of it can stand in a name and a digest that tells it apart."""
    if _NAME.fullmatch(name) and name[0] != ".":
        return name
    known = re.sub(r"[^\w\- ]+", "-", name)[:30]
    return f"study-{known}-{sha256(name.encode(errors='surrogateescape')).hexdigest()[:12]}"


def records(store: Store) -> list[RunRecord]:
    """All records that can be read, by name.

    Raises:
        StoreError: their folder cannot be read.
    """
    folder = store.folder / RUNS
    try:
        paths = files_in(folder, ".json")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be read ({error.strerror})") from None
    return [record for path in paths if (record := _read(path))]


def _read(path: Path) -> RunRecord | None:
    try:
        return msgspec.convert(read_json(path.read_bytes()), RunRecord)
    except (OSError, ValueError):
        return None


def find_record(store: Store, name: str) -> RunRecord:
    """The record of a study.

    Raises:
        InputError: the store has none of this name.
    """
    found = {record.name: record for record in records(store)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise InputError(f"run {name!r}: is not in store {store.folder}; there are: {known}")
    return found[name]
