"""A theorem is held only against loops that it speaks of: sizes, model, bandwidth, finite n."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds import cycles
from bounds.errors import ParameterError
from bounds.hypotheses import Hypothesis, LoopFacts, ModelKind, known
from bounds.worst_case import aligned_errors
from empirics import Experiment, Numerics, run, targets
from empirics.closed_form import Discrete, GaussianMean
from empirics.models import Diffusion, Epanechnikov, Kde, TrainedDiffusion
from verify import Runs, Verdict, check
from verify.facts import deviation_scale, facts_of
from verify.planted import normal_bound

FULL = cycles.full_synthetic(n=200)


def kde(bandwidth=0.4, cycle=FULL, replicates=40, **numerics):
    return run(
        Experiment(
            target=targets.normal(),
            model=Kde(bandwidth),
            cycle=cycle,
            generations=2,
            replicates=replicates,
            numerics=Numerics(**numerics),
        )
    )


def unmet(name, runs, **params):
    rows = check(bounds.get(name), runs, **params).rows
    assert {row.verdict for row in rows} == {Verdict.HYPOTHESES_UNMET}
    return rows[0].detail


def aligned(cycle, constant=0.5, gamma=0.25, generations=3):
    """Runs whose errors attain the recursion at the sizes that the cycle really has."""
    errors = [sp.Rational(str(round(constant * n**-gamma, 9))) for n in cycle.sizes(generations)]
    tv = np.tile([float(d) for d in aligned_errors(cycle, errors).distances], (4, 1))
    return Runs(cycle=cycle, tv=tv, one_step_tv=np.tile([float(e) for e in errors], (4, 1)))


@pytest.mark.parametrize(("n", "lam"), [(10, 0.04), (1, 0.49)])
@pytest.mark.parametrize("real_start", [True, False])
def test_a_closed_form_in_lambda_does_not_speak_of_rounded_sizes(n, lam, real_start):
    cycle = cycles.real_plus_synthetic(n=n, lam=lam, real_start=real_start)
    name = "phase-transition-real-start" if real_start else "phase-transition"
    detail = unmet(name, aligned(cycle), constant="1/2", gamma="1/4")
    assert "lambda n is an integer" in detail
    whole = cycles.real_plus_synthetic(n=10, lam=0.4, real_start=real_start)
    found = check(bounds.get(name), aligned(whole), constant=0.50001, gamma="1/4", controls=())
    assert found.verdict is Verdict.SUPPORTED


def growing(sizes):
    rows = [[0] * k + [1] for k in range(len(sizes))]
    return cycles.custom(rows=rows, n=sizes)


def test_growing_sizes_are_n_times_a_power_and_the_tuple_is_not_n():
    cycle = growing([100, 400, 900, 1600])
    runs = aligned(cycle, generations=4)
    bound = bounds.get("full-synthetic-growing")
    found = check(bound, runs, constant=0.500001, gamma="1/4", controls=())
    expected = 0.500001 * 100**-0.25 * np.cumsum(np.arange(1, 5) ** -0.5)
    assert [row.bound for row in found.rows] == pytest.approx(expected, rel=1e-12)
    assert found.verdict is Verdict.SUPPORTED
    with pytest.raises(ParameterError, match=r"^growth = 1: the runs were made with"):
        check(bound, runs, constant="1/2", growth=1)


@pytest.mark.parametrize("sizes", [[100], [100, 400]])
def test_one_size_grows_by_nothing_and_two_by_their_ratio(sizes):
    runs = aligned(growing(sizes), generations=len(sizes))
    found = check(bounds.get("full-synthetic-growing"), runs, constant=0.500001, controls=())
    expected = 0.500001 * 100**-0.25 * np.cumsum(np.arange(1, len(sizes) + 1) ** -0.5)
    assert [row.bound for row in found.rows] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "sizes", [[100, 400, 900, 1700], [100, 50, 30], [100, 400, 900, 1500], [100, 400, 400]]
)
def test_sizes_that_do_not_grow_as_a_power_are_refused(sizes):
    runs = aligned(growing(sizes), generations=len(sizes))
    detail = unmet("full-synthetic-growing", runs, constant="1/2")
    assert detail.startswith("growing sizes: ")


def test_sizes_rounded_up_are_within_the_bound_of_the_power():
    sizes = [int(np.ceil(100 * k**1.5 - 1e-9)) for k in range(1, 6)]
    runs = aligned(growing(sizes), generations=5)
    found = check(bounds.get("full-synthetic-growing"), runs, constant=0.500001, controls=())
    assert found.verdict is Verdict.SUPPORTED


def test_one_n_is_not_read_from_many_sizes():
    """A user's own bound with n, against sizes that differ."""
    runs = aligned(growing([100, 400, 900]))
    rows = check(normal_bound(), runs).rows
    assert "sizes: " in rows[0].detail
    assert rows[0].verdict is Verdict.HYPOTHESES_UNMET
    equal = aligned(growing([100, 100, 100]))
    assert not np.isnan(check(normal_bound(), equal).rows[0].bound)


def test_generation_one_has_its_own_size():
    granted = cycles.real_plus_synthetic(n=100, lam=3, real_start=False)
    found = check(bounds.get("kde-rate"), kde(cycle=granted), constant=2, gamma="1/4", controls=())
    assert found.rows[0].bound == pytest.approx(2 * 400**-0.25)


@pytest.mark.parametrize("word", ["generation", "influence", "size"])
def test_what_the_runs_determine_is_not_given(word):
    with pytest.raises(ParameterError, match=rf"^{word}: determined by the runs"):
        check(bounds.get("full-synthetic"), aligned(FULL), constant=1, **{word: 1})


def test_a_share_may_be_given_again_as_text():
    cycle = cycles.fresh_real(n=100, share=0.3)
    found = check(bounds.get("fresh-real"), aligned(cycle), constant=1, share="3/10", controls=())
    assert found.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    "name", ["kde-sandwich", "kde-recursion", "kde-one-step", "full-synthetic", "kde-rate"]
)
def test_infinitely_many_points_do_not_test_a_bound_of_finite_n(name):
    free = {"constant": 1} if bounds.get(name).constants == "free" else {}
    runs = kde(sampling="population", replicates=2)
    rows = check(bounds.get(name), runs, **free).rows
    assert rows[0].verdict is Verdict.HYPOTHESES_UNMET
    exact = check(bounds.get("error-propagation"), runs, controls=())
    assert exact.verdict is Verdict.SUPPORTED  # every run of any loop


OTHER_LOOPS = [
    ("discrete-resampling-tv", kde(), "empirical measure"),
    ("gaussian-mean-tv", kde(), "normal mean"),
    ("diffusion-girsanov", kde(), "SDE sampler"),
    ("kde-rate", Discrete(real=(0.5, 0.5), cycle=FULL, generations=2).run(), "kernel"),
    ("kde-sandwich", GaussianMean(cycle=FULL, generations=2).run(), "kernel"),
    ("gaussian-mean-tv", Discrete(real=(0.5, 0.5), cycle=FULL, generations=2).run(), "normal mean"),
    ("discrete-resampling-tv", GaussianMean(cycle=FULL, generations=2).run(), "empirical measure"),
]


@pytest.mark.parametrize(("name", "runs", "hypothesis"), OTHER_LOOPS)
def test_a_bound_of_another_loop_is_refused_by_name(name, runs, hypothesis):
    given = {"collision_probability": 0.5, "support_size": 2, "constant": 1}
    params = {w: v for w, v in given.items() if w in bounds.get(name).parameters}
    if isinstance(runs, Runs):
        params = {w: v for w, v in params.items() if w == "constant"}
    assert unmet(name, runs, **params).startswith(f"{hypothesis}: ")


def test_the_best_error_speaks_of_the_best_bandwidth_only():
    constants = {"bias_constant": 0.24, "noise_constant": 0.53}
    detail = unmet("kde-best-error", kde(4.0), **constants)
    assert detail.startswith("best bandwidth: ")
    best = bounds.get("kde-bandwidth").evaluate(n=200, dimension=1, **constants)
    rows = check(bounds.get("kde-best-error"), kde(float(best)), controls=(), **constants).rows
    assert rows[0].verdict is not Verdict.HYPOTHESES_UNMET
    near = kde(float(best) * (1 + 1e-5))
    assert unmet("kde-best-error", near, **constants).startswith("best bandwidth: ")


def test_letters_know_their_own_law():
    cycle = cycles.fresh_real(n=50, share=0.3)
    runs = Discrete(real=(0.5, 0.3, 0.2), cycle=cycle, generations=2, replicates=4000).run()
    bound = bounds.get("discrete-resampling-tv")
    assert check(bound, runs).verdict is Verdict.SUPPORTED
    with pytest.raises(ParameterError, match=r"^support_size = 2: the runs were made"):
        check(bound, runs, support_size=2)


def test_facts_of_experiments():
    def facts(model, target=None, **numerics):
        spec = Experiment(
            target=target or targets.normal(),
            model=model,
            cycle=FULL,
            generations=2,
            replicates=2,
            numerics=Numerics(**numerics),
        )
        return facts_of(Runs(cycle=FULL, tv=np.full((2, 2), 0.1), experiment=spec))

    assert facts(Kde(0.3)).kernel == "normal"
    assert facts(Kde(0.3)).bandwidths == (0.3, 0.3)
    assert facts(Kde(0.3, Epanechnikov())).kernel == "Epanechnikov"
    assert facts(Kde(0.3, Epanechnikov())).moves_by_a_point
    assert facts(Kde(0.3), targets.beta(2, 2)).target == "Frozen"
    mixture = targets.gaussian_mixture([0.5, 0.5], [0, 1], 1)
    assert facts(Kde(0.3), mixture).target == "mixture of normals"
    assert facts(Kde(0.3), targets.normal(2)).target == "normal"
    assert facts(Kde(0.3), sampling="population").population
    assert facts(Diffusion(width=8, sampler="ode")).sampler == "ode"
    assert facts(TrainedDiffusion(width=8)).frozen is False


def test_a_users_hypothesis_can_be_held_against_the_loop():
    wide = Hypothesis("plane", "the data has two coordinates", loop=lambda f, w: f.dimension == 2)
    mine = replace(normal_bound(), hypotheses=(wide,))
    rows = check(mine, kde()).rows
    assert rows[0].detail.startswith("plane: ")
    with pytest.raises(ValueError, match="must be a field of LoopFacts"):
        known(colour="blue")
    assert "dimension = 1" in rows[0].detail


@pytest.mark.parametrize(
    "cycle",
    [
        cycles.full_synthetic(n=50),
        cycles.real_plus_synthetic(n=30, lam=2, data="reused"),
        cycles.fresh_real(n=50, share=0.3, data="resampled"),
        cycles.accumulating(n=20, data="reused"),
        cycles.accumulating(n=20),
    ],
    ids=repr,
)
def test_runs_stray_from_their_mean_no_more_than_bounded_differences_say(cycle):
    """4000 runs of two letters: tails of both sides at three distances, and the variance.

    A tail above its bound would be a fault; the margin is six standard errors.
    """
    runs = Discrete(real=(0.5, 0.5), cycle=cycle, generations=4, replicates=4000, seed=1).run()
    c = deviation_scale(runs)
    away = np.abs(runs.tv - runs.tv.mean(axis=0))
    assert np.all(runs.tv.var(axis=0) <= c**2 / 4)
    for t in (0.5, 1.0, 1.5):
        tail = (away > t * c).mean(axis=0)
        assert np.all(tail <= 2 * np.exp(-2 * t**2) + 6 * np.sqrt(tail / 4000))


def test_bounded_differences_of_one_generation_are_those_of_mcdiarmid():
    runs = Discrete(real=(0.5, 0.5), cycle=FULL, generations=3, replicates=2).run()
    assert deviation_scale(runs) == pytest.approx(np.sqrt(np.arange(1, 4) / 200))
    kept = cycles.real_plus_synthetic(n=100, lam=1, data="reused")
    runs = Discrete(real=(0.5, 0.5), cycle=kept, generations=2, replicates=2).run()
    # One real point moves model 1 by 1/100, model 2 by half that itself and half by model 1.
    second = np.sqrt(100 * (1 / 100) ** 2 + 100 * (1 / 200) ** 2)
    assert deviation_scale(runs) == pytest.approx([0.1, second])
    unknown = Runs(cycle=FULL, tv=runs.tv)
    assert np.isinf(deviation_scale(unknown)).all()
    doubt = replace(runs, error_confidence=0.99)
    assert np.isinf(deviation_scale(doubt)).all()
    assert LoopFacts(model=ModelKind.KDE).model == "kernel density estimate"
