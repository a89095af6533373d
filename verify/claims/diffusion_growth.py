"""Growth of diffusion loops over the generations: full synthetic, fresh share, accumulating."""

from bounds import Side, cycles
from bounds.theorems.accumulating import limit_constant
from empirics.models import Diffusion, PowerTime
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import Bounded, GrowthExponent

__all__ = ["CLAIM"]

_SHARE = 0.5
_GAMMA = 0.4
_OFF = 0.4
"""Exponents and ratios are known less well than means: their control is off by two fifths."""


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, steps, runs = scale.pick((64, 8, 192), (256, 30, 1000))
    model = Diffusion(width=width, training_time=PowerTime(0.5, 1.0))
    data = {
        "full synthetic": cycles.full_synthetic(n=1000),
        "fresh real 50 %": cycles.fresh_real(n=1000, share=_SHARE),
        "accumulating": cycles.accumulating(n=1000),
    }
    return tuple(Loop(g, diffusion(model, c, steps, runs)) for g, c in data.items())


CLAIM = Claim(
    name="diffusion-growth",
    sentence=(
        "The mean TV of diffusion loops grows with full synthetic data, and no faster than the"
        " generation; a fresh real share of one half keeps it below twice that of generation 1,"
        " and accumulating below the limit of its bound."
    ),
    source="full-synthetic, fresh-real and accumulating of the catalogue; measured",
    loops=_loops,
    statements=(
        GrowthExponent(1.0, Side.UPPER, off=_OFF, groups=("full synthetic",)),
        GrowthExponent(0.0, Side.LOWER, off=_OFF, groups=("full synthetic",)),
        Bounded(1 / _SHARE, off=_OFF, groups=("fresh real 50 %",)),
        Bounded(float(limit_constant(_GAMMA)), off=_OFF, groups=("accumulating",)),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
