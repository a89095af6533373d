"""The rate at which mean TV falls with the number of points; no constant is needed."""

import numpy as np

from bounds import Side, cycles
from empirics.targets import Target, normal
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import THREE_MODES, kde
from verify.statements import RateExponent

__all__ = ["CLAIM"]

_PAPER = 1 / 4
_KDE = {"1-D": 2 / 5, "2-D": 2 / 6}


def _curve(
    group: str, target: Target, constant: float, sizes: np.ndarray, runs: int
) -> tuple[Loop, ...]:
    return tuple(
        Loop(
            group,
            kde(target, constant, cycles.fresh_real(n=int(n), share=0.3), 3, runs),
            int(n),
            "n",
        )
        for n in sizes
    )


def _loops(scale: Scale) -> tuple[Loop, ...]:
    line, plane = scale.pick((200, 48), (2000, 400))
    return (
        *_curve("1-D", THREE_MODES, 0.55, np.geomspace(1e4, 1e6, 3), line),
        *_curve("2-D", normal(2), 1.0, np.geomspace(1e3, 9e3, 3), plane),
    )


CLAIM = Claim(
    name="rate-in-size",
    sentence=(
        "Mean TV of a kernel-density loop falls at least like n^(-1/4), the paper's rate, in"
        " generations 1 and 3, and in fact like n^(-2/(d+4)) within 0.06 in the exponent."
    ),
    source="diffusion-rate (reconstructed) and kde-rate-second-order of the catalogue",
    loops=_loops,
    statements=(
        RateExponent(_PAPER, Side.LOWER, (1, 3), off=0.5),
        RateExponent(_KDE, Side.PREDICTION, (1, 3), tolerance=0.06, off=0.5),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.EXPONENT, Control.SIDE),
)
