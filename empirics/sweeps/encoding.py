"""The file of a finished cell: its rows and its manifest as Parquet, sealed by a checksum.

The checksum stands inside the file, in the Parquet metadata, and covers every byte of it with
itself read as zeros. One file is thus whole or damaged by itself, and stays readable by anything
that reads Parquet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct

from empirics.sweeps.files import read_json

__all__ = [
    "LAW",
    "DamagedError",
    "checked",
    "encode",
    "read_frame",
    "read_manifest",
    "require_complete",
]

LAW = "law"
"""The column of kept laws."""
_MANIFEST = "manifest"
_SEAL = "seal"
_BLANK = "sha256:" + "0" * 64
_FORMAT = 1
_Number = int | float | None


class _Parts(Struct):
    target: dict[str, Any]
    model: dict[str, Any]
    cycle: dict[str, Any]


class _Manifest(Struct):
    """The common part of this project's manifests, and their kind."""

    spec: _Parts
    seconds: int | float
    started: str
    versions: dict[str, str]
    columns: list[str]
    notes: list[str]
    limits_only: bool
    mean_tv: dict[str, _Number]
    largest_error: dict[str, _Number]


_TYPES = {field.name: field.type for field in msgspec.structs.fields(_Manifest)}


class DamagedError(ValueError):
    """A file that is not the one that was written; its text says why."""


def encode(frame: pl.DataFrame, manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a cell's file.

    Args:
        frame: its rows.
        manifest: data for JSON; must hold the cell's ``key``.
    """
    text = json.dumps({"format": _FORMAT, **manifest}, sort_keys=True, allow_nan=False)
    out = BytesIO()
    # Statistics would double the time that a small cell takes, and a cell is read whole.
    frame.write_parquet(
        out,
        compression="zstd",
        compression_level=1,
        statistics=False,
        metadata={_MANIFEST: text, _SEAL: _BLANK},
    )
    data = out.getvalue()
    at = data.rindex(_BLANK.encode())
    return data[:at] + _seal(data) + data[at + len(_BLANK) :]


def _seal(blank: bytes) -> bytes:
    return f"sha256:{sha256(blank).hexdigest()}".encode()


def checked(data: bytes, key: str) -> dict[str, Any]:
    """The manifest of the cell ``key``, if ``data`` is its file, bit for bit.

    Raises:
        DamagedError: it is not.
    """
    if not data:
        raise DamagedError("is empty")
    if data[:4] != b"PAR1" or data[-4:] != b"PAR1":
        raise DamagedError("is cut off or no Parquet file")
    metadata = _metadata(data)
    seal = metadata.get(_SEAL, "")
    if _MANIFEST not in metadata or len(seal) != len(_BLANK):
        raise DamagedError("was not written by this project")
    at = data.rfind(seal.encode())
    if at < 0 or _seal(data[:at] + _BLANK.encode() + data[at + len(seal) :]) != seal.encode():
        raise DamagedError("was changed after it was written (its checksum does not hold)")
    manifest = _parsed(metadata[_MANIFEST])
    if manifest.get("format") != _FORMAT or manifest.get("key") != key:
        raise DamagedError("is the file of another cell")
    return manifest


def _parsed(text: str) -> dict[str, Any]:
    """A manifest from its text; what it says is of the right kind, as far as it says it."""
    try:
        manifest = read_json(text)
    except ValueError as error:
        raise DamagedError(f"has a manifest that {error}") from None
    if not isinstance(manifest, dict):
        raise DamagedError("has a manifest that is no table")
    for name in _TYPES.keys() & manifest.keys():
        try:
            msgspec.convert(manifest[name], _TYPES[name])
        except msgspec.ValidationError as error:
            raise DamagedError(f"has a manifest whose {name} is wrong ({error})") from None
    return manifest


def require_complete(manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that does not say everything that those of this project say.

    Raises:
        DamagedError: it lacks something.
    """
    for name in _TYPES:
        if name not in manifest:
            raise DamagedError(f"has a manifest without {name}")


def _metadata(source: Any) -> dict[str, str]:
    with _readable("has a footer that cannot be read"):
        return pl.read_parquet_metadata(BytesIO(source) if isinstance(source, bytes) else source)


def read_manifest(path: Any) -> dict[str, Any]:
    """The manifest of a file, from its footer alone and without checking the checksum.

    Raises:
        DamagedError: there is none.
    """
    metadata = _metadata(path)
    if _MANIFEST not in metadata:
        raise DamagedError("was not written by this project")
    return _parsed(metadata[_MANIFEST])


def read_frame(data: bytes) -> pl.DataFrame:
    """The rows in the bytes of a cell's file.

    Raises:
        DamagedError: they cannot be read.
    """
    with _readable("has rows that cannot be read"):
        return pl.read_parquet(BytesIO(data))


@contextmanager
def _readable(reason: str) -> Iterator[None]:
    """A broken file may fail anywhere in the reader, even as a panic, which is no Exception."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError | DamagedError):
            raise
        raise DamagedError(reason) from None
