"""The store: one file for each finished cell, whole or not at all, and the records of studies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from errno import EACCES
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import polars as pl
from msgspec import Meta, Struct

from empirics.errors import InputError
from empirics.sweeps.encoding import (
    LAW,
    DamagedError,
    checked,
    encode,
    read_frame,
    read_manifest,
    require_complete,
)
from empirics.sweeps.files import Locks, clear_leftovers, files_in, read_json, write_whole

if TYPE_CHECKING:
    from empirics.sweeps.cell import Cell

__all__ = [
    "Damage",
    "RunRecord",
    "Store",
    "StoreError",
    "find_record",
    "records",
    "write_record",
]

_RUNS = "runs"
"""Folder of the records of runs."""
_CELLS = "cells"
_LOCKS = ".locks"
_ENDING = ".parquet"
_LENGTH = 32
_NAME = re.compile(rf"[0-9a-f]{{{_LENGTH}}}")
_LITERALLY: dict[str, Any] = {
    "glob": False,
    "hive_partitioning": False,
    "include_file_paths": "cell",
}
"""Names of files are names, whatever is in them."""
_STUDY_NAME = re.compile(r"[\w.\- ]{1,60}")
"""Names of studies that can be names of files wherever a store may lie."""
_READERS = 4
"""Threads that check files: hashing and reading release the interpreter."""


class StoreError(InputError):
    """A store that cannot be used further: disk full, read-only, not a folder."""


@dataclass(frozen=True)
class Damage:
    """A file that was set aside: where it is now, and what was wrong with it."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path.name}: {self.reason}"


class Store:
    """Finished cells in a folder.

    Any number of processes may use one store. A file appears under its final name only when it is
    complete and on disk.

    Args:
        folder: made when the first cell is written.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.cells = self.folder / _CELLS
        # The Parquet reader takes "~" and patterns in relative names for more than letters.
        self._cells = self.cells.absolute()
        if self.folder.exists() and not self.folder.is_dir():
            raise StoreError(f"store {self.folder}: is a file, must be a folder")

    def path(self, key: str) -> Path:
        """The file of a cell."""
        return self.cells / f"{key}{_ENDING}"

    def finished(self) -> list[str]:
        """Cells that have a file, unchecked."""
        names = (p.name.removesuffix(_ENDING) for p in self._files() if p.suffix == _ENDING)
        return sorted(name for name in names if _NAME.fullmatch(name))

    def foreign(self) -> list[str]:
        """Names of files in the store that no cell has: set aside, or put there by others."""
        known = set(map(self.path, self.finished()))
        return sorted(p.name for p in self._files() if p not in known and p.name[0] != ".")

    def _files(self) -> list[Path]:
        try:
            return list(self.cells.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._trouble(error) from None

    def check(
        self, keys: Iterable[str], *, set_aside: bool = False
    ) -> tuple[dict[str, dict[str, Any]], list[Damage]]:
        """Manifests of the finished cells among ``keys``, every byte of their files checked.

        Args:
            keys: cells to look at.
            set_aside: rename damaged files, so that their cells are computed again.

        Raises:
            StoreError: a file cannot be read, or not be set aside.
        """
        present = [key for key in keys if self._is_there(key)]
        if not present:
            return {}, []
        with ThreadPoolExecutor(_READERS) as pool:
            seen = dict(zip(present, pool.map(self._look, present), strict=True))
        found = {key: manifest for key, manifest in seen.items() if isinstance(manifest, dict)}
        bad = {key: reason for key, reason in seen.items() if isinstance(reason, str)}
        move = self._set_aside if set_aside else self._name
        return found, [move(key, reason) for key, reason in bad.items()]

    def _is_there(self, key: str) -> bool:
        try:
            self.path(key).stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._trouble(error) from None
        return True

    def _name(self, key: str, reason: str) -> Damage:
        return Damage(self.path(key), reason)

    def _look(self, key: str) -> dict[str, Any] | str:
        try:
            manifest = checked(self._bytes(key), key)
            require_complete(manifest)
        except DamagedError as damage:
            return str(damage)
        return manifest

    def _bytes(self, key: str) -> bytes:
        path = self.path(key)
        if not path.is_file():
            raise DamagedError("is no regular file")
        try:
            return path.read_bytes()
        except OSError as error:
            raise self._trouble(error, path) from None

    def _set_aside(self, key: str, reason: str) -> Damage:
        path = self.path(key)
        aside = path.with_name(f"{path.name}.{token_hex(3)}.damaged")
        try:
            path.rename(aside)
        except FileNotFoundError:
            pass  # another process was first
        except OSError as error:
            raise self._trouble(error) from None
        return Damage(aside, reason)

    def read(self, key: str) -> tuple[pl.DataFrame, dict[str, Any]]:
        """Rows and manifest of a finished cell, checked.

        Raises:
            DamagedError: the file is damaged.
            StoreError: it cannot be read.
        """
        data = self._bytes(key)
        manifest = checked(data, key)
        return read_frame(data), manifest

    def manifests(self) -> dict[str, dict[str, Any]]:
        """Manifests of all cells from their footers, unchecked; damaged files are left out."""
        found = {}
        for key in self.finished():
            try:
                manifest = self._footer(key)
                require_complete(manifest)
            except DamagedError:
                continue
            found[key] = manifest
        return found

    def _footer(self, key: str) -> dict[str, Any]:
        path = self._cells / f"{key}{_ENDING}"
        if not path.is_file():
            raise DamagedError("is no regular file")
        if not os.access(path, os.R_OK):
            raise self._trouble(PermissionError(EACCES, os.strerror(EACCES)), self.path(key))
        return read_manifest(path)

    def scan(self, keys: Iterable[str] | None = None) -> pl.LazyFrame:
        """All rows of many cells, read when they are asked for; ``cell`` holds the key.

        Columns that some models lack are null there; kept laws are left out.

        Raises:
            StoreError: none of the cells is finished.
        """
        wanted = self.finished() if keys is None else list(keys)
        present = [key for key in wanted if self._is_there(key)]
        if not present:
            raise StoreError(f"store {self.folder}: none of the cells asked for is finished")
        groups: dict[tuple, list[Path]] = {}
        for key in present:
            path = self._cells / f"{key}{_ENDING}"
            groups.setdefault(tuple(self._columns(key)), []).append(path)
        frames = [pl.scan_parquet(group, **_LITERALLY) for group in groups.values()]
        name = pl.col("cell").str.tail(_LENGTH + len(_ENDING)).str.head(_LENGTH)
        return pl.concat(frames, how="diagonal").with_columns(name).drop(LAW, strict=False)

    def write(self, key: str, frame: pl.DataFrame, manifest: dict[str, Any]) -> None:
        """Store a cell; see :meth:`put`."""
        self.put(key, encode(frame, {**manifest, "key": key}))

    def put(self, key: str, data: bytes) -> None:
        """Store the bytes of a cell's file: written aside, synced, renamed, the folder synced.

        Raises:
            StoreError: the disk is full or the store cannot be written; nothing of it is left.
        """
        try:
            write_whole(self.path(key), data)
        except OSError as error:
            raise self._trouble(error) from None

    def open(self) -> Locks:
        """Make the folder, clear what killed processes left, and return the locks.

        Raises:
            StoreError: the store cannot be written.
        """
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
            locks = Locks(self.folder / _LOCKS)
            for folder in (self.cells, self.folder / _RUNS):
                clear_leftovers(folder)
        except OSError as error:
            raise self._trouble(error) from None
        return locks

    def _columns(self, key: str) -> list[str]:
        try:
            return list(self._footer(key).get("columns", ()))
        except DamagedError as damage:
            raise StoreError(f"{self.path(key)}: {damage}") from None

    def _trouble(self, error: OSError, path: Path | None = None) -> StoreError:
        why = (error.strerror or str(error)).lower()
        where = "" if path is None else f"{path.name}: "
        return StoreError(
            f"store {self.folder}: cannot be used ({where}{why}); finished cells are intact"
        )


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
    folder = store.folder / _RUNS
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
    if _STUDY_NAME.fullmatch(name) and name[0] != ".":
        return name
    known = re.sub(r"[^\w\- ]+", "-", name)[:30]
    return f"study-{known}-{sha256(name.encode(errors='surrogateescape')).hexdigest()[:12]}"


def records(store: Store) -> list[RunRecord]:
    """All records that can be read, by name.

    Raises:
        StoreError: their folder cannot be read.
    """
    folder = store.folder / _RUNS
    try:
        paths = files_in(folder, ".json")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be read ({error.strerror})") from None
    return [record for path in paths if (record := _record(path))]


def _record(path: Path) -> RunRecord | None:
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
