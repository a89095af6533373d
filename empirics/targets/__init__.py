"""Laws of the real data: densities with samplers, exact masses and exact smoothings."""

from empirics.targets.base import GaussianSmoothable, HasCharacteristic, Target, Univariate
from empirics.targets.gaussian_mixture import (
    GaussianMixture,
    MultivariateGaussianMixture,
    gaussian_mixture,
    normal,
)
from empirics.targets.univariate import (
    FromDensity,
    Frozen,
    TruncatedMixture,
    beta,
    from_density,
    truncated_mixture,
)

__all__ = [
    "FromDensity",
    "Frozen",
    "GaussianMixture",
    "GaussianSmoothable",
    "HasCharacteristic",
    "MultivariateGaussianMixture",
    "Target",
    "TruncatedMixture",
    "Univariate",
    "beta",
    "from_density",
    "gaussian_mixture",
    "normal",
    "truncated_mixture",
]
