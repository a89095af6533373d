"""Many cells, one error rate: Holm's step-down procedure with nested groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

__all__ = ["holm"]

Array = np.ndarray


def holm(p: Sequence[float] | Array, groups: Sequence[object] | None = None) -> Float[Array, "m"]:
    r"""Adjusted p-values: rejecting those at most ``alpha`` errs at all with chance ``alpha``.

    Without groups this is Holm's :math:`\tilde p_{(i)} = \max_{l \le i} (m - l + 1) p_{(l)}`.
    A group is a chain of nested hypotheses with ordered p-values, such as "all generations up to
    j stay below their bounds", j = 1, 2, ...: testing the whole chain costs as much as one of its
    members, because a false rejection in it needs that of its extreme true member. A group makes
    way for the others (``m`` falls by one) when all of it is rejected.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 1979;
    the nested groups by the argument above.

    Args:
        p: one p-value per cell.
        groups: label of every cell's group; every cell its own if ``None``.
    """
    p = np.asarray(p, dtype=float)
    if not p.size:
        return p
    labels = list(range(len(p))) if groups is None else list(groups)
    index = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    member = np.array([index[label] for label in labels])
    m = len(index)
    largest = np.zeros(m)
    np.maximum.at(largest, member, p)
    order = np.argsort(largest, kind="stable")
    remaining = m - np.arange(m)
    cost = np.concatenate([[0.0], np.maximum.accumulate(remaining * largest[order])])
    place = np.empty(m, dtype=int)
    place[order] = np.arange(m)
    adjusted = [
        np.maximum(cost[: place[g] + 1], remaining[: place[g] + 1] * value).min()
        for g, value in zip(member, p, strict=True)
    ]
    return np.minimum(adjusted, 1.0)
