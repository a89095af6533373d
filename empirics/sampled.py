r"""TV of laws that are known by their samples: certified limits for every generation.

All lower limits of a run to the target hold together with the confidence level of its numerics
(Bonferroni over replicates and generations), and so do those to the training mixtures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.distances.certified import TVInterval, certified_limits
from empirics.distances.classifier import Judge
from empirics.experiment import Experiment
from empirics.loop import PointDraws
from empirics.protocols import FittedModel, HasLogDensity, drawn_points, log_densities
from empirics.quantities import LimitsRecord
from empirics.targets import Samples

__all__ = ["Sampled"]

Array = np.ndarray
_DRAWS_PER_HELD = 10
"""Points of a model per held-out point, beyond which more of them tell hardly more."""
_NAMES = ("held-out points", "model")


@dataclass(frozen=True, eq=False)
class Sampled:
    """The measurement of the fitted models of one replicate.

    Args:
        experiment: target, numerics, and how many cells share the error rate.
        draws: the replicate's points of models, past what stands between generations.
        judge: the user's own classifier or embedding.
    """

    experiment: Experiment
    draws: PointDraws
    judge: Judge | None = None

    @property
    def generator(self) -> np.random.Generator:
        """The replicate's source of randomness."""
        return self.draws.generator

    def record(self, j: int, row: Array, laws: list[FittedModel]) -> LimitsRecord:
        """Limits of model ``j``, the last of ``laws``, to the target and to its mixture."""
        law = laws[j]
        tv = self._limits(law, self._real(self._size))
        step = tv if j == 1 else self._to_mixture(law, row)
        unknown = np.full(1, np.nan)
        return LimitsRecord(
            tv=unknown,
            tv_error=unknown,
            one_step_tv=unknown,
            one_step_error=unknown,
            noise=unknown,
            mass_defect=np.zeros(1),
            tv_low=np.array([tv.low]),
            tv_high=_upper(tv),
            one_step_low=np.array([step.low]),
            one_step_high=_upper(step),
        )

    @property
    def _confidence(self) -> float:
        e = self.experiment
        cells = e.replicates * e.generations
        return 1 - (1 - e.numerics.confidence_level) / cells

    @property
    def _size(self) -> int:
        """Points of the target that a model is measured against."""
        target = self.experiment.target
        return len(target.held) if isinstance(target, Samples) else self.experiment.numerics.draws

    def _real(self, size: int) -> Float[Array, "size d"]:
        target = self.experiment.target
        if isinstance(target, Samples):
            return self._rows(self.generator.permutation(target.held)[:size])
        return self._rows(target.sample(size, self.generator))

    def _model(self, law: FittedModel, size: int) -> Float[Array, "size d"]:
        name, dimension = f"model {type(law).__name__}", self.experiment.target.dimension
        given = law.sample(size, self.generator)
        return self._rows(drawn_points(name, given, size, dimension))

    def _rows(self, points: Array) -> Float[Array, "size d"]:
        dimension = self.experiment.target.dimension
        return np.reshape(np.asarray(points, dtype=float), (len(points), dimension))

    def _to_mixture(self, law: FittedModel, row: Array) -> TVInterval:
        """Independent points of the mixture; its real ones are held-out ones, each used once."""
        which = self.generator.choice(len(row), self._mixed_size(row), p=row / row.sum())
        counts = np.bincount(which, minlength=len(row))
        if counts[0] > self._size:
            # The held-out points do not reach; zero is a limit whatever the data.
            return TVInterval(0.0, None, self._confidence, "too few held-out points")
        parts = [self._real(int(counts[0]))]
        parts += [self._rows(self.draws.points(k, int(c))) for k, c in enumerate(counts) if k and c]
        drawn = np.concatenate([part for part in parts if len(part)])
        return self._limits(law, self.generator.permutation(drawn))

    def _mixed_size(self, row: Array) -> int:
        """Size of a mixed sample that the held-out points allow, less six standard deviations."""
        most = self.experiment.numerics.draws
        if row[0] <= 0 or not isinstance(self.experiment.target, Samples):
            return most
        return min(most, int((np.sqrt(self._size + 9) - 3) ** 2 / row[0]))

    def _limits(self, law: FittedModel, others: Float[Array, "size d"]) -> TVInterval:
        size = min(self.experiment.numerics.draws, _DRAWS_PER_HELD * len(others))
        return certified_limits(
            others,
            self._model(law, size),
            self._confidence,
            self.generator,
            letters=getattr(self.experiment.target, "letters", None),
            judge=self.judge,
            known=self._known(law),
            names=_NAMES,
        )

    def _known(self, law: FittedModel) -> dict[str, Callable[[Array], Any]]:
        """Log densities that are known of one of the two laws: fixed functions of a point."""
        found: dict[str, Callable[[Array], Any]] = {}
        if isinstance(law, HasLogDensity):
            found["log density of the model"] = self._on_points(law.log_density)
        if self.experiment.target.has_density:
            found["log density of the target"] = self._on_points(self._target_log)
        return found

    def _on_points(self, function: Callable[[Array], Any]) -> Callable[[Array], Array]:
        on_line = self.experiment.target.dimension == 1
        return lambda x: log_densities(function(x[:, 0] if on_line else x), len(x))

    def _target_log(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.experiment.target.density(x)))


def _upper(found: TVInterval) -> Float[Array, "1"]:
    return np.array([1.0 if found.high is None else found.high])
