r"""The quantities of kernel-density bounds along a loop, and the bounds' values there.

They come from the exact mean and a bound on the variance of every model.

With ``mu_j = E p_j`` the mean obeys ``mu_j = K_{h_j} * sum_k w_{j-1,k} mu_k`` exactly, and

.. math:: V_j = \sum_k \frac1{n_k}\bigl[\psi_{jk}^2 * \tilde\mu_{k-1}
          - (\psi_{jk} * \tilde\mu_{k-1})^2\bigr]

bounds the variance of the density, where ``psi_{jk}`` carries a training point of model ``k`` to
model ``j``. Everything is a convolution, so it is computed by Fourier transforms on one grid for
any kernel, target and cycle.

Derived: the proof of the entry ``kde-sandwich``, for fresh data, for a reused pool, and for points
that are resampled from a pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, reduce
from math import prod, sqrt
from typing import Any

import numpy as np

from bounds.bound import Bound
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle, Protocol, check_rows
from bounds.errors import ParameterError
from bounds.kde.grid import QuadratureGrid, absolute_at_most, at_most, quadrature_grid, target_cells
from bounds.kde.setting import Normal, Setting
from bounds.propagation import influence

__all__ = [
    "Along",
    "LoopMoments",
    "along",
    "kde_quantities",
    "loop_moments",
    "one_generation_quantities",
    "root_beyond",
]

Array = np.ndarray
_LEAST_VARIANCE = 1e-300
_HELD = 2**21
"""Cells of all functions that are transformed together."""
_SHELLS = 8
_RATIO = 16.0
_NOISY = {"variance", "kernel_variance", "noise"}
"""Words of a bound that contains the root of a variance."""


@dataclass(frozen=True, eq=False)
class LoopMoments:
    """Functions on the cells of a grid, flattened, one row per generation.

    ``bias`` is ``mu_j - p_0``, ``variance`` is ``V_j``, and ``kernel_variance`` is
    ``K_j^2 * mu~_{j-1} - (K_j * mu~_{j-1})^2``, the variance that one training point brings.
    ``smoothing_bias`` is ``TV(K_{h_j} * p_0, p_0)``, one number per generation. ``bias`` is the
    mean over each cell, so that half the sum of its sizes is never above the TV. What is
    ``at_most`` counts what a cell hides: changes of sign, and the bend of the root near them.
    ``unresolved`` bounds what cells cannot show of the target's density, in TV, and ``left_out``
    what the ends of the grid cut off of half the integral of the root of ``V_j``.
    """

    bias: Array
    variance: Array
    kernel_variance: Array
    smoothing_bias: Array
    bias_at_most: Array
    bias_alone_at_most: Array
    smoothing_bias_at_most: Array
    cell: float
    unresolved: float
    left_out: Array

    @cached_property
    def noise(self) -> Array:
        r"""``1/2 \int sqrt(kernel_variance)``, to be divided by ``sqrt(n_j)``: bounds ``E s_j``."""
        return 0.5 * self.cell * np.sqrt(self.kernel_variance).sum(axis=1)

    def with_hidden_bias(self, alone: bool) -> LoopMoments:
        """The same with the bias that a cell may hide; ``alone`` where no variance is beside it."""
        bias = self.bias_alone_at_most if alone else self.bias_at_most
        return replace(self, bias=bias, smoothing_bias=self.smoothing_bias_at_most)


@lru_cache(maxsize=4)
def loop_moments(setting: Setting) -> tuple[LoopMoments, LoopMoments]:
    """The moments on the quadrature grid and on one with twice its step.

    The difference of a number computed from both estimates its quadrature error.

    Raises:
        ParameterError: the cycle is symbolic or shorter than the loop; see also
            :func:`bounds.kde.grid.quadrature_grid`.
    """
    grid = quadrature_grid(setting)
    return _Propagation(setting, grid).moments(), _Propagation(setting, grid.coarser()).moments()


@dataclass
class _Propagation:
    """Spectra of the means, and the multipliers that carry noise between generations.

    ``_mixtures`` holds the means ``mu~_{j-1}`` of what the models learn.
    """

    setting: Setting
    grid: QuadratureGrid
    _rows: Array = field(init=False)
    _kernels: list[Array] = field(init=False)
    _means: list[Array] = field(init=False)
    _mixtures: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = _rows(self.setting)
        self._kernels = [self._kernel(h) for h in self.setting.bandwidths]
        self._means = [self.grid.target_spectrum(self.setting.target)]
        self._mixtures = []
        for kernel, row in zip(self._kernels, self._rows, strict=True):
            learned = [w * mean for w, mean in zip(row, self._means, strict=False) if w > 0]
            self._mixtures.append(np.sum(learned, axis=0))
            self._means.append(kernel * self._mixtures[-1])

    def moments(self) -> LoopMoments:
        setting, grid = self.setting, self.grid
        real = target_cells(setting.target, grid)
        steps = range(1, setting.generations + 1)
        bias = [grid.density(self._means[j] * grid.box) - real.mean for j in steps]
        smoothed = [grid.density(k * self._means[0] * grid.box) - real.mean for k in self._kernels]
        variance = [np.maximum(self._variance(j), _LEAST_VARIANCE) for j in steps]
        hidden = [at_most(b, v, real) for b, v in zip(bias, variance, strict=True)]
        return LoopMoments(
            bias=_flat(bias),
            variance=_flat(variance),
            kernel_variance=np.maximum(
                _flat(
                    [self._spread(k, m) for k, m in zip(self._kernels, self._mixtures, strict=True)]
                ),
                0.0,
            ),
            smoothing_bias=0.5 * grid.cell * np.abs(_flat(smoothed)).sum(axis=1),
            bias_at_most=_flat(hidden),
            bias_alone_at_most=_flat([absolute_at_most(b, real) for b in bias]),
            smoothing_bias_at_most=0.5
            * grid.cell
            * _flat([absolute_at_most(b, real) for b in smoothed]).sum(axis=1),
            cell=grid.cell,
            unresolved=real.unresolved + grid.cut,
            left_out=self._left_out(),
        )

    def _left_out(self) -> Array:
        """``1/2 sum_k G_jk n_k^(-1/2) (int K^2)^(1/2) int_outside p^(1/2)``."""
        setting, grid = self.setting, self.grid
        squares = [(grid.density(k.astype(complex)) ** 2).sum() * grid.cell for k in self._kernels]
        root = np.sqrt(max(squares)) * root_beyond(setting.target, grid.tail)
        shares = influence(setting.cycle, setting.generations)
        return np.asarray(0.5 * root * (shares / np.sqrt(self._sizes())).sum(axis=1))

    def _sizes(self) -> Array:
        """Training points of every model, unequally weighted ones for as many as they are worth."""
        cycle, steps = self.setting.cycle, self.setting.generations
        if cycle.data is not Protocol.RENEWED:
            return cycle.sizes(steps)
        batches = np.array([float(cycle.batch_size(k)) for k in range(steps)])
        return np.asarray(1 / (self._rows[:, :steps] ** 2 / batches).sum(axis=1))

    def _kernel(self, bandwidth: float) -> Array:
        transform = self.setting.kernel.transform
        return reduce(np.multiply, (transform(bandwidth * w) for w in self.grid.frequencies))

    def _spread(self, multiplier: Array, law: Array) -> Array:
        """``psi^2 * law - (psi * law)^2`` for the functions ``psi`` with these transforms."""
        psi = self.grid.density(multiplier.astype(complex))
        second = self.grid.density(self.grid.transform(psi**2) * law)
        return second - self.grid.density(multiplier * law) ** 2

    def _variance(self, j: int) -> Array:
        draws, out = list(self._draws(j)), np.zeros(self.grid.shape)
        held = max(1, _HELD // out.size)
        for first in range(0, len(draws), held):
            factors, multipliers, laws = zip(*draws[first : first + held], strict=True)
            spreads = self._spread(np.stack(multipliers), np.stack(laws))
            out += np.tensordot(factors, spreads, 1)
        return out

    def _draws(self, j: int) -> Iterator[tuple[float, Array, Array]]:
        """Every draw that model ``j`` still bears: its factor, how it arrives, and its law."""
        cycle, carried = self.setting.cycle, self._carried(j)
        for k, multiplier in carried.items():
            if cycle.data is Protocol.RENEWED:
                yield from self._renewed(k, multiplier)
                continue
            if k > 0 and cycle.data is not Protocol.REUSED:
                share = self._sampled_share(k) / float(cycle.size(k))
                yield share, multiplier * self._kernels[k - 1], self._mixtures[k - 1]
            if k < j and cycle.data is not Protocol.FRESH:
                yield 1 / float(cycle.batch_size(k)), multiplier, self._means[k]

    def _renewed(self, m: int, multiplier: Array) -> Iterator[tuple[float, Array, Array]]:
        """Every model's batches are independent of all others given the laws they come of."""
        for k, w in enumerate(self._rows[m - 1][:m] if m > 0 else ()):
            if w > 0:
                factor = w**2 / float(self.setting.cycle.batch_size(k))
                yield factor, multiplier * self._kernels[m - 1], self._means[k]

    def _carried(self, j: int) -> dict[int, Array]:
        """``Gamma_{jk}``: how an error of law ``k`` (0: of the real data) arrives in model ``j``.

        It enters every later model ``m`` that trains on law ``k``, smoothed by ``K_{h_m}``.
        """
        carried = {j: np.ones_like(self._kernels[0])}
        for k in range(j - 1, -1, -1):
            terms = [
                self._rows[m - 1][k] * self._kernels[m - 1] * carried[m]
                for m in range(k + 1, j + 1)
                if self._rows[m - 1][k] > 0 and m in carried
            ]
            if terms:
                carried[k] = np.sum(terms, axis=0)
        return carried

    def _sampled_share(self, k: int) -> float:
        """Variance factor of the draw of model ``k``'s training points, 1 if with replacement."""
        cycle = self.setting.cycle
        if cycle.data is not Protocol.SUBSAMPLED:
            return 1.0
        pool = sum(cycle.batch_size(i) for i, w in enumerate(self._rows[k - 1]) if w > 0)
        return float((pool - cycle.size(k)) / max(pool - 1, 1))


def _rows(setting: Setting) -> Array:
    cycle, steps = setting.cycle, setting.generations
    try:
        return cycle.weight_matrix(steps)
    except TypeError:
        raise ParameterError(f"cycle = {cycle!r}: must have numbers, not symbols, here") from None


def _flat(rows: list[Array]) -> Array:
    return np.stack(rows).reshape(len(rows), -1)


def root_beyond(target: Any, tail: float) -> float:
    r"""Integral, possibly infinite, of the root of a density outside its window of this tail.

    With the quantiles ``q(tau)`` that a target's window tells,

    .. math:: \int_{q(\tau)}^\infty \sqrt{p} \le \sum_{k \ge 0}
              \sqrt{\tau_k \, (q(\tau_{k+1}) - q(\tau_k))}, \qquad \tau_k = 16^{-k} \tau,

    finite where the tail is lighter than ``|x|^{-2}``.

    Derived: Cauchy-Schwarz on every shell between two quantiles; the shells beyond the last one are
    summed as a geometric series.
    """
    windows = np.array([target.window(tail * _RATIO**-k) for k in range(_SHELLS + 1)])
    masses = tail * _RATIO ** -np.arange(float(_SHELLS))
    across = [float(high - low) for low, high in windows[-1]]
    total = 0.0
    for axis, width in enumerate(across):
        shells = np.abs(np.diff(windows[:, axis], axis=0))
        others = prod(across) / width if width > 0 else 1.0
        total += sqrt(others) * sum(_summed(np.sqrt(masses * side)) for side in shells.T)
    return total


def _summed(shells: np.ndarray) -> float:
    """Their sum with that of a geometric series that goes on like the last two."""
    last, before = float(shells[-1]), float(shells[-2])
    if not last > 0:
        return float(shells.sum())
    ratio = last / before if before > 0 else np.inf
    return float(shells.sum()) + (last * ratio / (1 - ratio) if ratio < 1 else np.inf)


@dataclass(frozen=True)
class Along:
    """Values with the generation on the last axis, and a bound on their quadrature error.

    It is the sum of the change under halving of the step, of what cells hide of the bias (changes
    of sign, and the bend of the root near them), of what they cannot resolve of the target's
    density, and of the tail beyond the ends of the grid.
    """

    value: np.ndarray
    error: np.ndarray


def along(bound: Bound, setting: Setting, **params: Any) -> Along:
    """Evaluate a KDE bound for every generation of a loop.

    Args:
        bound: one of the catalogue's KDE bounds.
        setting: the loop.
        **params: further parameters such as ``delta``, or quantities that were recorded in runs
            and replace the computed ones, such as ``noise`` of shape ``(runs, generations)``.

    Raises:
        ParameterError: a parameter such as ``delta`` is missing, unknown or out of range, or the
            bound is infinite because of the target's tail.
    """
    fine, coarse = loop_moments(setting)
    value, halved, most = (
        _values(bound, setting, m, params)
        for m in (fine, coarse, fine.with_hidden_bias(not _NOISY & set(bound.parameters)))
    )
    error = np.abs(value - halved) + np.abs(most - value) + fine.unresolved
    if not _NOISY & set(bound.parameters):
        return Along(value, error)
    if not np.all(np.isfinite(fine.left_out)):
        raise ParameterError(
            f"target {setting.target!r}: {bound.title!r} is infinite, as is the integral of the"
            " root of a density whose tail is so heavy"
        )
    return Along(value, error + fine.left_out)


def _values(
    bound: Bound, setting: Setting, moments: LoopMoments, params: dict[str, Any]
) -> np.ndarray:
    values, whole = [], _of_the_loop(setting, moments)
    for j in range(1, setting.generations + 1):
        known = {"generation": j, **whole, **_of_generation(moments, whole, j)}
        words = {w: v for w, v in known.items() if w in bound.parameters} | params
        if missing := [w for w in bound.parameters if w not in words]:
            raise ParameterError(f"{', '.join(missing)}: missing, needed by {bound.title!r}")
        values.append(np.asarray(bound.evaluate(**words)))
    return np.stack(values, axis=-1)


def _of_the_loop(setting: Setting, moments: LoopMoments) -> dict[str, Any]:
    """The quantities of a KDE theorem that all generations share, with the influences of all."""
    sizes = setting.cycle.sizes(setting.generations)
    return {
        "cell": moments.cell,
        "influence": influence(setting.cycle, setting.generations),
        "smoothing_bias": moments.smoothing_bias,
        "noise": moments.noise / np.sqrt(sizes),
        "size": sizes,
        "horizon": setting.generations,
    }


def _of_generation(moments: LoopMoments, whole: dict[str, Any], generation: int) -> dict[str, Any]:
    """The quantities of a KDE theorem in one generation."""
    at = generation - 1
    return {
        "n": int(whole["size"][at]),
        "bias": moments.bias[at],
        "variance": moments.variance[at],
        "kernel_variance": moments.kernel_variance[at],
        "influence": whole["influence"][at],
    }


def kde_quantities(
    *,
    bandwidth: Any,
    generation: Any = 1,
    cycle: DataCycle | str | None = None,
    target: Any = None,
    kernel: Any = None,
    dimension: int = 1,
    n: int | None = None,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    """Return the quantities of a KDE theorem by quadrature.

    Args:
        bandwidth: standard deviation of the kernel, one number or one per generation.
        generation: the model, a single integer.
        cycle: a data cycle or the name of one; full synthetic data if only ``n`` is given, a
            fresh real share if ``share`` is, real plus synthetic data if ``lam`` is.
        target: an object with ``dimension``, ``density``, ``window``; ``N(0, I)`` if ``None``.
        kernel: an object with ``transform``; Gaussian if ``None``.
        dimension: of the reference target, 1 or 2.
        n, share, lam: parameters of a cycle given by name.
    """
    widths = _widths(bandwidth, generation)
    _check_methods("target", target, ("density", "window"))
    _check_methods("kernel", kernel, ("transform",))
    steps = int(generation)
    check_rows(steps)
    setting = Setting(
        cycle_of(_implied(share, lam) if cycle is None else cycle, n=n, share=share, lam=lam),
        Normal(int(dimension)) if target is None else target,
        tuple(np.broadcast_to(widths, steps).tolist()),
        **({} if kernel is None else {"kernel": kernel}),
    )
    moments = loop_moments(setting)[0]
    whole = _of_the_loop(setting, moments)
    return whole | _of_generation(moments, whole, steps)


def _widths(bandwidth: Any, generation: Any) -> np.ndarray:
    """One bandwidth, or one for each generation."""
    widths = np.atleast_1d(np.asarray(bandwidth, dtype=float))
    if np.ndim(generation) or widths.ndim > 1 or len(widths) not in (1, int(generation)):
        raise ParameterError(
            f"generation = {generation}, bandwidth: {widths.size} given; a single generation, with"
            " one bandwidth or one for each generation up to it, is required by the quadrature"
        )
    return widths


def _check_methods(word: str, value: Any, methods: tuple[str, ...]) -> None:
    if value is not None and not all(callable(getattr(value, m, None)) for m in methods):
        raise ParameterError(f"{word} = {value!r}: must be an object with {', '.join(methods)}")


def one_generation_quantities(
    *,
    bandwidth: Any,
    n: int,
    target: Any = None,
    kernel: Any = None,
    dimension: int = 1,
) -> dict[str, Any]:
    """Return the quantities of one generation trained on ``n`` real points, by quadrature.

    Args:
        bandwidth: standard deviation of the kernel.
        n: training points.
        target: an object with ``dimension``, ``density``, ``window``; ``N(0, I)`` if ``None``.
        kernel: an object with ``transform``; Gaussian if ``None``.
        dimension: of the reference target, 1 or 2.
    """
    return kde_quantities(
        bandwidth=bandwidth, n=n, target=target, kernel=kernel, dimension=dimension
    )


def _implied(share: float | None, lam: float | None) -> str:
    if lam is not None:
        return "real_plus_synthetic"
    return "full_synthetic" if share is None else "fresh_real"
