"""Arrays and data frames as points: what is no finite real number is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

__all__ = ["Points", "plain_array", "points_of", "real_numbers"]

Array = np.ndarray
_BLOCK = 2**20
"""Rows looked at together."""
_KINDS = {
    "c": "complex numbers",
    "M": "dates",
    "m": "time spans",
    "U": "text",
    "S": "bytes",
    "T": "text",
    "O": "objects",
    "V": "records",
}


@dataclass(frozen=True, eq=False)
class Points:
    """Points of one sample, and what was made of the shape in which they came.

    Args:
        values: one row per point; not copied where it need not be.
        note: a line that says how points were flattened; empty if they were rows already.
    """

    values: Float[Array, "size dimension"]
    note: str = ""


def points_of(name: str, given: Any) -> Points:
    """Points of an array, a tensor or a data frame; those of any shape are flattened to rows.

    Args:
        name: what it is called in messages.
        given: ``(size,)``, ``(size, d)`` or ``(size, ...)``; or a frame with a row per point.

    Raises:
        InputError: masked, complex, text, dates, not finite, or no points at all.
    """
    array = _columns(name, given) if hasattr(given, "columns") else plain_array(name, given)
    if not array.ndim or not array.size:
        raise InputError(
            f"{name}: has shape {array.shape}; must be a row per point, such as (size, d)"
        )
    rows = array.reshape(len(array), -1)
    blocks = (rows[i : i + _BLOCK] for i in range(0, len(rows), _BLOCK))
    if bad := sum(np.count_nonzero(~np.isfinite(block)) for block in blocks):
        raise InputError(f"{name}: {bad} values are not finite numbers")
    if array.ndim <= 2:
        return Points(rows)
    shape = " x ".join(map(str, array.shape[1:]))
    note = f"{name}: {len(rows)} points of shape {shape}, flattened to {rows.shape[1]} coordinates"
    return Points(rows, note)


def real_numbers(name: str, given: Any) -> Array:
    """Floats of an array without masked values, text or complex numbers.

    Raises:
        InputError: names what it is instead.
    """
    return np.asarray(plain_array(name, given), dtype=float)


def plain_array(name: str, given: Any) -> Array:
    """An array of real numbers as it is; tensors are detached and brought to this machine's memory.

    Raises:
        InputError: names what it is instead.
    """
    if masked := int(np.sum(np.ma.getmaskarray(given))) if np.ma.isMaskedArray(given) else 0:
        raise InputError(f"{name}: {masked} values are masked; leave them out or fill them")
    try:
        array = np.asarray(_on_host(given))
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"{name}: must be an array of numbers") from None
    if array.dtype.kind not in "biuf":
        kind = _KINDS.get(array.dtype.kind, str(array.dtype))
        raise InputError(f"{name}: must be an array of numbers, not {kind}")
    return array


def _on_host(given: Any) -> Any:
    """Tensors of torch, which may have a gradient or be on another device; the rest as it is."""
    if not (hasattr(given, "detach") and hasattr(given, "cpu")):
        return given
    host = given.detach().cpu()
    return host.float().numpy() if str(host.dtype) == "torch.bfloat16" else host.numpy()


def _columns(name: str, frame: Any) -> Array:
    """The numbers of a data frame; a column of anything else is named."""
    names = list(frame.columns)
    columns = [_column(f"{name}, column {str(c)!r}", frame[c]) for c in names]
    if not columns:
        raise InputError(f"{name}: has no columns; must hold a row per point")
    return np.stack(columns, axis=1) if columns[0].ndim == 1 else np.concatenate(columns, axis=1)


def _column(name: str, column: Any) -> Array:
    missing = column.null_count() if hasattr(column, "null_count") else int(column.isna().sum())
    if missing:
        raise InputError(f"{name}: {missing} values are missing; leave those rows out or fill them")
    values = column.to_numpy()
    if values.dtype.kind not in "biuf":
        raise InputError(f"{name}: holds {column.dtype}; must hold numbers")
    return np.asarray(values.reshape(len(values), -1) if values.ndim > 1 else values)
