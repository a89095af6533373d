r"""Fitting the mean of ``N(mu, 1)``: every model is ``N(mu_j, 1)`` with the mean of its data.

.. math:: \mathrm{TV}(N(\mu,1), N(0,1)) = 2\Phi(|\mu|/2) - 1, \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\frac{\sqrt{C_{jj}}}{2},

because ``mu_j`` is exactly normal with variance ``C_jj`` (:mod:`empirics.closed_form.moments`) and
``P(|Z| < t |Z'|) = (2/pi) arctan t`` for independent standard normal ``Z, Z'``.

Samples may pass operators that take ``N(mu_k, 1)`` to ``N(a_k mu_k + b_k, v_k)``. Then ``mu_j`` is
normal with a mean ``m_j`` of its own, and with Owen's function ``T``

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) = P(|Z| < |\mu_j| / 2)
          = 1 - 4\, T\Bigl(\frac{m_j}{\sqrt{4 + C_{jj}}}, \frac{2}{\sqrt{C_{jj}}}\Bigr),

as ``mu_j/2 - Z`` and ``mu_j/2 + Z`` are jointly normal and have one sign exactly if ``|Z| <
|mu_j|/2``.

Derived: as the entries ``gaussian-mean``, for a general weight matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import erf, ndtr, owens_t

from bounds.cycles import DataCycle, Protocol
from bounds.hypotheses import LoopFacts, ModelKind
from empirics.closed_form.moments import check_loop, error_variances
from empirics.closed_form.normal_fit import normal_tv
from empirics.errors import number
from empirics.experiment import checked_operators, operator_of, shown
from empirics.loop import Batch, Draws, Training, generations
from empirics.memory import require
from empirics.operators import NormalImage, of_normal
from empirics.runs import Runs

__all__ = ["GaussianMean"]

Array = np.ndarray
_REACH = 8.5
_CELLS = 600
_PLAIN = NormalImage(1.0, 0.0, 1.0, 1.0)
"""Of samples that pass no operator."""


@dataclass(frozen=True, kw_only=True)
class GaussianMean:
    """A loop that fits the mean of a normal law of known variance, stratified training data.

    Args:
        cycle: which data each generation trains on: fresh, reused or renewed.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.
        one_step: whether the TV to the training mixture is measured too, by quadrature.
        shift: displacement of every draw from a model: zero, except for a planted fault.
        between: what a model's samples pass, as in an experiment: operators that take normal laws
            to normal laws.

    Raises:
        InputError: an argument is outside its range, the data is resampled from a pool, or an
            operator takes a normal law to one that is not normal.
    """

    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0
    one_step: bool = False
    shift: float = 0.0
    between: Any = None

    def __post_init__(self) -> None:
        check_loop(self, Protocol.FRESH, Protocol.REUSED, Protocol.RENEWED)
        number("shift", self.shift)
        object.__setattr__(self, "between", checked_operators(self.between, self.generations, 1))
        for k in range(1, self.generations + 1):
            self._image(k)

    def __repr__(self) -> str:
        return shown(self)

    @property
    def mean_tv(self) -> Float[Array, "generations"]:
        """The exact mean TV of every generation (without a planted fault)."""
        steps = range(1, self.generations + 1)
        images = None if self.between is None else [self._image(k) for k in steps]
        deviation = np.sqrt(error_variances(self.cycle, self.generations, images=images))
        if images is None:
            return 2 / np.pi * np.arctan(deviation / 2)
        mean = self._expected_means(images)
        return np.asarray(1 - 4 * owens_t(mean / np.hypot(2, deviation), 2 / deviation))

    def _expected_means(self, images: Sequence[NormalImage]) -> Float[Array, "generations"]:
        passed = np.zeros(self.generations + 1)
        means = np.zeros(self.generations)
        for j, row in enumerate(self.cycle.weight_matrix(self.generations), start=1):
            means[j - 1] = row[:j] @ passed[:j]
            passed[j] = images[j - 1].slope * means[j - 1] + images[j - 1].shift
        return means

    def _image(self, k: int) -> NormalImage:
        """The image of ``N(m, 1)`` under the operator of model ``k``."""
        operator = operator_of(self.between, k) if k else None
        return _PLAIN if operator is None else of_normal(operator, 0.0, 1.0)

    @property
    def _facts(self) -> LoopFacts:
        passes = self.between is not None
        return LoopFacts(
            model=ModelKind.NORMAL_MEAN,
            target="normal",
            dimension=1,
            population=False,
            between=repr(self.between) if passes else None,
            operators=self._terms if passes else None,
        )

    @property
    def _terms(self) -> tuple[Array, Array] | None:
        """Constants and biases of the operators, ``None`` if a constant is not known."""
        images = [self._image(k) for k in range(1, self.generations + 1)]
        constants = [image.constant for image in images]
        if None in constants:
            return None
        shifts, variances = (
            np.array([getattr(i, n) for i in images]) for n in ("shift", "variance")
        )
        return np.array(constants, dtype=float), normal_tv(shifts, variances)

    def run(self) -> Runs:
        """All runs at once.

        Raises:
            InputError: more memory is needed than there is.
        """
        numbers = self.replicates * (6 * self.generations + self.one_step * 8 * _CELLS)
        require("runs", 8 * numbers, "use fewer replicates or generations")
        means, facts = self._means(), self._facts
        tv = erf(np.abs(means[:, 1:]) / np.sqrt(8))
        if not self.one_step:
            return Runs(cycle=self.cycle, tv=tv, facts=facts)
        step, error = self._one_step(means)
        one_step = np.minimum(step, 1.0)
        return Runs(cycle=self.cycle, tv=tv, tv_error=error, one_step_tv=one_step, facts=facts)

    def _means(self) -> Float[Array, "runs generations+1"]:
        """``mu_0 = 0, mu_1, ...`` of every run."""
        stream = np.random.default_rng(self.seed)
        family = _Means(self.replicates, self.shift, stream, self._image)
        steps = generations(self.cycle, self.generations, family.learn, family)
        return np.stack([np.zeros(self.replicates), *steps], axis=1)

    def _one_step(self, means: Array) -> tuple[Array, Array]:
        """TV to the mixture, and the difference that half as many cells make."""
        rows = self.cycle.weight_matrix(self.generations)
        images = [self._image(k) for k in range(self.generations)]
        slopes, shifts, variances = (
            np.array([getattr(image, name) for image in images])
            for name in ("slope", "shift", "variance")
        )
        passed, scales = slopes * means[:, :-1] + shifts, np.sqrt(variances)
        fine, coarse = (
            np.stack(
                [
                    _step(means[:, j], passed[:, :j], scales[:j], rows[j - 1, :j], cells)
                    for j in range(1, self.generations + 1)
                ],
                axis=1,
            )
            for cells in (_CELLS, _CELLS // 2)
        )
        return fine, np.abs(fine - coarse)


class _Means(Draws[Array]):
    """Means of what the laws of every run pass to; the data of a model is its mean."""

    def __init__(
        self,
        runs: int,
        shift: float,
        generator: np.random.Generator,
        image: Callable[[int], NormalImage],
    ) -> None:
        self._passed, self._images = [np.zeros(runs)], [image(0)]
        self._image, self._shift, self._generator = image, shift, generator

    def fresh(self, row: Array, size: int) -> Float[Array, "runs"]:
        """Mean of points of the mixture, as many of each law as fall to it."""
        excess = float(row @ np.array([image.variance - 1 for image in self._images]))
        noise = self._noise(size, 1 + excess)
        return np.stack(self._passed, axis=1) @ row + noise + self._shift * (1 - row[0])

    def batch(self, k: int, size: int) -> Float[Array, "runs"]:
        """Mean of points of one law."""
        noise = self._noise(size, self._images[k].variance)
        return self._passed[k] + noise + self._shift * (k > 0)

    def joined(self, batches: Sequence[Batch[Array]]) -> Float[Array, "runs"]:
        """Mean of the weighted pool."""
        laws, runs = len(self._passed), len(self._passed[0])
        row, pooled = np.zeros(laws), np.zeros((runs, laws))
        for b in batches:
            row[b.law], pooled[:, b.law] = b.weight, b.data
        return pooled @ row

    def learn(self, j: int, row: Array, training: Training[Array]) -> Float[Array, "runs"]:
        """Take the mean of the data for the model's."""
        del row
        assert training.data is not None
        image = self._image(j)
        self._images.append(image)
        self._passed.append(image.slope * training.data + image.shift)
        return training.data

    def _noise(self, size: int, variance: float) -> Float[Array, "runs"]:
        normal = self._generator.standard_normal(len(self._passed[0]))
        return normal / np.sqrt(size) * np.sqrt(variance)


def _step(
    model: Array, passed: Array, scales: Array, row: Array, cells: int
) -> Float[Array, "runs"]:
    """TV between the last model and the mixture of what those before it pass to."""
    used = np.flatnonzero(row)
    if len(used) > 1:
        return _to_mixture(model, passed[:, used], scales[used], row[used], cells)
    gap, scale = model - passed[:, used[0]], scales[used[0]]
    return np.asarray(erf(np.abs(gap) / np.sqrt(8)) if scale == 1 else normal_tv(gap, scale**2))


def _to_mixture(
    model: Array, means: Array, scales: Array, row: Array, cells: int
) -> Float[Array, "runs"]:
    """TV between ``N(model, 1)`` and the mixture, from exact masses of grid cells.

    A cell in which the difference changes sign gets the excess of a broken line.
    """
    reach = _REACH * scales
    low = min(model.min() - _REACH, (means - reach).min())
    high = max(model.max() + _REACH, (means + reach).max())
    edges = np.linspace(low, high, cells + 1)

    def difference(f: Callable[[Array], Array], power: int) -> Array:
        parts = zip(row, means.T[..., None], scales, strict=True)
        return np.asarray(
            f(edges - model[:, None]) - sum(w * f((edges - m) / s) / s**power for w, m, s in parts)
        )

    mass = np.diff(difference(ndtr, 0), axis=1)
    ends = difference(_normal_density, 1) * (high - low) / cells
    a, b = ends[:, :-1], ends[:, 1:]
    total = np.abs(a) + np.abs(b)
    broken = (a**2 + b**2) / np.where(total > 0, 2 * total, 1.0) - np.abs(a + b) / 2
    excess = np.where(a * b < 0, broken, 0.0)
    return np.asarray(0.5 * (np.abs(mass) + excess).sum(axis=1))


def _normal_density(z: Array) -> Array:
    return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
