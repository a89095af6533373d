"""A model of one's own whose density is not that of its points is refused by name."""

from dataclasses import dataclass
from re import match

import numpy as np
import pytest
from scipy import stats

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.distances import monte_carlo_total_variation

CONSTANT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Fitted:
    """A normal law, with the fault of its model."""

    mean: float
    fault: str

    def sample(self, size, generator):
        drawn = generator.normal(self.mean, 1, size)
        if self.fault == "moved":
            drawn += 0.7
        return drawn[:, None] if self.fault == "column" else drawn

    def log_density(self, x):
        value = -0.5 * (x - self.mean) ** 2 - CONSTANT
        faulty = {
            "constant": value + CONSTANT,
            "half": value - np.log(2),
            "total": value.sum(),
            "nan": np.full(x.shape, np.nan),
            "infinite": value + 1e6,
            "infinity": value + np.inf,
            "zero": np.full(x.shape, -np.inf),
        }
        return faulty.get(self.fault, value)


@dataclass(frozen=True)
class Own:
    fault: str = ""

    def fit(self, samples, generator):
        assert samples.ndim == 1
        return Fitted(float(samples.mean()), self.fault)


def measured(fault="", seed=0):
    return run(
        Experiment(
            target=targets.normal(),
            model=Own(fault),
            cycle=cycles.full_synthetic(n=200),
            generations=2,
            replicates=2,
            seed=seed,
            numerics=Numerics(draws=4000),
        )
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("constant", "does not integrate to one"),
        ("half", "does not integrate to one"),
        ("moved", "disagrees with the points that are sampled"),
        ("total", "has shape () at 2000 points; must be one number each"),
        ("nan", "must be finite and not negative"),
        ("infinite", "does not integrate to one"),
        ("infinity", "must be finite and not negative"),
    ],
)
def test_a_density_that_is_not_of_its_points_is_refused(fault, message):
    with pytest.raises(InputError) as caught:
        measured(fault)
    assert match(r"generation \d: model Fitted: log_density: ", str(caught.value))
    assert "log_density" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_right_density_is_measured_as_before_and_columns_are_points_on_the_line():
    right = measured().matrix("tv")
    exact = 2 * stats.norm.cdf(0.5 / np.sqrt(200)) - 1
    assert right.mean() == pytest.approx(exact, abs=0.05)
    assert np.array_equal(measured("column").matrix("tv"), right)


def test_right_densities_are_refused_by_chance_never():
    """500 pairs of laws, near and far, few draws and many: at a millionth each, none."""
    generator = np.random.default_rng(0)
    for i in range(500):
        p = targets.gaussian_mixture([1.0], [float(generator.uniform(0, 4))], 1.0)
        draws = int(generator.choice([4, 20, 200]))
        monte_carlo_total_variation(p, targets.normal(), draws, np.random.default_rng(i))


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_density_a_quarter_off_is_seen(factor):
    class Wrong:
        sample = staticmethod(targets.normal().sample)

        @staticmethod
        def density(x):
            return factor * targets.normal().density(x)

    other = targets.gaussian_mixture([1.0], [0.3], 1.0)
    for pair in ((Wrong(), other), (other, Wrong())):
        with pytest.raises(InputError, match="does not integrate to one"):
            monte_carlo_total_variation(*pair, 2000, np.random.default_rng(0))
