"""Rate at which certified limits refute true statements: planted runs of sample-only models."""

import sys
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds import cycles
from bounds.notation import C
from empirics import Experiment, Numerics, run, targets
from verify import Verdict, check

AT_MOST = bounds.define("planted", C, statement="TV is at most C.")


@dataclass(frozen=True)
class Shifted:
    """Draws from the real law, moved along the first axis."""

    gap: float

    def fit(self, samples, generator):
        return ShiftedLaw(self.gap, np.shape(samples)[1:])


@dataclass(frozen=True)
class ShiftedLaw:
    gap: float
    shape: tuple

    def sample(self, size, generator):
        drawn = generator.standard_normal((size, *self.shape))
        drawn.reshape(size, -1)[:, 0] += self.gap
        return drawn


def violated(gap, dimension, checks, draws):
    """Checks of the exact TV as a bound that find it violated; limits 4 %, tests 1 %."""
    truth = max(2 * stats.norm.cdf(gap / 2) - 1, 1e-9)
    found = 0
    for seed in range(checks):
        loop = Experiment(
            target=targets.normal(dimension),
            model=Shifted(gap),
            cycle=cycles.full_synthetic(n=20),
            generations=1,
            replicates=2,
            seed=seed,
            numerics=Numerics(draws=draws, confidence_level=0.96),
        )
        found += check(AT_MOST, run(loop), constant=truth).verdict is Verdict.VIOLATED
    return found


CASES = [(0.0, 1), (0.0, 3), (1.0, 1), (3.0, 1)]


@pytest.mark.parametrize(("gap", "dimension"), CASES[1:3])
def test_what_is_true_is_rarely_refuted(gap, dimension):
    """30 checks each at 5 %: more than 6 with chance 0.002."""
    assert violated(gap, dimension, 30, 150) <= 6


@pytest.mark.slow
@pytest.mark.parametrize(("gap", "dimension"), CASES)
def test_what_is_true_is_refuted_in_five_percent_at_most(gap, dimension):
    """500 checks each, 2000 in all; at exactly 5 %, more than 40 with chance 0.1 %."""
    found = violated(gap, dimension, 500, 300)
    sys.stdout.write(f"gap {gap:g} in {dimension} dimensions: {found} of 500 violated\n")
    assert found <= 40
