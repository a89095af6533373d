"""TV from samples: never above the truth more often than stated, and not blind."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from empirics import InputError, targets
from empirics.distances.certified import deviation
from empirics.distances.classifier import separating_set
from empirics.distances.scorers import _ridge_regression
from verify import audit, tv_interval

SHIFT = 2 * stats.norm.cdf(0.25) - 1  # TV of N(0, 1) and N(1/2, 1)


def too_high(truth, repeats, method, draw, **options):
    generator = np.random.default_rng(7)
    return sum(
        tv_interval(*draw(generator), 0.9, method=method, seed=i, **options).low > truth
        for i in range(repeats)
    )


REPEATS = [150, pytest.param(1000, marks=pytest.mark.slow)]


def keeps_the_rate(count, repeats):
    return stats.binomtest(count, repeats, 0.1, alternative="greater").pvalue > 1e-4


@pytest.mark.parametrize("method", ["binomial", "betting"])
@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("repeats", REPEATS)
def test_lower_limit_is_rarely_above_the_truth(method, shift, repeats):
    """Repetitions at 90 %; false-alarm rate below 1e-4. At p = q any limit > 0 is wrong."""

    def draw(generator):
        return generator.normal(size=300), generator.normal(shift, 1, size=300)

    truth = SHIFT if shift else 0.0
    assert keeps_the_rate(too_high(truth, repeats, method, draw), repeats)


@pytest.mark.parametrize("repeats", REPEATS)
def test_letters_keep_both_limits(repeats):
    """Repetitions with 6 letters; the plug-in itself is far above at p = q."""
    p, q = np.full(6, 1 / 6), np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    for law, truth in ((p, 0.0), (q, float(0.5 * np.abs(p - q).sum()))):
        generator, wrong = np.random.default_rng(3), 0
        for i in range(repeats):
            x, y = (generator.choice(6, 200, p=f) for f in (p, law))
            found = tv_interval(x, y, 0.9, letters=6, seed=i)
            wrong += not found.low <= truth <= found.high
        assert keeps_the_rate(wrong, repeats)


def test_an_alphabet_of_one_letter_has_one_law():
    found = tv_interval(np.zeros(20), np.zeros(30), letters=1)
    assert (found.low, found.high) == (0.0, 0.0)


def test_a_confidence_below_one_is_not_told_as_certainty():
    x, y = np.random.default_rng(0).normal(size=(2, 100))
    assert "(99.9%, " in repr(tv_interval(x, y, 0.999))
    assert "99.9%" in tv_interval(x, y, 0.999)._repr_html_()


def test_the_plug_in_of_equal_laws_is_no_lower_limit():
    """Trap D7: a histogram of two samples of one law shows TV where there is none."""
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 50, (2, 2000))
    plug_in = 0.5 * np.abs(np.bincount(x) - np.bincount(y)).sum() / 2000
    found = tv_interval(x, y, letters=50)
    assert plug_in > 0.06
    assert found.low == 0
    assert found.high > plug_in


def test_it_sees_a_difference():
    generator = np.random.default_rng(0)
    found = tv_interval(generator.normal(size=4000), generator.normal(0.5, 1, size=4000))
    assert 0.13 < found.low < SHIFT
    assert found.high is None
    assert "no honest upper limit" in repr(found)


def test_an_audit_holds_a_block_of_its_features_at_a_time():
    """243 features of each of 150 000 points at once would be 290 MB."""
    generator = np.random.default_rng(0)
    inside = separating_set(*generator.normal(size=(2, 2000, 2)), generator)
    points = generator.normal(size=(150_000, 2))
    tracemalloc.start()
    inside(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6


def test_blocks_sort_points_as_all_at_once_do():
    generator = np.random.default_rng(0)
    inside = separating_set(*generator.normal(size=(2, 500, 2)), generator)
    points = generator.normal(size=(25_001, 2))
    parts = np.concatenate([inside(part) for part in np.array_split(points, 7)])
    assert np.array_equal(inside(points), parts)


def test_generations_audited_together_are_those_audited_alone():
    generator = np.random.default_rng(0)
    real, *later = generator.normal(size=(5, 400))
    found = audit(real, later, 0.9).rows
    alone = [tv_interval(real, sample, 1 - 0.1 / 4) for sample in later]
    assert [row.interval for row in found] == alone


def test_it_sees_a_difference_of_spread_in_five_dimensions():
    generator = np.random.default_rng(0)
    samples = generator.normal(size=(4000, 5)), generator.normal(0, 1.5, size=(4000, 5))
    assert tv_interval(*samples).low > 0.3


def test_order_of_the_points_does_not_matter_for_validity():
    """Sorted samples would fool a split by position."""
    generator = np.random.default_rng(0)
    assert tv_interval(*np.sort(generator.normal(size=(2, 1000)), axis=1)).low == 0


def test_known_densities_give_both_limits():
    found = tv_interval(targets.normal(), targets.gaussian_mixture([1.0], [0.5], 1.0))
    assert found.low <= SHIFT <= found.high
    assert found.high - found.low < 0.02
    sample = np.random.default_rng(0).normal(0.5, 1, 4000)
    assert tv_interval(targets.normal(), sample).high is None


def test_deviation_of_an_empirical_law_is_covered():
    """Both limits hold; the smaller is taken, and it depends on the alphabet."""
    assert deviation(1000, 3, 0.05) < deviation(1000, 30, 0.05) < deviation(1000, 3000, 0.05)
    generator = np.random.default_rng(0)
    tv = 0.5 * np.abs(generator.multinomial(500, [0.1] * 10, 2000) / 500 - 0.1).sum(axis=1)
    assert (tv > deviation(500, 10, 0.05)).mean() <= 0.05


@pytest.mark.parametrize(
    ("real", "synthetic", "options", "message"),
    [
        (np.zeros(50), np.array([0.0, np.nan] * 25), {}, "synthetic: 25 values are not finite"),
        (np.zeros((50, 2)), np.zeros(50), {}, "synthetic: has 1 coordinates, real has 2"),
        (
            np.zeros(10),
            np.zeros(50),
            {},
            "real and synthetic: samples of 10 and 50: at least 12",
        ),
        (np.zeros((30, 3, 3)), np.zeros(90), {}, "synthetic: has 1 coordinates, real has 9"),
        (np.zeros(50), np.zeros(50), {"method": "guess"}, "method = 'guess': must be one of"),
        (np.zeros(50), np.ones(50) / 2, {"letters": 3}, "letters = 3: samples must be integers"),
        (np.zeros(50), np.zeros(50), {"confidence_level": 1}, "must be a number > 0 and < 1"),
        ("abc", np.zeros(50), {}, "real: must be an array of numbers"),
        (np.zeros(50).astype(str), np.zeros(50), {}, "real: must be an array of numbers"),
        (np.zeros((0, 2)), np.zeros((50, 2)), {}, "real: has shape (0, 2)"),
        (np.zeros((50, 0)), np.zeros((50, 0)), {}, "real: has shape (50, 0)"),
        (np.zeros(50), np.zeros(50), {"letters": 10**12}, "letters = 1000000000000: must be"),
        (
            np.zeros(50),
            np.ma.masked_equal(np.arange(50) % 3 - 999, -999),
            {},
            "synthetic: 17 values are masked",
        ),
    ],
)
def test_mistakes_get_one_line(real, synthetic, options, message):
    with pytest.raises(InputError) as caught:
        tv_interval(real, synthetic, **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(30, 80), (80, 80), (80, 30)])
@pytest.mark.parametrize("ridge", [1e-1, 1e-3])
def test_ridge_regression_of_few_points_solves_the_normal_equations(shape, ridge):
    generator = np.random.default_rng(shape)
    x = generator.normal(size=shape)
    y = generator.choice([-1.0, 1.0], shape[0]) * generator.uniform(0.01, 0.03, shape[0])
    found = _ridge_regression(x, y)(ridge)
    residual = x.T @ (np.abs(y) * (x @ found - np.sign(y))) + ridge * found
    np.testing.assert_allclose(residual, 0, atol=1e-10)
