"""Kinds of statements for claims: a bound, an exponent, a rise and fall, the place of a peak."""

from verify.statements.bound_holds import BoundHolds, at_most
from verify.statements.exponents import Bounded, GrowthExponent, RateExponent
from verify.statements.peak import PeakAt
from verify.statements.ratios import Below, EveryRatio, RiseAndFall
from verify.statements.reward import RewardRises

__all__ = [
    "Below",
    "BoundHolds",
    "Bounded",
    "EveryRatio",
    "GrowthExponent",
    "PeakAt",
    "RateExponent",
    "RewardRises",
    "RiseAndFall",
    "at_most",
]
