"""Relations between the words of a bound that a hypothesis demands, such as ``S >= 1/K``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError
from bounds.evaluate import compiled, notations_in

__all__ = ["Relation"]

_HOLDS = {"<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater}


@dataclass(frozen=True)
class Relation:
    """A relation between the symbols of a bound.

    Args:
        formula: a SymPy relation in the notation's symbols.
    """

    formula: Any

    def __str__(self) -> str:
        words = {e.symbol: sp.Symbol(e.word) for e in notations_in(self.formula)}
        return str(self.formula.xreplace(words))

    @property
    def words(self) -> set[str]:
        """The words between which it stands."""
        return {entry.word for entry in notations_in(self.formula)}

    def holds(self, values: Mapping[str, Any]) -> np.ndarray:
        """Return where it holds, for numbers or arrays that broadcast."""
        known = {word: np.asarray(values[word], dtype=float) for word in self.words}
        left, right = (compiled(side)(**known) for side in (self.formula.lhs, self.formula.rhs))
        return np.asarray(_HOLDS[self.formula.rel_op](left, right))

    def refuse_unmet(self, values: Mapping[str, Any], title: str) -> None:
        """Refuse values under which it fails.

        Raises:
            ParameterError: names the words and their first such values.
        """
        unmet = np.flatnonzero(~self.holds(values))
        if not unmet.size:
            return
        words = sorted(self.words)
        points = np.broadcast_arrays(*(values[word] for word in words))
        shown = (f"{w} = {v.flat[unmet[0]]:.12g}" for w, v in zip(words, points, strict=True))
        raise ParameterError(f"{', '.join(shown)}: must be such that {self}, required by {title!r}")
