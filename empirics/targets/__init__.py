"""Laws of the real data: densities with samplers, exact masses and exact smoothings."""

from empirics.targets.base import GaussianSmoothable, HasCharacteristic, Target, Univariate
from empirics.targets.gaussian_mixture import (
    GaussianMixture,
    MultivariateGaussianMixture,
    gaussian_mixture,
    normal,
)
from empirics.targets.samples import Samples
from empirics.targets.univariate import (
    FromDensity,
    Frozen,
    TruncatedMixture,
    beta,
    from_density,
    scipy,
    truncated_mixture,
)

__all__ = [
    "KINDS",
    "FromDensity",
    "Frozen",
    "GaussianMixture",
    "GaussianSmoothable",
    "HasCharacteristic",
    "MultivariateGaussianMixture",
    "Samples",
    "Target",
    "TruncatedMixture",
    "Univariate",
    "beta",
    "from_density",
    "gaussian_mixture",
    "normal",
    "scipy",
    "truncated_mixture",
]

KINDS = (normal, gaussian_mixture, truncated_mixture, beta, scipy)
"""The targets that studies name, with those in ``KINDS`` of this package's other files."""
