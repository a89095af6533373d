"""Neighbouring papers' questions: entries equal their exact recursions, and simulations.

Simulated means are held within 3 standard errors of the exact ones, seeds fixed: a false alarm has
probability 0.27 % for each comparison.
"""

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize_scalar

import bounds
from bounds import cycles
from bounds.cycles import Protocol
from bounds.cycles.accumulating_with_share import AccumulatingWithShare
from bounds.cycles.weighted_real import WeightedReal
from bounds.errors import HypothesisError, ParameterError
from bounds.functions import textbook
from bounds.notation import S, a, j, lam, n
from bounds.propagation import influence_symbolic, paper_errors, propagate
from empirics import InputError
from empirics.closed_form import Discrete, GaussianMean, KnownShares, error_variances
from verify import Verdict, check

RATIOS = [Fraction(1, 3), Fraction(1), Fraction(8)]
WEIGHTS = [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10), Fraction(1)]


def value(name, **params):
    return bounds.get(name).evaluate(**params)


def exact(name, **words):
    """The entry's value as a fraction."""
    symbols = {"lam": lam, "share": a, "n": n, "generation": j, "collision_probability": S}
    given = {symbols[word]: sp.Rational(str(v)) for word, v in words.items()}
    plain = textbook(bounds.get(name).expression.subs(given)).doit()
    plain = plain.replace(sp.asinh, lambda z: sp.log(sp.expand((z + sp.sqrt(1 + z**2)) ** 2)) / 2)
    return Fraction(str(plain if plain.is_Rational else sp.simplify(plain)))


def within(found, expected):
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - expected) < 3 * error)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("weight", WEIGHTS)
def test_weighted_means_follow_their_recursion_to_the_fraction(ratio, weight):
    R = Fraction(1)
    for generation in range(1, 8):
        assert exact("gaussian-mean-weighted", lam=ratio, share=weight, generation=generation) == R
        R = weight**2 + (1 - weight) ** 2 * (R + 1 / ratio)


@pytest.mark.parametrize(("weight", "ratio"), [(0.2, 4), (0.618, 1), (0.9, 0.5)])
def test_loops_with_weights_have_the_closed_form(weight, ratio):
    cycle = WeightedReal(n=50, share=weight, lam=ratio)
    generation = np.arange(1, 9)
    variances = value("gaussian-mean-weighted", lam=ratio, share=weight, generation=generation)
    np.testing.assert_allclose(50 * error_variances(cycle, 8), variances, rtol=1e-12)
    words = {"n": 50, "lam": ratio, "share": weight, "generation": generation}
    loop = GaussianMean(cycle=cycle, generations=8, replicates=20_000, seed=4)
    within(loop.run().tv, value("gaussian-mean-weighted-tv", **words))


@pytest.mark.parametrize("ratio", [0.1, 1, 7.5, 300])
def test_the_best_weight_is_where_the_variance_is_least(ratio):
    best = value("best-real-weight", lam=ratio)

    def long_run(weight):
        return value("gaussian-mean-weighted", lam=ratio, share=weight, generation=10**6)

    found = minimize_scalar(long_run, bounds=(1e-3, 1), options={"xatol": 1e-10})
    assert found.x == pytest.approx(best, rel=1e-5)
    assert long_run(best) == pytest.approx(value("best-real-weight-ratio", lam=ratio), rel=1e-12)
    assert value("best-real-weight-ratio", lam=ratio) == best


def test_one_to_one_the_best_weight_is_the_golden_ratio():
    assert value("best-real-weight", lam=1) == pytest.approx((5**0.5 - 1) / 2, rel=1e-15)
    natural = value("gaussian-mean-weighted", lam=1, share=0.5, generation=200)
    assert natural == pytest.approx(2 / 3, rel=1e-14)


def test_weighted_entries_accept_their_cycle_only():
    bound = bounds.get("gaussian-mean-weighted-tv")
    bound.check_hypotheses(WeightedReal(n=5, share=0.5))
    for cycle in (
        WeightedReal(n=5, share=0.5, data="reused"),
        cycles.real_plus_synthetic(n=5, lam=1),
    ):
        with pytest.raises(HypothesisError, match=r"^data cycle: "):
            bound.check_hypotheses(cycle)


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 4), Fraction(2, 3), Fraction(1)])
def test_influence_with_a_fresh_share_has_its_gamma_functions(share):
    cycle, c = AccumulatingWithShare(n=10, share=share), 1 - share
    G = influence_symbolic(cycle, 9)
    for later, earlier in product(range(1, 10), repeat=2):
        if earlier < later:
            entry = c / later * prod((i + c) / i for i in range(earlier + 1, later))
            assert G[later - 1, earlier - 1] == sp.Rational(str(entry))
    errors = paper_errors(cycle, 40, 1, 0.25)
    words = {"n": 10, "share": share, "gamma": 0.25, "generation": np.arange(1, 41)}
    found = value("accumulating-with-share", **words)
    np.testing.assert_allclose(found, propagate(cycle, errors), rtol=1e-11)


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_it_is_the_mean_error_that_a_lineage_meets(share):
    """A point's parents, drawn one after the other, meet model k with probability ``G_jk``."""
    cycle, random = AccumulatingWithShare(n=10, share=share), np.random.default_rng(9)
    for generation in (2, 5, 12):
        met = np.zeros((20_000, generation))
        at = np.full(len(met), generation)
        while np.any(at):
            alive = np.flatnonzero(at)
            met[alive, at[alive] - 1] = 1
            for k in np.unique(at[alive]):
                own = np.flatnonzero(at == k)
                at[own] = random.choice(k, len(own), p=np.array(cycle.weights(int(k)), float))
        found = met @ (10.0 * np.arange(1, generation + 1)) ** -0.25
        words = {"n": 10, "share": share, "gamma": 0.25, "generation": generation}
        within(found, value("accumulating-with-share", **words))


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_normal_means_of_accumulated_data_with_a_share_have_the_closed_form(share):
    cycle = AccumulatingWithShare(n=20, share=share)
    loop = GaussianMean(cycle=cycle, generations=8, replicates=20_000, seed=4)
    within(loop.run().tv, loop.mean_tv)


def test_without_a_share_it_is_the_accumulating_bound():
    words = {"n": 10, "gamma": 0.4, "generation": np.arange(1, 30)}
    found = value("accumulating-with-share", share=0, **words)
    np.testing.assert_allclose(found, value("accumulating", **words), rtol=1e-11)


@pytest.mark.parametrize(("gamma", "share"), [(0.5, 0.2), (0.2, 0.7)])
def test_it_falls_by_the_smaller_of_exponent_and_share(gamma, share):
    generation = np.array([2_500, 10_000])
    words = {"n": 10, "gamma": gamma, "share": share, "generation": generation}
    first, second = value("accumulating-with-share", **words)
    assert np.log(first / second) / np.log(4) == pytest.approx(min(gamma, share), abs=0.02)


@pytest.mark.parametrize("points", [2, 3, 17])
def test_the_product_law_is_the_product_to_the_fraction(points):
    kept, gap = Fraction(1), Fraction(3, 4)
    for generation in range(1, 8):
        kept *= 1 - Fraction(1, points * generation**2)
        at = {"n": points, "generation": generation}
        letters = at | {"collision_probability": 1 - gap}
        assert exact("accumulation-product", **letters) == gap * kept
        assert exact("accumulation-product-l2", **letters) == gap * (1 - kept)
        assert exact("accumulation-product-cdf", **at) == (1 - kept) / 6
        assert exact("accumulation-product-variance", **at) == kept
        assert exact("accumulation-product-mean", **at) == 1 - kept


@pytest.mark.parametrize("points", [2, 5, 100])
def test_the_product_has_its_limit_below_pi_squared_over_six(points):
    lost = value("accumulation-product-mean", n=points, generation=50_000)
    assert lost == pytest.approx(1 - np.sinc(points**-0.5), abs=1e-4 / points)
    assert points * lost < np.pi**2 / 6


def test_the_product_law_keeps_its_digits():
    lost = value("accumulation-product-mean", n=10**12, generation=3)
    assert lost == pytest.approx(1e-12 * (1 + 1 / 4 + 1 / 9), rel=1e-11)


def test_accumulated_letters_follow_the_product_law():
    real = (0.5, 0.3, 0.2)
    loop = Discrete(
        real=real,
        cycle=cycles.accumulating(n=4, data="reused"),
        generations=6,
        replicates=20_000,
        seed=2,
        record=("diversity",),
    )
    runs, square = loop.run(), float(np.square(real).sum())
    words = {"n": 4, "generation": np.arange(1, 7), "collision_probability": square}
    within(runs.recorded["diversity"], value("accumulation-product", **words))
    assert np.all(runs.tv.mean(axis=0) < value("accumulation-product-tv", support_size=3, **words))


@pytest.mark.parametrize("points", [2, 7])
def test_accumulated_letters_stray_by_the_product_law(points):
    """Letters by themselves, one after the other."""
    random, real = np.random.default_rng(10), np.array([0.6, 0.3, 0.1])

    def draw(kept, shape):
        if kept is None:
            return random.choice(3, shape, p=real)
        return _resampled(random, kept, shape)

    found = []
    for kept in _accumulated(draw, 6, 10_000, points):
        law = (kept[..., None] == np.arange(3)).mean(axis=1)
        found.append(np.square(law - real).sum(axis=1))
    words = {"n": points, "generation": np.arange(1, 7)}
    words["collision_probability"] = float(np.square(real).sum())
    within(np.stack(found, axis=1), value("accumulation-product-l2", **words))


def _accumulated(draw, generations, runs, points):
    """Points of all generations, each batch drawn by ``draw(points so far)``."""
    kept = draw(None, (runs, points))
    yield kept
    for _ in range(generations - 1):
        kept = np.concatenate([kept, draw(kept, (runs, points))], axis=1)
        yield kept


def _cdf_error(points):
    """``int (F_n - F)^2 dF`` of points that are uniform on [0, 1]."""
    x, count = np.sort(points, axis=1), points.shape[1]
    at = np.concatenate([np.zeros((len(x), 1)), x, np.ones((len(x), 1))], axis=1)
    level = np.arange(count + 1) / count
    upper, lower = (at[:, 1:] - level) ** 3, (at[:, :-1] - level) ** 3
    return (upper - lower).sum(axis=1) / 3


def test_accumulated_points_of_a_continuous_law_follow_the_product_law():
    random = np.random.default_rng(3)

    def draw(kept, shape):
        return random.random(shape) if kept is None else _resampled(random, kept, shape)

    found = [_cdf_error(kept) for kept in _accumulated(draw, 5, 8000, 3)]
    expected = value("accumulation-product-cdf", n=3, generation=np.arange(1, 6))
    within(np.stack(found, axis=1), expected)


def _resampled(random, kept, shape):
    chosen = random.integers(0, kept.shape[1], shape)
    return np.take_along_axis(kept, chosen, axis=1)


def test_normal_fits_to_all_data_follow_the_product_law():
    random = np.random.default_rng(5)

    def draw(kept, shape):
        noise = random.standard_normal(shape)
        if kept is None:
            return noise
        return kept.mean(axis=1, keepdims=True) + kept.std(axis=1, keepdims=True) * noise

    fits = [(k.var(axis=1), k.mean(axis=1) ** 2) for k in _accumulated(draw, 6, 20_000, 4)]
    variances, squares = (np.stack(part, axis=1) for part in zip(*fits, strict=True))
    words = {"n": 4, "generation": np.arange(1, 7)}
    within(variances, value("accumulation-product-variance", **words))
    within(squares, value("accumulation-product-mean", **words))


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 5), Fraction(1)])
def test_the_bootstrap_follows_its_recursion_to_the_fraction(share):
    V, keep = Fraction(0), (1 - share) ** 2 * (1 - Fraction(1, 6))
    for generation in range(1, 9):
        V = keep * V + Fraction(1, 36)
        assert exact("bootstrap-cdf", n=6, share=share, generation=generation) == V
        if share == 0:
            assert (1 - Fraction(5, 6) ** generation) / 6 == V


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_the_bootstrap_is_that_of_simulated_points(share):
    random, runs, points = np.random.default_rng(8), 8000, 5
    model, found = random.random((runs, points)), []
    for _ in range(5):
        found.append(_cdf_error(model))
        real = random.random((runs, points)) < share
        model = np.where(
            real, random.random((runs, points)), _resampled(random, model, model.shape)
        )
    words = {"n": points, "share": share, "generation": np.arange(1, 6)}
    within(np.stack(found, axis=1), value("bootstrap-cdf", **words))


BATCHES = [(30, 1.0), (20, 0.5), (40, 0.6), (10, 0.9), (60, 0.4)]


def _squared_errors(gap):
    """``V_t`` by its recursion."""
    worth, total, last = 0.0, 0.0, 0.0
    for points, share in BATCHES:
        worth += points * share**2
        total += points * share**2 * (gap - (1 - share) ** 2 * last)
        last = total / worth**2
        yield last


def _estimates(random, real, runs):
    estimate, worth = np.zeros((runs, len(real))), 0.0
    for points, share in BATCHES:
        batch = random.multinomial(points, share * real + (1 - share) * estimate) / points
        assert points * share * (1 - share) <= worth or share == 1
        kept = worth - points * share * (1 - share)
        own = points * share**2
        estimate = (kept * estimate + points * share * batch) / (worth + own)
        worth += own
        yield estimate


def test_contaminated_samples_follow_their_recursion_below_the_bound():
    real = np.array([0.4, 0.3, 0.2, 0.1])
    found = np.stack(list(_estimates(np.random.default_rng(7), real, 20_000)), axis=1)
    assert found.min() >= -1e-12
    away = found - real
    expected = np.array(list(_squared_errors(1 - np.square(real).sum())))
    within((away**2).sum(axis=2), expected)
    sizes, shares = map(np.array, zip(*BATCHES, strict=True))
    words = {"size": sizes, "real_shares": shares, "support_size": 4}
    upper = [value("kanabar-gastpar", generation=t, **words) for t in range(1, 6)]
    tv = [value("kanabar-gastpar-tv", generation=t, **words) for t in range(1, 6)]
    assert np.all(expected <= upper)
    assert np.all(np.abs(away).sum(axis=2).mean(axis=0) / 2 <= tv)
    even = np.array(list(_squared_errors(0.75)))
    assert even[0] == pytest.approx(upper[0], rel=1e-12)  # attained by the first batch


def test_the_loop_of_known_shares_has_these_errors_and_stays_under_the_bound():
    """TV of two letters is the size of the error of one of them."""
    rows = [
        [1],
        *(
            [str(a), *[0] * (j - 1), str(1 - Fraction(a))]
            for j, a in enumerate(
                (Fraction(1, 2), Fraction(3, 5), Fraction(9, 10), Fraction(2, 5)), start=1
            )
        ),
    ]
    cycle = cycles.custom(rows=rows, n=[points for points, _ in BATCHES])
    loop = KnownShares(real=(0.3, 0.7), cycle=cycle, generations=5, replicates=20_000, seed=3)
    runs = loop.run()
    within(2 * runs.tv**2, np.array(list(_squared_errors(0.42))))
    assert check(bounds.get("kanabar-gastpar-tv"), runs).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([[1], ["1/2", "1/2"], ["1/2", "1/2", 0]], "must mix the real law and the last model"),
        ([[1], ["1/10", "9/10"], ["1/2", 0, "1/2"]], "generation 3: n alpha"),
    ],
)
def test_estimates_that_are_no_averages_are_refused(rows, says):
    cycle = cycles.custom(rows=rows, n=[10, 10, 100])
    with pytest.raises(InputError, match=says):
        KnownShares(real=(0.5, 0.5), cycle=cycle, generations=3)


def test_survival_follows_its_recursion_between_its_bounds():
    s = 1.0
    for generation in range(1, 60):
        s = -np.expm1(-s)
        for count in (1, 4):
            words = {"generation": generation, "count": count}
            found = value("symbol-survival", **words)
            assert found == pytest.approx(1 - (1 - s) ** count, rel=1e-13)
            lower, upper = (
                value(f"symbol-survival-{side}", **words) for side in ("below", "above")
            )
            assert lower <= found <= upper
    assert 59 * value("symbol-survival", generation=59, count=1) == pytest.approx(2, abs=0.2)


def test_symbols_live_as_long_in_simulated_counts():
    counts = np.tile([1, 2, 5], (20_000, 1))
    random = np.random.default_rng(6)
    for generation in range(1, 8):
        counts = random.poisson(counts)
        expected = [value("symbol-survival", generation=generation, count=x) for x in (1, 2, 5)]
        within((counts > 0).astype(float), expected)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: WeightedReal(n=5, share=1.5), r"share = 1.5: must be in \[0, 1\]"),
        (lambda: WeightedReal(n=5, share=0.5, lam=0), "lam = 0: must be > 0"),
        (lambda: WeightedReal(n=5, share=0.5, data="fresh"), "need batches"),
        (lambda: AccumulatingWithShare(n=5, share=0.5, data="reused"), "use data = 'fresh'"),
        (lambda: AccumulatingWithShare(n=5, share=-1), r"must be in \[0, 1\]"),
    ],
)
def test_cycles_refuse_what_they_cannot_mean(make, says):
    with pytest.raises(ParameterError, match=says):
        make()


def test_weights_need_not_be_shares_of_the_points():
    cycle = WeightedReal(n=10, share="1/4", lam=3)
    assert cycle.weights(3) == (Fraction(1, 4), 0, Fraction(3, 4))
    assert [cycle.size(i) for i in (1, 2)] == [10, 40]
    assert [cycle.batch_size(k) for k in (0, 1)] == [10, 30]
    assert cycle.data is Protocol.RENEWED
    grown = AccumulatingWithShare(n=10, share="1/4")
    assert grown.weights(3) == (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))
    assert grown.size(3) == 30
