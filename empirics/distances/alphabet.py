r"""Finite alphabets: exact concentration of an empirical law in TV.

.. math:: P\bigl(\mathrm{TV}(\hat p, p) \ge t\bigr) \le (2^A - 2) e^{-2 n t^2}, \qquad
          \mathrm{TV}(\hat p, p) \le \tfrac12 \sqrt{\tfrac{A-1}{n}}
          + \sqrt{\tfrac{\log(1/\alpha)}{2n}} \ \text{with probability } 1 - \alpha .

Source: Weissman, Ordentlich, Seroussi, Verdu and Weinberger, "Inequalities for the L1 deviation of
the empirical distribution", HP Labs 2003 (first, in TV). Derived: Jensen and Cauchy-Schwarz for the
mean, McDiarmid for the deviation (second).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["deviation", "letters_set", "plug_in"]

Array = np.ndarray


def deviation(size: int, letters: int, alpha: float) -> float:
    """The smaller of the two limits above; neither depends on the data."""
    sets = letters * np.log(2) + np.log1p(-(2.0 ** (1 - min(letters, 1000))))
    union = np.sqrt((sets + np.log(1 / alpha)) / (2 * size))
    mean = 0.5 * np.sqrt((letters - 1) / size) + np.sqrt(np.log(1 / alpha) / (2 * size))
    return float(min(union, mean))


def plug_in(p: Array, q: Array, letters: int) -> float:
    """TV between two empirical laws."""
    return float(0.5 * np.abs(_frequencies(p, letters) - _frequencies(q, letters)).sum())


def letters_set(p: Array, q: Array, letters: int) -> Callable[[Array], Bool[Array, "n"]]:
    """Letters that ``p`` has more often than ``q``."""
    more = _frequencies(p, letters) > _frequencies(q, letters)
    return lambda points: np.asarray(more[points[:, 0].astype(int)])


def _frequencies(x: Array, letters: int) -> Float[Array, "letters"]:
    return np.bincount(x[:, 0].astype(int), minlength=letters) / len(x)
