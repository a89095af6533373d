"""What the kernel-density theorems share: their hypotheses."""

from __future__ import annotations

from bounds.cycles import Protocol
from bounds.loop_facts import ModelKind, known
from bounds.source import Hypothesis

__all__ = ["FIXED_BANDWIDTH", "INDEPENDENT", "KERNEL", "NORMAL_KERNEL", "REAL_ONLY", "WEIGHTS"]

KERNEL = Hypothesis(
    "kernel",
    "the model is a kernel density estimate whose kernel is a non-negative even density",
    loop=known(model=ModelKind.KDE, kernel_is_density=True),
)
NORMAL_KERNEL = Hypothesis(
    "normal kernel",
    "the model is a kernel density estimate with kernel N(0, h^2 I)",
    loop=known(model=ModelKind.KDE, kernel="normal"),
)
FIXED_BANDWIDTH = Hypothesis(
    "fixed bandwidth", "the bandwidths are fixed in advance, before any data is seen"
)
WEIGHTS = Hypothesis("deterministic weights", "the mixing weights w are fixed in advance")
INDEPENDENT = Hypothesis(
    "fresh data",
    "given the past, the points of every generation are independent draws from its mixture",
    lambda cycle: cycle.data is Protocol.FRESH,
    known(population=False),
)
REAL_ONLY = Hypothesis(
    "one generation",
    "the model is trained on n independent real points",
    lambda cycle: (
        cycle.data is Protocol.FRESH
        or (cycle.data is Protocol.REUSED and cycle.batch_size(0) == cycle.size(1))
    ),
    known(population=False),
)
