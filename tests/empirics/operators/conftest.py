"""Operators of every kind on the line, in the plane and on letters."""

import numpy as np

from empirics.operators import (
    Along,
    BestOf,
    Composed,
    Exponential,
    KeepTop,
    MatrixChannel,
    Mixed,
    Noise,
    PerLetter,
    Rounding,
    Shrinking,
    Sigmoid,
    Tilt,
    Toward,
)

ON_LINE = {
    "noise": Noise(0.5),
    "shrinking": Shrinking(0.7, 0.3),
    "shrinking to the mean": Shrinking(0.7),
    "rounding": Rounding(0.9),
    "tilt": Tilt(Exponential(Toward(0.5, 0.8))),
    "filter": Tilt(Sigmoid(2.0, 0.5)),
    "best of 4": BestOf(4, Along(1.0)),
    "curation": BestOf(3, Toward(0.4, 0.5), "bradley-terry"),
    "keep top": KeepTop(0.3, Toward(-0.2)),
    "mixed": Mixed(KeepTop(0.2, Along(1.0)), 0.4),
    "composed": Composed((Noise(0.1), Tilt(Sigmoid(1.0)), KeepTop(0.6, Along(-1.0)))),
}
IN_PLANE = {
    "noise": Noise(0.5),
    "shrinking": Shrinking(0.7, (0.3, 0.0)),
    "rounding": Rounding(0.9),
    "tilt": Tilt(Exponential(Toward((0.5, -0.2), 0.8))),
    "best of 3": BestOf(3, Along((1.0, 0.5))),
    "curation": BestOf(3, Toward((0.4, 0.1), 0.5), "bradley-terry"),
    "keep top": KeepTop(0.3, Toward((0.0, 0.0))),
}
SCORES = PerLetter((0.3, -0.4, 1.1, 0.3, 0.0))
ROWS = tuple(map(tuple, np.random.default_rng(3).dirichlet(np.ones(5), 5).tolist()))
ON_LETTERS = {
    "matrix": MatrixChannel(ROWS),
    "tilt": Tilt(Exponential(SCORES)),
    "best of 3": BestOf(3, SCORES),
    "curation": BestOf(3, SCORES, "bradley-terry"),
    "keep top": KeepTop(0.35, SCORES),
    "mixed": Mixed(MatrixChannel(ROWS), 0.4),
    "composed": Composed((MatrixChannel(ROWS), KeepTop(0.5, SCORES))),
}
