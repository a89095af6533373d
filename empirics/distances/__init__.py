"""Total variation between laws: from cell masses, on a lattice, by draws, or from samples alone."""

from empirics.distances.betting import Interval, betting_interval
from empirics.distances.cells import TotalVariation, total_variation
from empirics.distances.certified import TVInterval, certified_limits, tv_interval
from empirics.distances.classifier import Judge
from empirics.distances.lattice import LatticeDistance, lattice_total_variation
from empirics.distances.monte_carlo import monte_carlo_total_variation

__all__ = [
    "Interval",
    "Judge",
    "LatticeDistance",
    "TVInterval",
    "TotalVariation",
    "betting_interval",
    "certified_limits",
    "lattice_total_variation",
    "monte_carlo_total_variation",
    "total_variation",
    "tv_interval",
]
