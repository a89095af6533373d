"""scikit-learn's Gaussian mixture in the loop; see ``empirics/studies/own-mixture.toml``.

Any estimator with ``fit``, parameters to sample from and ``score_samples`` goes in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

__all__ = ["FittedMixture", "Mixture"]

Array = np.ndarray
_SEEDS = 2**31


@dataclass(frozen=True)
class Mixture:
    """Maximum-likelihood Gaussian mixture, fitted by expectation maximisation.

    Args:
        components: number of components.
        starts: initialisations, of which the best is kept.

    Raises:
        InputError: scikit-learn is not installed, or a number is below 1.
    """

    components: int = 3
    starts: int = 1

    def __post_init__(self) -> None:
        if find_spec("sklearn") is None:
            raise InputError("needs scikit-learn: pip install scikit-learn")
        if min(self.components, self.starts) < 1:
            raise InputError(
                f"components = {self.components}, starts = {self.starts}: must be >= 1"
            )

    def fit(
        self, samples: Float[Array, "size ..."], generator: np.random.Generator
    ) -> FittedMixture:
        """The fitted mixture; the seed of its start is drawn from ``generator``."""
        from sklearn.mixture import GaussianMixture

        seed = int(generator.integers(_SEEDS))
        given = {"n_components": self.components, "n_init": self.starts, "random_state": seed}
        flat = samples.ndim == 1
        return FittedMixture(GaussianMixture(**given).fit(_columns(samples, flat)), flat)


@dataclass(frozen=True, eq=False)
class FittedMixture:
    """A fitted mixture; ``flat`` if its points are numbers rather than rows."""

    estimator: Any
    flat: bool

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """A component for each point, then a normal draw."""
        mixture = self.estimator
        which = generator.choice(len(mixture.weights_), size=size, p=mixture.weights_)
        roots = np.linalg.cholesky(mixture.covariances_)[which]
        noise = generator.standard_normal((size, mixture.means_.shape[1]))
        points = mixture.means_[which] + np.einsum("nij,nj->ni", roots, noise)
        return points[:, 0] if self.flat else points

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of the mixture's density."""
        shape = np.shape(x) if self.flat else np.shape(x)[:-1]
        return np.asarray(self.estimator.score_samples(_columns(x, self.flat))).reshape(shape)


def _columns(x: Array, flat: bool) -> Array:
    return np.reshape(x, (-1, 1 if flat else np.shape(x)[-1]))
