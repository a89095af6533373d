"""The quantities that kernel-density theorems need of a loop, by quadrature without a sample."""

from bounds.kde.quantities import (
    Along,
    LoopMoments,
    along,
    kde_quantities,
    loop_moments,
    one_generation_quantities,
)
from bounds.kde.setting import (
    GaussianTransform,
    Normal,
    QuadratureKernel,
    QuadratureTarget,
    Setting,
)

__all__ = [
    "Along",
    "GaussianTransform",
    "LoopMoments",
    "Normal",
    "QuadratureKernel",
    "QuadratureTarget",
    "Setting",
    "along",
    "kde_quantities",
    "loop_moments",
    "one_generation_quantities",
]
