"""Total variation between laws: from cell masses, on a lattice, or by draws with an interval."""

from empirics.distances.cells import TotalVariation, total_variation
from empirics.distances.lattice import LatticeDistance, lattice_total_variation
from empirics.distances.monte_carlo import Interval, betting_interval, monte_carlo_total_variation

__all__ = [
    "Interval",
    "LatticeDistance",
    "TotalVariation",
    "betting_interval",
    "lattice_total_variation",
    "monte_carlo_total_variation",
    "total_variation",
]
