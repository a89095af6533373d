r"""Constants of operators that samples pass before anyone trains on them.

Each is the least ``Lam`` known with ``TV(Tp, Tp_0) <= Lam TV(p, p_0)`` for every law ``p``. The
functions take numbers or SymPy's symbols; the entries of the catalogue are made of them, and prove
them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "choice",
    "choice_linear",
    "composition",
    "dobrushin",
    "keep_top",
    "mixture",
    "mixture_bias",
    "tilt",
]


def dobrushin(kernel: Any) -> float:
    """``max_{x,y} TV(K(x, .), K(y, .))`` of a Markov matrix (``channel-constant``).

    Args:
        kernel: shape ``(states, states')``, rows summing to one.
    """
    rows = np.asarray(kernel, dtype=float)
    gaps = (np.abs(rows[i + 1 :] - row).sum(axis=1).max() for i, row in enumerate(rows[:-1]))
    return 0.5 * max(map(float, gaps), default=0.0)


def tilt(supremum: Any, mean: Any) -> Any:
    """Tilt by a weight: its supremum over its mean under the real law (``tilt-constant``)."""
    return supremum / mean


def choice(distance: Any, draws: Any) -> Any:
    """Most TV after a choice among ``draws`` points of laws at ``distance`` (``choice``)."""
    return 1 - (1 - distance) ** draws


def choice_linear(draws: Any) -> Any:
    """Choice among ``draws`` points, any rule (``choice-constant``)."""
    return draws


def keep_top(share: Any) -> Any:
    """Keep the best share by a score (``keep-top-constant``)."""
    return 1 / share


def composition(first: Any, second: Any) -> Any:
    """One operator after another (``composition-constant``)."""
    return second * first


def mixture(share: Any, constant: Any) -> Any:
    """Only a share of the samples passes the operator (``mixture-constant``)."""
    return share * constant + 1 - share


def mixture_bias(share: Any, bias: Any) -> Any:
    """``TV(Tp_0, p_0)`` where only a share of the samples passes."""
    return share * bias
