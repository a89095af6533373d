"""Total variation between laws: from cell masses on a grid, or by Monte Carlo with an interval."""

from empirics.distances.cells import TotalVariation, total_variation
from empirics.distances.monte_carlo import Interval, betting_interval, monte_carlo_total_variation

__all__ = [
    "Interval",
    "TotalVariation",
    "betting_interval",
    "monte_carlo_total_variation",
    "total_variation",
]
