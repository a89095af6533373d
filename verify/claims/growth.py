"""Growth over the generations: linear, logarithmic, bounded - at most."""

from bounds import Side, cycles
from bounds.theorems.accumulating import limit_constant
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import THREE_MODES, kde
from verify.statements import Bounded, GrowthExponent

__all__ = ["CLAIM"]

_UNBOUNDED = ("full synthetic", "balanced")


def _loops(scale: Scale) -> tuple[Loop, ...]:
    steps, runs = scale.pick((20, 200), (60, 4000))
    data = {
        "full synthetic": cycles.full_synthetic(n=10_000),
        "balanced": cycles.balanced(n=10_000),
        "accumulating": cycles.accumulating(n=10_000),
    }
    return tuple(Loop(g, kde(THREE_MODES, 0.55, c, steps, runs)) for g, c in data.items())


CLAIM = Claim(
    name="growth",
    sentence=(
        "Over the generations mean TV grows, and no faster than its bound's shape: the generation"
        " itself for full synthetic data, harmonic numbers for balanced data, a bounded sequence"
        " for accumulating data."
    ),
    source="full-synthetic, balanced and accumulating of the catalogue; constants fitted",
    loops=_loops,
    statements=(
        GrowthExponent(1.0, Side.UPPER, groups=_UNBOUNDED),
        GrowthExponent(0.0, Side.LOWER, groups=_UNBOUNDED),
        Bounded(float(limit_constant(0.4)), groups=("accumulating",)),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
