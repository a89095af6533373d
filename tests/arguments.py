"""Strange arguments of public functions: ``python -m tests.arguments`` prints what gets no line.

It is a process of its own, since the types of arguments are checked at every call in the tests'.
"""

import sys
import warnings
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import sympy as sp
from scipy import stats

import bounds
import empirics
import verify
from bounds import cycles
from bounds.errors import UserError
from empirics import closed_form, models, operators, targets

LONGEST = 1100
POINTS = np.linspace(0.01, 0.99, 50)
MIXTURE = targets.gaussian_mixture([0.5, 0.5], [-1, 1], [0.5, 0.5])
CYCLE = cycles.fresh_real(n=20, share=0.5)
LOOP = {"cycle": CYCLE, "generations": 2, "replicates": 3, "seed": 0}
RESULT = empirics.run(empirics.Experiment(target=MIXTURE, model=models.Kde(0.5), **LOOP))
WORDS = {"n": 100, "generation": 3, "share": "1/2", "gamma": "1/2", "constant": 1}
KDE_WORDS = {"generation": 3, "bandwidth": 0.5, "cycle": CYCLE, "target": MIXTURE}
STRANGE = {
    "huge": 10**400,
    "complex": 1j,
    "NumPy's complex": np.complex128(1 + 1j),
    "complex array": np.array([[1j]]),
    "masked array": np.ma.array([1.0, -1.0], mask=[0, 1]),
    "array without axes": np.array(0.5),
    "empty row": np.array([[]]),
    "ragged": [[1], [1, 2]],
    "list": [1, 2],
    "huge in a list": [10**400],
    "long list": list(range(1000)),
    "long text": "x" * 5000,
    "lines": "a\nb",
    "bytes": b"1",
    "fraction": Fraction(1, 2),
    "decimal": Decimal("0.5"),
    "symbol": sp.Symbol("q"),
    "mapping": {},
    "nothing": None,
    "truth": True,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "negative": -1,
    "object": object(),
}
DOORS = {
    "bounds.get": (bounds.get, {"name": "fresh-real"}),
    "evaluate": (bounds.get("fresh-real").evaluate, WORDS),
    "evaluate a quadrature": (bounds.get("kde-sandwich").evaluate, KDE_WORDS),
    "enclose": (bounds.get("fresh-real").enclose, WORDS),
    "solve": (
        bounds.get("fresh-real").solve,
        {"parameter": "n", "at_most": "1/10"} | {w: v for w, v in WORDS.items() if w != "n"},
    ),
    "full_synthetic": (cycles.full_synthetic, {"n": 10, "data": "fresh"}),
    "fresh_real": (cycles.fresh_real, {"n": 10, "share": 0.5}),
    "real_plus_synthetic": (cycles.real_plus_synthetic, {"n": 9, "lam": 1, "real_start": True}),
    "custom": (cycles.custom, {"n": [9, 9], "rows": [[1], [0.5, 0.5]]}),
    "mixture": (
        targets.gaussian_mixture,
        {"weights": [0.5, 0.5], "means": [-1, 1], "scales": [0.5, 0.5]},
    ),
    "mixture in the plane": (
        targets.gaussian_mixture,
        {"weights": [0.5, 0.5], "means": [[-1, 0], [1, 0]], "scales": 0.5},
    ),
    "truncated mixture": (
        targets.truncated_mixture,
        {"weights": [1.0], "means": [0.0], "scales": [1.0], "interval": (-1, 1)},
    ),
    "normal": (targets.normal, {"dimension": 1}),
    "beta": (targets.beta, {"a": 2.0, "b": 2.0}),
    "scipy": (targets.scipy, {"distribution": "beta", "parameters": {"a": 2, "b": 2}}),
    "from_density": (
        targets.from_density,
        {"function": lambda x: np.full_like(x, 0.5), "interval": (-1, 1)},
    ),
    "Frozen": (targets.Frozen, {"distribution": stats.norm()}),
    "Samples": (
        targets.Samples,
        {"data": POINTS, "holdout": 0.5, "replace": False, "letters": None, "seed": 0},
    ),
    "Kde": (models.Kde, {"bandwidth": 0.5, "kernel": models.Gaussian()}),
    "kde": (models.kde, {"bandwidth": 0.5, "kernel": "gaussian"}),
    "PowerRule": (models.PowerRule, {"constant": 1.0, "exponent": 0.2}),
    "PowerTime": (models.PowerTime, {"constant": 1.0, "exponent": 0.2}),
    "Diffusion": (
        models.Diffusion,
        {"width": 8, "preset": "tanh", "training_time": 1.0, "sampler": "sde", "seed": 0},
    ),
    "TrainedDiffusion": (
        models.TrainedDiffusion,
        {"width": 8, "steps": 9, "batch_size": 8, "learning_rate": 0.1, "averaging": 0.9},
    ),
    "Composed": (operators.Composed, {"parts": (operators.Noise(1.0),)}),
    "MatrixChannel": (operators.MatrixChannel, {"rows": [[0.5, 0.5], [0.5, 0.5]]}),
    "Mixed": (operators.Mixed, {"operator": operators.Noise(1.0), "share": 0.5}),
    "Rounding": (operators.Rounding, {"pitch": 0.1}),
    "Shrinking": (operators.Shrinking, {"factor": 0.5, "centre": 0.0}),
    "Sigmoid": (operators.Sigmoid, {"direction": 1.0, "level": 0.0, "height": 1.0}),
    "Toward": (operators.Toward, {"centre": 0.0, "width": 1.0}),
    "PerLetter": (operators.PerLetter, {"values": (1.0, 2.0)}),
    "Tilt": (operators.Tilt, {"weight": operators.Sigmoid()}),
    "tilt": (operators.tilt, {"reward": "toward"}),
    "best_of": (operators.best_of, {"draws": 2, "reward": "along", "choice": "hard"}),
    "keep_top": (operators.keep_top, {"share": 0.5, "score": "along"}),
    "Numerics": (
        empirics.Numerics,
        {"sampling": "counts", "tv_accuracy": 1e-6, "resolution": 4.0, "window": ((-5.0, 5.0),)},
    ),
    "Experiment": (
        empirics.Experiment,
        {"target": MIXTURE, "model": models.Kde(0.5), "record": (), "between": None, **LOOP},
    ),
    "GaussianMean": (closed_form.GaussianMean, LOOP),
    "Discrete": (closed_form.Discrete, {"real": [0.5, 0.5], **LOOP}),
    "run": (
        empirics.run,
        {"experiment": RESULT.experiment, "workers": 1, "memory": None, "keep_laws": 0},
    ),
    "check": (
        verify.check,
        {
            "bound": bounds.get("kde-sandwich"),
            "result": RESULT,
            "confidence_level": 0.95,
            "tolerance": 0.0,
        },
    ),
    "tv_interval": (
        verify.tv_interval,
        {
            "real": POINTS,
            "synthetic": POINTS + 1,
            "confidence_level": 0.95,
            "method": None,
            "letters": None,
            "draws": 100,
            "seed": 0,
        },
    ),
    "audit": (
        verify.audit,
        {
            "real": POINTS,
            "generations": [POINTS + 1],
            "confidence_level": 0.95,
            "n": 50,
            "share": 0.5,
            "constant": 1,
            "gamma": 0.25,
        },
    ),
    "Runs": (
        verify.Runs,
        {"cycle": CYCLE, "tv": np.full((3, 2), 0.5), "tv_error": 0.0, "one_step_tv": None},
    ),
    "along": (
        verify.along,
        {"bound": bounds.get("kde-sandwich"), "experiment": RESULT.experiment},
    ),
    "define": (
        bounds.define,
        {"name": "mine", "expression": "n**-gamma", "statement": "It holds.", "title": "Mine"},
    ),
    "influence": (bounds.influence, {"cycle": CYCLE, "generations": 3}),
    "depths": (bounds.depths, {"cycle": CYCLE, "generations": 3}),
    "unroll": (bounds.unroll, {"cycle": CYCLE, "generation": 3}),
    "propagate": (bounds.propagate, {"cycle": CYCLE, "errors": [0.1, 0.1]}),
}
"""Public functions, each with arguments that it takes."""


def faults() -> Iterator[str]:
    """Arguments that are neither taken nor refused in one line."""
    warnings.simplefilter("ignore", RuntimeWarning)
    for name, (function, good) in DOORS.items():
        function(**good)
        for word in good:
            for kind, value in STRANGE.items():
                try:
                    function(**good | {word: value})
                except UserError as error:
                    if "\n" in str(error) or len(str(error)) > LONGEST:
                        yield f"{name}, {word}, {kind}: {error}"
                except Exception as error:
                    yield f"{name}, {word}, {kind}: {type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(faults()))
