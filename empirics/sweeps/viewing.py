"""Looking at a store: runs, their cells, and their rows as CSV."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.table import Table

from bounds.command_line import say, warn
from empirics.errors import InputError
from empirics.sweeps.files import check_writable, clear_leftovers, write_with
from empirics.sweeps.store import RunRecord, Store, find_record, records
from empirics.sweeps.terminal import table_of, terminal

__all__ = ["export", "listing", "show"]


def listing(command: Namespace) -> int:
    """All runs of a store."""
    store = Store(command.store)
    manifests = store.manifests()
    table = table_of("run", "title", "cells", "finished", "seconds", "last")
    for record in records(store):
        mine = [manifests[key] for key in record.cells if key in manifests]
        table.add_row(
            record.name,
            record.title,
            str(len(record.cells)),
            str(len(mine)),
            f"{sum(m['seconds'] for m in mine):.1f}",
            max((m["started"] for m in mine), default="–")[:16],
        )
    terminal().print(table)
    aside = store.foreign()
    if aside:
        warn(f"{len(aside)} other files in {store.cells}: {', '.join(aside[:3])}")
    return 0


def show(command: Namespace) -> int:
    """The cells of one run, or everything about one cell."""
    store = Store(command.store)
    names = [record.name for record in records(store)]
    cells = [key for key in store.finished() if key.startswith(command.run_name)]
    if command.run_name not in names and len(cells) == 1:
        manifest = _finished(store, cells, cells[0])[cells[0]]
        sys.stdout.write(f"{json.dumps(manifest, indent=2)}\n")
        return 0
    record = find_record(store, command.run_name)
    found = _finished(store, record.cells, record.name)
    terminal().print(_cells_table(record, found))
    return 0


def _cells_table(record: RunRecord, found: Mapping[str, Mapping[str, Any]]) -> Table:
    axes = list(dict.fromkeys(axis for place in record.cells.values() for axis in place))
    table = table_of(*axes, "cell", "TV first", "TV last", "largest error", "seconds")
    for key, place in record.cells.items():
        where = [str(place.get(axis, "–")) for axis in axes]
        table.add_row(*where, key[:8], *_numbers(found.get(key)))
    return table


def _numbers(manifest: Mapping[str, Any] | None) -> list[str]:
    if manifest is None:
        return ["not finished", "", "", ""]
    tv, error = manifest["mean_tv"], manifest["largest_error"].get("tv_error")
    least = "≥ " if manifest["limits_only"] else ""
    each = (
        (least, tv.get("first"), ".5f"),
        (least, tv.get("last"), ".5f"),
        ("", error, ".1e"),
        ("", manifest["seconds"], ".2f"),
    )
    return ["–" if value is None else f"{sign}{value:{digits}}" for sign, value, digits in each]


def export(command: Namespace) -> int:
    """All rows of a run as one CSV file, with what tells its cells apart in columns."""
    store, path = Store(command.store), Path(command.csv)
    check_writable("--csv", command.csv)
    record = find_record(store, command.run_name)
    found = _finished(store, record.cells, record.name)
    rows = [{"cell": key, **_plain(record.cells[key])} for key in found]
    places = pl.DataFrame(rows, infer_schema_length=None, strict=False).lazy()
    frame = (
        store.scan(found)
        .join(places, on="cell", how="left")
        .sort("cell", "replicate", "generation")
    )
    _write_csv(frame, path)
    missing = len(record.cells) - len(found)
    note = f"; {missing} cells are not finished" if missing else ""
    say(f"{len(found)} cells of {record.name} are in {path}{note}")
    return 0


def _plain(place: Mapping[str, Any]) -> dict[str, Any]:
    return {k: str(v) if isinstance(v, list | dict) else v for k, v in place.items()}


def _write_csv(frame: pl.LazyFrame, path: Path) -> None:
    try:
        clear_leftovers(path.absolute().parent)
        write_with(path, frame.sink_csv)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path}: cannot be written ({str(error).splitlines()[0]})") from None


def _finished(store: Store, keys: Iterable[str], name: str) -> dict[str, dict[str, Any]]:
    """Manifests of the finished cells of a run, every byte of their files checked."""
    found, damages = store.check(keys)
    for damage in damages:
        warn(f"damaged, left out: {damage}")
    if not found:
        raise InputError(f"run {name!r}: none of its cells is finished in store {store.folder}")
    return found
