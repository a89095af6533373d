"""Shared parts of the kernel-density theorems: hypotheses, steps, exact loops on rings of letters.

On the ring of m letters a kernel is a law, smoothing is a circular convolution, and all samples of
two points can be listed, so that means and variances are exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations, product
from math import prod

from bounds.checks import Check, Law, exact, over_laws, simplex
from bounds.cycles import Protocol
from bounds.hypotheses import Hypothesis, ModelKind, known
from bounds.proof import Step
from bounds.worst_case import total_variation

__all__ = [
    "AROUND",
    "FIXED_BANDWIDTH",
    "INDEPENDENT",
    "KERNEL",
    "MEAN_MIXTURE",
    "MEAN_OF_SIZE",
    "NORMAL_KERNEL",
    "REAL_ONLY",
    "WEIGHTS",
    "estimates",
    "mean",
    "on_rings",
    "propagated",
    "redrawn",
    "smooth",
    "smoothing_steps",
    "spread",
    "variance",
]

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
_POINTS = 2
_KERNELS: tuple[Law, ...] = tuple(
    (centre, (1 - centre) / 2, (1 - centre) / 2)
    for centre in (Fraction(1), Fraction(1, 2), Fraction(1, 3))
)
_LAZY = (Fraction(7, 8), Fraction(1, 8))


def smooth(kernel: Law, law: Law) -> Law:
    """Return the circular convolution of a kernel and a law on the ring."""
    size = len(law)
    places = range(size)
    return tuple(
        sum((kernel[(x - y) % size] * law[y] for y in places), Fraction(0)) for x in places
    )


def spread(kernel: Law, law: Law) -> Law:
    """Return the variance that one point brings to the density, ``K^2 * p - (K * p)^2``."""
    squares = smooth(tuple(value**2 for value in kernel), law)
    return tuple(u - v**2 for u, v in zip(squares, smooth(kernel, law), strict=True))


def estimates(kernel: Law, law: Law) -> Iterator[tuple[Fraction, Law]]:
    """Yield every kernel density estimate from two points of a law, with its probability."""
    size = len(law)
    for points in product(range(size), repeat=_POINTS):
        counts = tuple(Fraction(points.count(x), _POINTS) for x in range(size))
        chance = Fraction(1)
        for point in points:
            chance *= law[point]
        yield chance, smooth(kernel, counts)


def redrawn(kernel: Law, law: Law, *, replaced: bool) -> Iterator[tuple[Fraction, Law]]:
    """Yield every estimate from two of three kept points of a law, with its probability."""
    size = len(law)
    for pool in product(range(size), repeat=_POINTS + 1):
        pairs = list(product(pool, repeat=_POINTS) if replaced else permutations(pool, _POINTS))
        chance = prod((law[point] for point in pool), start=Fraction(1)) / len(pairs)
        for points in pairs:
            counts = tuple(Fraction(points.count(x), _POINTS) for x in range(size))
            yield chance, smooth(kernel, counts)


def mean(outcomes: list[tuple[Fraction, Law]]) -> Law:
    """Return the mean of random densities."""
    size = len(outcomes[0][1])
    return tuple(sum((c * e[x] for c, e in outcomes), Fraction(0)) for x in range(size))


def variance(outcomes: list[tuple[Fraction, Law]]) -> Law:
    """Return the variance of random densities, letter by letter."""
    centre = mean(outcomes)
    size = len(centre)
    return tuple(
        sum((c * (e[x] - centre[x]) ** 2 for c, e in outcomes), Fraction(0)) for x in range(size)
    )


def on_rings(claim: Callable[[Law, Law], bool], *wrong: Callable[[Law, Law], bool]) -> Check:
    """Return the check of a statement about every kernel and law on the ring of three letters."""

    def holds(statement: Callable[[Law, Law], bool]) -> bool:
        return all(statement(kernel, law) for kernel in _KERNELS for law in simplex(3, 3))

    return exact(holds, claim, *wrong, cases="all samples of two points on a ring of three letters")


def _moments_are(factor: Fraction) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        found = list(estimates(kernel, law))
        claimed = tuple(factor * value for value in spread(kernel, law))
        return mean(found) == smooth(kernel, law) and variance(found) == claimed

    return statement


def _of_size(share: Fraction) -> Callable[[Law, Law], bool]:
    """``(E|p^ - q|)^2 <= b^2 + share v / n`` at every letter, q the first letter's law."""

    def statement(kernel: Law, law: Law) -> bool:
        found = list(estimates(kernel, law))
        smoothed, noise = smooth(kernel, law), spread(kernel, law)
        return all(
            sum((c * abs(e[x] - law[x]) for c, e in found), Fraction(0)) ** 2
            <= (smoothed[x] - law[x]) ** 2 + share * noise[x] / _POINTS
            for x in range(len(law))
        )

    return statement


AROUND = Step(
    "The estimate is a mean of n independent kernels: at every point its mean is the smoothed law"
    " and its variance that of one kernel over n.",
    r"\mathbb{E}\,\hat p = K_h * p, \qquad \mathrm{Var}\,\hat p = \frac{v}{n}, \quad"
    r" v = K_h^2 * p - (K_h * p)^2",
    ("definition of the kernel density estimate",),
    on_rings(
        _moments_are(Fraction(1, _POINTS)),
        _moments_are(Fraction(1)),
        _moments_are(Fraction(1, _POINTS**2)),
    ),
)
"""Mean and variance of one estimate."""


MEAN_OF_SIZE = Step(
    "At every point the mean of the absolute difference is at most the root of its mean square,"
    " which is squared bias plus variance.",
    r"\mathbb{E}|\hat p - q| \le \sqrt{(K_h * p - q)^2 + v/n}",
    ("Cauchy-Schwarz",),
    on_rings(_of_size(Fraction(1)), _of_size(Fraction(1, 4)), _of_size(Fraction(0))),
)
"""The mean absolute error at a point."""


_CONCENTRATED = (Fraction(7, 8), Fraction(1, 8))


def _averages_below(p: Law, q: Law, most: Fraction = Fraction(1)) -> bool:
    """Whether the mean of the spreads of two laws, times ``most``, is below that of their mean."""
    kernel = (*_CONCENTRATED, *(Fraction(0) for _ in p[2:]))
    middle = tuple((u + v) / 2 for u, v in zip(p, q, strict=True))
    ends = zip(spread(kernel, p), spread(kernel, q), strict=True)
    return all(
        of_middle >= most * (u + v) / 2
        for of_middle, (u, v) in zip(spread(kernel, middle), ends, strict=True)
    )


MEAN_MIXTURE = Step(
    "The spread v is concave in the law, a linear term minus a square, and the root is concave and"
    " increasing: where the law that is sampled depends on the past, its mean bounds the mean.",
    r"\mathbb{E} \int \sqrt{v_{\tilde p}} \le \int \sqrt{v_{\tilde\mu}}, \quad v_p = K_h^2 * p -"
    r" (K_h * p)^2, \quad \tilde\mu = \mathbb{E} \tilde p",
    ("Jensen",),
    over_laws(
        _averages_below,
        lambda p, q: _averages_below(p, q, Fraction(9, 8)),
        lambda p, q: p == q or not _averages_below(p, q),
        count=2,
    ),
)
"""The mean noise of a random mixture."""


def _contracts(factor: int) -> Callable[[Law, Law], bool]:
    def statement(p: Law, q: Law) -> bool:
        lazy = (*_LAZY, *(Fraction(0) for _ in p[2:]))
        return factor * total_variation(smooth(lazy, p), smooth(lazy, q)) <= total_variation(p, q)

    return statement


def smoothing_steps(operator: str, *uses: str) -> tuple[Step, ...]:
    """Return the steps of the recursion in which the bias of smoothing counts only at ``p_0``.

    Args:
        operator: LaTeX of the Markov operator of generation j.
        uses: hypotheses that make it one.
    """
    return (
        Step(
            "Go from the model to its smoothed mixture, to the smoothed real law, to the real law.",
            rf"\mathrm{{TV}}(p_j, p_0) \le X_j + \mathrm{{TV}}({operator} \tilde p_{{j-1}},"
            rf" {operator} p_0) + b_j, \quad X_j = \mathrm{{TV}}(p_j, {operator} \tilde p_{{j-1}}),"
            rf" \quad b_j = \mathrm{{TV}}({operator} p_0, p_0)",
            ("triangle inequality", "definition of the loop", *uses),
        ),
        Step(
            "Smoothing is a Markov operator, so it does not drive two laws apart: bias counts at"
            " the real law only.",
            rf"\mathrm{{TV}}({operator} \tilde p_{{j-1}}, {operator} p_0) \le"
            r" \mathrm{TV}(\tilde p_{j-1}, p_0) \le \sum_{k=1}^{j-1} w_{j-1,k}"
            r" \mathrm{TV}(p_k, p_0)",
            ("contraction of TV", "convexity of TV"),
            over_laws(_contracts(1), _contracts(2), count=2),
        ),
    )


def propagated(error: str) -> Step:
    """Return the step that solves the recursion, each generation adding ``error``."""
    return Step(
        "This is the system of inequalities that error propagation solves, with another error: the"
        " inverse of I - W has no negative entry.",
        rf"\mathrm{{TV}}(p_j, p_0) \le \sum_{{k \le j}} G_{{jk}} \, ({error})",
        ("error-propagation",),
    )
