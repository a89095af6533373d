"""Data cycles: which data, and how much of it, each generation is trained on.

Model ``j >= 1`` is trained on the mixture ``sum_k w[j-1, k] p_k`` over ``k = 0`` (real data) to
``j - 1``. A :class:`DataCycle` gives the row ``w[j-1, :]`` and the number of training points for
every ``j``; the same object unrolls a bound and drives a loop. Parameters are numbers or SymPy
symbols.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from numbers import Rational, Real
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from bounds.discovery import Written, word_of
from bounds.errors import ParameterError, shortened
from bounds.values import fraction_of, is_listed

__all__ = [
    "KINDS",
    "Accumulating",
    "Balanced",
    "Custom",
    "DataCycle",
    "FreshReal",
    "FullSynthetic",
    "Protocol",
    "RealPlusSynthetic",
    "Share",
    "accumulating",
    "balanced",
    "checked_ratio",
    "checked_share",
    "custom",
    "fresh_real",
    "full_synthetic",
    "real_plus_synthetic",
    "rounded_size",
]

_ROW_SUM_TOLERANCE = 1e-12
_LARGEST = 10**15
"""Sizes above this are no longer exact in float64."""
_MOST_ROWS = 10_000
"""The matrix of their weights takes 0.8 GB."""
_MOST_HELD = 1000
"""One that takes 8 MB at most is held by its cycle."""
_HELD = "_DataCycle__matrix"
"""Name of the attribute that holds it, which no subclass uses."""
_ZERO, _ONE = Fraction(0), Fraction(1)


_Whole = Annotated[int, Meta(ge=1, le=10**12)]
_Row = Annotated[list[float], Meta(min_length=1, max_length=1000)]
Size = Annotated[Any, Written(_Whole)]
Share = Annotated[Any, Written(Annotated[float, Meta(ge=0, le=1)])]
Ratio = Annotated[Any, Written(Annotated[float, Meta(ge=0, le=10**9)])]
Sizes = Annotated[Any, Written(_Whole | list[_Whole])]
Rows = Annotated[Any, Written(Annotated[list[_Row], Meta(min_length=1, max_length=1000)])]


class Protocol(StrEnum):
    """The way in which the training points of a generation come from the laws in its mixture.

    ``FRESH``: drawn anew from the mixture, independently of everything before.
    ``REUSED``: one batch per law, drawn once; a generation trains on the full weighted pool.
    ``RENEWED``: the same pool, but every generation draws all its batches anew.
    ``RESAMPLED``: drawn with replacement from that pool.
    ``SUBSAMPLED``: drawn without replacement from that pool, which must be equally weighted.
    """

    FRESH = "fresh"
    REUSED = "reused"
    RENEWED = "renewed"
    RESAMPLED = "resampled"
    SUBSAMPLED = "subsampled"


@dataclass(frozen=True, kw_only=True)
class DataCycle(ABC):
    """The weights ``w[j-1, k]`` over {real, model 1..j-1} and the training size of every model.

    Args:
        n: points per generation, a positive integer or a SymPy expression (each cycle says more).
        data: a :class:`Protocol` or its value; ``"fresh"`` unless said otherwise.

    Raises:
        ParameterError: a parameter is outside its range; the message names it.
    """

    n: Size
    data: Annotated[Protocol | str, Written(Protocol)] = Protocol.FRESH

    def __post_init__(self) -> None:
        _set(self, "n", _positive_integer("n", self.n))
        _set(self, "data", _protocol(self.data))

    @property
    def name(self) -> str:
        """The catalogue's word for this cycle."""
        return word_of(type(self)).replace("-", " ")

    @property
    def generations(self) -> int | None:
        """Number of generations the cycle is defined for; ``None`` if unlimited."""
        return None

    @abstractmethod
    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``w[j-1, 0..j-1]`` of model ``j >= 1``: non-negative, summing to one."""

    @abstractmethod
    def size(self, j: int) -> Any:
        """Number of training points of model ``j >= 1``."""

    def batch_size(self, k: int) -> Any:
        """Points drawn once from model ``k >= 0`` (0: real data) where data is reused."""
        del k
        return self.n

    def check_pool(self, j: int) -> None:
        """Refuse generation ``j`` if its stored pool cannot be drawn on as ``data`` says.

        Raises:
            ParameterError: a batch with positive weight is empty; or ``data`` is ``"subsampled"``
                and the pool is too small or not equally weighted.
        """
        if self.data is Protocol.FRESH:
            return
        row = [float(w) for w in self.weights(j)]
        sizes = {k: self.batch_size(k) for k, w in enumerate(row) if w > 0}
        if min(sizes.values()) < 1:
            raise ParameterError(f"generation {j}: a batch with positive weight has no points")
        total = sum(sizes.values())
        even = all(np.isclose(row[k], size / total) for k, size in sizes.items())
        if self.data is Protocol.SUBSAMPLED and (self.size(j) > total or not even):
            raise ParameterError(
                f"generation {j}: data = 'subsampled' draws {self.size(j)} points without"
                f" replacement from a pool of {total}; it must be as large and equally weighted"
            )

    def weight_matrix(self, generations: int) -> np.ndarray:
        """All rows as floats: shape ``(generations, generations)``, row ``j-1``, zero-padded.

        Raises:
            ParameterError: the matrix would be too large to hold.
        """
        check_rows(generations)
        held = self.__dict__.get(_HELD)
        if held is None or len(held) != generations:
            held = np.zeros((generations, generations))
            for j in range(1, generations + 1):
                held[j - 1, :j] = [float(w) for w in self.weights(j)]
            # Exact weights take long to convert, and every part of a loop asks for them.
            _set(self, _HELD, held if generations <= _MOST_HELD else None)
        return held.copy()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != _HELD}

    def sizes(self, generations: int) -> np.ndarray:
        """Training sizes of models ``1..generations`` as integers."""
        return np.array([int(self.size(j)) for j in range(1, generations + 1)])

    def __repr__(self) -> str:
        shown = (f for f in fields(self) if f.repr and getattr(self, f.name) != f.default)
        inside = ", ".join(f"{f.name}={_show(getattr(self, f.name))}" for f in shown)
        return f"{type(self).__name__}({inside})"


@dataclass(frozen=True, kw_only=True, repr=False)
class FullSynthetic(DataCycle):
    """Each model is trained on ``n`` points of the model before it: ``w[j-1, j-1] = 1``."""

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row with all weight on the last model."""
        _generation(j)
        return (_ZERO,) * (j - 1) + (_ONE,)

    def size(self, j: int) -> Any:
        """``n`` in every generation."""
        _generation(j)
        return self.n


@dataclass(frozen=True, kw_only=True, repr=False)
class FreshReal(DataCycle):
    """A share ``a`` of real points beside the last model: ``w[j-1, 0] = a``, ``w[j-1, j-1] = 1-a``.

    Args:
        share: ``a`` in [0, 1]; generation 1 is trained on real points only.
    """

    share: Share

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, "share", checked_share(self.share))

    @property
    def name(self) -> str:
        """The catalogue's word for this cycle."""
        return "fresh real share"

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``(share, 0, ..., 0, 1 - share)``; ``(1,)`` for the first model."""
        _generation(j)
        return (_ONE,) if j == 1 else (self.share, *(_ZERO,) * (j - 2), 1 - self.share)

    def size(self, j: int) -> Any:
        """``n`` in every generation."""
        _generation(j)
        return self.n


@dataclass(frozen=True, kw_only=True, repr=False)
class Balanced(DataCycle):
    """Equal weight on the real data and all earlier models, ``w[j-1, k] = 1/j``; ``n`` points."""

    def weights(self, j: int) -> tuple[Any, ...]:
        """Equal weights ``1/j`` on the real data and all earlier models."""
        _generation(j)
        return (Fraction(1, j),) * j

    def size(self, j: int) -> Any:
        """``n`` in every generation."""
        _generation(j)
        return self.n


@dataclass(frozen=True, kw_only=True, repr=False)
class Accumulating(Balanced):
    """All data is kept: weights ``1/j`` as in the balanced cycle, but ``j n`` points."""

    def size(self, j: int) -> Any:
        """``j n`` in generation ``j``."""
        _generation(j)
        return j * self.n


@dataclass(frozen=True, kw_only=True, repr=False)
class RealPlusSynthetic(DataCycle):
    """``n`` real points plus ``lam * n`` points of the last model: real weight ``1/(1+lam)``.

    Args:
        lam: synthetic points per real point, ``>= 0``.
        real_start: ``True``: generation 1 has the ``n`` real points that exist; ``False``: it has
            ``(1 + lam) n`` real points, as the paper's bound assumes. Only fresh data allows this.

    Sizes are rounded to the nearest integer; the weights are exact.
    """

    lam: Ratio
    real_start: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, "lam", checked_ratio(self.lam))
        if not isinstance(self.real_start, bool):
            raise ParameterError(f"real_start = {self.real_start!r}: must be True or False")
        if not self.real_start and self.data is not Protocol.FRESH:
            raise ParameterError(
                f"real_start = False with data = {str(self.data)!r}: a kept real set has n points,"
                " so generation 1 cannot have (1 + lam) n; use data = 'fresh' or real_start = True"
            )

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``(1, 0, ..., 0, lam) / (1 + lam)``; ``(1,)`` for the first model."""
        _generation(j)
        if j == 1:
            return (_ONE,)
        real = _ONE / (1 + self.lam)
        return (real, *(_ZERO,) * (j - 2), 1 - real)

    def size(self, j: int) -> Any:
        """``(1 + lam) n``; with ``real_start``, ``n`` in generation 1."""
        _generation(j)
        return self.n if j == 1 and self.real_start else rounded_size(self.n * (1 + self.lam))

    def batch_size(self, k: int) -> Any:
        """``n`` real points; ``lam * n`` of each model."""
        return self.n if k == 0 else rounded_size(self.n * self.lam)


@dataclass(frozen=True, kw_only=True, repr=False)
class Custom(DataCycle):
    """Any weights and sizes.

    Args:
        rows: row ``j-1`` holds ``w[j-1, 0..j-1]``: ``j`` non-negative weights summing to one.
        n: one size for all generations, or one per generation.
    """

    n: Sizes
    rows: Rows

    def __post_init__(self) -> None:
        _set(self, "data", _protocol(self.data))
        if not is_listed(self.rows):
            raise ParameterError(f"rows = {self.rows!r}: must be a list of rows of weights")
        _set(self, "rows", tuple(_row(j, row) for j, row in enumerate(self.rows, start=1)))
        sizes = self.n if is_listed(self.n) else [self.n] * len(self.rows)
        if len(sizes) != len(self.rows) or not self.rows:
            raise ParameterError(
                f"n: {len(sizes)} sizes for {len(self.rows)} rows of weights; one size per row"
                " and at least one row are required"
            )
        _set(self, "n", tuple(_positive_integer(f"n[{i}]", v) for i, v in enumerate(sizes)))

    @property
    def generations(self) -> int:
        """Number of models that the given rows describe."""
        return len(self.rows)

    def weights(self, j: int) -> tuple[Any, ...]:
        """Row ``j`` as it was given."""
        _generation(j, self.generations)
        return tuple(self.rows[j - 1])

    def size(self, j: int) -> Any:
        """Training points of model ``j`` as they were given."""
        _generation(j, self.generations)
        return self.n[j - 1]

    def batch_size(self, k: int) -> Any:
        """The size of the generation that first uses the batch."""
        uses = (j for j in range(k + 1, self.generations + 1) if self.weights(j)[k] > 0)
        return self.n[next(uses, self.generations) - 1]


full_synthetic = FullSynthetic
fresh_real = FreshReal
balanced = Balanced
accumulating = Accumulating
real_plus_synthetic = RealPlusSynthetic
custom = Custom

KINDS = (FullSynthetic, FreshReal, Balanced, Accumulating, RealPlusSynthetic, Custom)
"""The cycles that are found by name, with those in ``KINDS`` of this package's other files."""


def check_rows(generations: int) -> None:
    """Refuse more generations than a matrix of weights, one row for each, is held for.

    Raises:
        ParameterError: there are too many.
    """
    if generations > _MOST_ROWS:
        raise ParameterError(
            f"generations = {generations}: the weights of all their mixtures are a matrix, and at"
            f" most {_MOST_ROWS} generations are allowed where one is needed"
        )


def checked_share(value: Any) -> Any:
    """A share in [0, 1], as a fraction where it is rational; symbols pass.

    Raises:
        ParameterError: it is none.
    """
    return _in_range("share", value, 1)


def checked_ratio(value: Any) -> Any:
    """Synthetic points per real point, at least 0; symbols pass.

    Raises:
        ParameterError: it is negative, or no number.
    """
    return _in_range("lam", value, None)


def rounded_size(size: Any) -> Any:
    """The nearest whole number; symbols pass."""
    return size if _is_symbolic(size) else round(size)


def _set(cycle: DataCycle, name: str, value: object) -> None:
    object.__setattr__(cycle, name, value)


def _show(value: object) -> str:
    return repr(value.value) if isinstance(value, Protocol) else str(value)


def _is_symbolic(value: object) -> bool:
    return bool(getattr(value, "free_symbols", ()))


def _number(name: str, value: Any, requirement: str) -> Any:
    if isinstance(value, str):
        try:
            return fraction_of(value)
        except ValueError:
            raise ParameterError(f"{name} = {shortened(value)}: must be {requirement}") from None
    is_number = isinstance(value, Real) or getattr(value, "is_number", False)
    if isinstance(value, bool) or not is_number or not _is_finite(value):
        raise ParameterError(f"{name} = {shortened(value)}: must be {requirement}")
    return value


def _is_finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (OverflowError, TypeError):
        return False


def _positive_integer(name: str, value: Any) -> Any:
    if _is_symbolic(value):
        return value
    number = _number(name, value, "a positive integer")
    if number < 1 or number != int(number) or number > _LARGEST:
        raise ParameterError(f"{name} = {value}: must be a positive integer up to 10^15")
    return int(number)


def _in_range(name: str, value: Any, high: int | None) -> Any:
    if _is_symbolic(value):
        return value
    allowed = f"in [0, {high}]" if high is not None else "in [0, 10^15]"
    number = _number(name, value, f"a number {allowed}")
    if number < 0 or number > (_LARGEST if high is None else high):
        raise ParameterError(f"{name} = {value}: must be {allowed}")
    return Fraction(number) if isinstance(number, Rational) else number


def _protocol(value: str) -> Protocol:
    try:
        return Protocol(value)
    except ValueError:
        allowed = ", ".join(repr(p.value) for p in Protocol)
        raise ParameterError(f"data = {value!r}: must be one of {allowed}") from None


def _generation(j: int, last: int | None = None) -> None:
    if j < 1 or (last is not None and j > last):
        allowed = ">= 1" if last is None else f"in 1..{last}, the rows given"
        raise ParameterError(f"generation = {j}: must be {allowed}")


def _row(j: int, row: Any) -> tuple[Any, ...]:
    if not is_listed(row):
        raise ParameterError(f"rows[{j - 1}] = {row!r}: must be a list of {j} weights")
    weights = tuple(_in_range(f"rows[{j - 1}][{k}]", w, 1) for k, w in enumerate(row))
    if len(weights) != j:
        raise ParameterError(f"rows[{j - 1}]: has {len(weights)} weights, needs {j}")
    total = sum(weights)
    if not _is_symbolic(total) and abs(float(total) - 1) > _ROW_SUM_TOLERANCE:
        raise ParameterError(f"rows[{j - 1}]: weights sum to {float(total):.12g}, must sum to 1")
    return weights
