"""One operator of every kind, with parameters drawn at random, as strong as is asked for."""

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

__all__ = ["certified", "of_letters", "of_points"]


def of_points(generator, dimension, strength=1.0):
    """Operators on the line or in the plane, by their names; strength in (0, 1]."""

    def vector():
        found = generator.uniform(-0.5, 0.5, dimension)
        return float(found[0]) if dimension == 1 else tuple(found)

    direction = 1.0 if dimension == 1 else (1.0, 0.5)
    simple = {
        "noise": Noise(0.6 * strength),
        "shrinking": Shrinking(1 - 0.4 * strength, vector()),
        "rounding": Rounding(1.2 * strength),
        "tilt": Tilt(Exponential(Toward(vector(), 0.8 / strength))),
        "filter": Tilt(Sigmoid(direction, generator.uniform(-0.5, 0.5))),
        "best of K": BestOf(int(generator.integers(2, 5)), Along(direction)),
        "curation": BestOf(2, Toward(vector(), 0.5), "bradley-terry"),
        "keep top": KeepTop(1 - 0.7 * strength, Toward(vector())),
    }
    return (
        simple
        | _joined(generator, simple, strength)
        | {"shrinking to the mean": Shrinking(1 - 0.4 * strength)}
    )


def of_letters(generator, count, strength=1.0):
    """Operators on an alphabet, by their names; strength in (0, 1]."""
    scores = PerLetter(tuple(generator.normal(0, strength, count)))
    rows = generator.dirichlet(np.ones(count), count)
    simple = {
        "matrix": MatrixChannel(rows / rows.sum(axis=1, keepdims=True)),
        "tilt": Tilt(Exponential(scores)),
        "best of K": BestOf(int(generator.integers(2, 4)), scores),
        "curation": BestOf(2, scores, "bradley-terry"),
        "keep top": KeepTop(1 - 0.7 * strength, scores),
    }
    return simple | _joined(generator, simple, strength)


def _joined(generator, simple, strength):
    """A part of the samples, and one after the other."""
    first, second = generator.choice(np.arange(len(simple)), 2, replace=False)
    parts = list(simple.values())
    return {
        "mixed": Mixed(parts[first], 0.8 * strength),
        "composed": Composed((parts[first], parts[second])),
    }


def certified(operators):
    """Those with a constant."""
    return [o for name, o in operators.items() if name != "shrinking to the mean"]
