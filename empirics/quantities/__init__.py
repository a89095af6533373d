"""Quantities of a law beside its TV to the real one, recorded on request: one file for each.

An experiment names them, ``Experiment(..., record=("variance", "hallucinated"))``, and the result's
frame has a column for each and one for its error. They are read off the laws that the loop holds
anyway, on cells or as letters, so that recording changes no other number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from bounds.discovery import given_of, kinds_of, made, word_of
from bounds.suggest import did_you_mean, shortened
from empirics.cell_law import CellLaw, RealLaw
from empirics.errors import InputError

__all__ = ["Columns", "Quantity", "Recorder", "columns", "quantities_of"]

Array = np.ndarray
Columns = Mapping[str, Float[Array, "batch"]]


@dataclass(frozen=True)
class Quantity(ABC):
    """A number that a law has beside the real one."""

    of_letters: ClassVar[bool] = True
    """Whether laws on letters have it, which have no places."""
    of_cells: ClassVar[bool] = True
    """Whether laws with a density have it."""

    @property
    def column(self) -> str:
        """Name of its column in a result."""
        return word_of(type(self)).replace("-", "_")

    @abstractmethod
    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """Its columns for a batch of laws: at least the value, and a bound on its error."""


def columns(
    quantity: Quantity, value: Float[Array, "batch"], error: Float[Array, "batch"]
) -> dict[str, Float[Array, "batch"]]:
    """The two columns of a value and its error."""
    return {quantity.column: value, f"{quantity.column}_error": error}


def quantities_of(
    asked: Sequence[Quantity | str | Mapping[str, Any]],
) -> tuple[Quantity, ...]:
    """The quantities asked for: by their words, as a study's tables with a kind, or themselves.

    Raises:
        InputError: one is unknown, or asked for twice.
    """
    if isinstance(asked, str) or not isinstance(asked, Sequence):
        raise InputError(f"record = {asked!r}: must be a list of quantities, such as ['variance']")
    found = tuple(map(_quantity, asked))
    names = [quantity.column for quantity in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"record: {twice[0]!r} is asked for twice")
    return found


def _quantity(asked: Any) -> Quantity:
    if isinstance(asked, Quantity):
        return asked
    given = dict(asked) if isinstance(asked, Mapping) else {"kind": asked}
    kinds, name = kinds_of(__name__), given.pop("kind", None)
    word = name.replace("_", "-") if isinstance(name, str) else ""
    if word not in kinds:
        known = ", ".join(map(repr, kinds))
        raise InputError(
            f"record = {shortened(name)}: must be one of {known}, or a quantity of"
            f" empirics.quantities{did_you_mean(word, kinds)}"
        )
    make, allowed = kinds[word], given_of(kinds[word])
    if unknown := [key for key in given if key not in allowed]:
        takes = " and ".join(allowed) if allowed else "nothing else"
        raise InputError(f"record: {word} = {unknown[0]!r}: is not known here; it takes {takes}")
    try:
        quantity: Quantity = made(make, given)
    except InputError as error:
        raise InputError(f"record: {word}: {error}") from None
    return quantity


@dataclass(frozen=True)
class Recorder:
    """Measures what an experiment asks for.

    Args:
        quantities: what.
        real: what they are held against; ``None`` if nothing is asked for.
    """

    quantities: tuple[Quantity, ...] = ()
    real: RealLaw | None = None

    def __call__(self, law: CellLaw) -> Columns:
        """All columns of a batch of laws."""
        found: dict[str, Array] = {}
        for quantity in self.quantities:
            assert self.real is not None
            found |= quantity.measure(law, self.real)
        return found
