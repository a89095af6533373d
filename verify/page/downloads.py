"""Files inside the page: tables that a link saves under a name, with nothing loaded."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from gzip import compress
from io import StringIO
from math import isnan
from typing import Any
from urllib.parse import quote

__all__ = ["Download", "download", "table_of"]

_PLAIN_BYTES = 20_000
"""A larger table is packed, so that the page stays light."""
_SAFE = " ,.:;=()/+-_"


@dataclass(frozen=True)
class Download:
    """A file as a link.

    Args:
        name: under which it is saved.
        address: a ``data:`` URI.
        size: bytes of the table.
    """

    name: str
    address: str
    size: int


def download(name: str, data: bytes) -> Download:
    """A CSV table as a link; a large one is packed without loss as ``.csv.gz``."""
    if len(data) <= _PLAIN_BYTES:
        return Download(name, f"data:text/csv;charset=utf-8,{quote(data, _SAFE)}", len(data))
    packed = b64encode(compress(data, mtime=0)).decode()
    return Download(f"{name}.gz", f"data:application/gzip;base64,{packed}", len(data))


def table_of(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV of rows; what is not a number is left empty."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow(["" if isinstance(v, float) and isnan(v) else v for v in row])
    return out.getvalue().encode()
