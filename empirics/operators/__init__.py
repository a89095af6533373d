"""Operators: what happens to a model's samples before anyone trains on them.

Curation, filtering, noise and biased sampling, as data. They act on points, on laws on a grid, and
on alphabets; each has a constant that ``bounds`` proves.
"""

from empirics.operators._base import (
    Acting,
    Channel,
    Letters,
    NormalImage,
    Operator,
    Selection,
    Space,
    acts_on_laws,
    drawn,
    of_normal,
    settled,
)
from empirics.operators._scores import (
    Along,
    Exponential,
    PerLetter,
    Score,
    Sigmoid,
    Toward,
)
from empirics.operators.best_of import BestOf, Choice, best_of
from empirics.operators.composed import Composed
from empirics.operators.keep_top import KeepTop, keep_top
from empirics.operators.matrix_channel import MatrixChannel
from empirics.operators.mixed import Mixed
from empirics.operators.noise import Noise
from empirics.operators.rounding import Rounding
from empirics.operators.shrinking import Shrinking
from empirics.operators.tilt import Tilt, tilt

__all__ = [
    "Acting",
    "Along",
    "BestOf",
    "Channel",
    "Choice",
    "Composed",
    "Exponential",
    "KeepTop",
    "Letters",
    "MatrixChannel",
    "Mixed",
    "Noise",
    "NormalImage",
    "Operator",
    "PerLetter",
    "Rounding",
    "Score",
    "Selection",
    "Shrinking",
    "Sigmoid",
    "Space",
    "Tilt",
    "Toward",
    "acts_on_laws",
    "best_of",
    "drawn",
    "keep_top",
    "of_normal",
    "settled",
    "tilt",
]
