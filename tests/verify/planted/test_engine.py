"""The verdict engine on planted truth: stated error rates kept, false bounds and loops caught."""

from fractions import Fraction

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.worst_case import aligned_errors
from empirics import Experiment, run
from empirics.models import Kde, PowerRule
from empirics.targets import normal
from verify import Runs, Verdict, check
from verify.planted import LAWS, engine_rates, verdicts

CYCLES = (
    cycles.full_synthetic(n=100),
    cycles.fresh_real(n=100, share="3/10"),
    cycles.balanced(n=100),
    cycles.accumulating(n=100),
)


def keep_what_is_stated(rates):
    """False-alarm rate below 1e-4 per rate."""
    failed = {r.name: (r.rate, r.most or r.least) for r in rates if r.p_value < 1e-4}
    assert not failed


def test_engine_keeps_its_error_rates():
    """150 checks per rate, 20 per power."""
    keep_what_is_stated(engine_rates(150, seed=5))


@pytest.mark.slow
def test_engine_keeps_its_error_rates_over_thousands_of_checks():
    """4000 checks per rate, 400 per power."""
    keep_what_is_stated(engine_rates(4000, seed=6))


@pytest.mark.parametrize("cycle", CYCLES, ids=repr)
def test_equality_is_supported_and_a_hair_less_is_violated(cycle):
    """Aligned errors attain the recursion exactly, so the smallest false factor is caught."""
    errors = [Fraction(1, 50)] * 5
    worst = aligned_errors(cycle, errors)
    tv = np.tile([float(d) for d in worst.distances], (4, 1))
    runs = Runs(cycle=cycle, tv=tv, one_step_tv=np.full(tv.shape, 0.02))
    bound = bounds.get("error-propagation")
    assert check(bound, runs).verdict is Verdict.SUPPORTED
    assert all(row.refuted_below == pytest.approx(1) for row in check(bound, runs).rows)
    smaller = Runs(cycle=cycle, tv=tv, one_step_tv=np.full(tv.shape, 0.02 * (1 - 1e-9)))
    assert check(bound, smaller).verdict is Verdict.VIOLATED


def kde_runs(cycle, **changes):
    experiment = Experiment(
        target=normal(), model=Kde(PowerRule(1.06)), cycle=cycle, generations=5, replicates=600
    )
    return run(experiment, **changes)


def test_a_kernel_density_loop_with_other_weights_is_caught():
    """20 % real data where 30 % is claimed: outside the prediction, and above the sandwich."""
    true = kde_runs(cycles.fresh_real(n=500, share=0.2))
    claimed = kde_runs(cycles.fresh_real(n=500, share=0.3)).experiment
    runs = Runs(cycle=claimed.cycle, tv=true.matrix("tv"), experiment=claimed)
    assert check(bounds.get("kde-clt"), runs).verdict is Verdict.VIOLATED
    honest = Runs.of(true)
    assert check(bounds.get("kde-clt"), honest).verdict is not Verdict.VIOLATED


def test_a_kernel_density_loop_on_reused_data_claimed_fresh_is_caught():
    """Independence broken: the reused real data shows against the prediction for fresh data."""
    true = kde_runs(cycles.real_plus_synthetic(n=500, lam=2, data="reused"))
    claimed = kde_runs(cycles.real_plus_synthetic(n=500, lam=2)).experiment
    runs = Runs(cycle=claimed.cycle, tv=true.matrix("tv"), experiment=claimed)
    assert check(bounds.get("kde-clt"), runs).verdict is Verdict.VIOLATED


def test_the_self_test_decides_as_a_check_does():
    """Its checks leave out what is told beside a verdict, and nothing that makes it."""
    for law in LAWS:
        (runs,) = law.checks(1, 6, 4)()
        for factor in (Fraction(1, 2), Fraction(1), Fraction(2)):
            bound = law.bound(factor)
            rows = check(bound, runs, 0.95, controls=()).rows
            assert verdicts(bound, runs) == [row.verdict for row in rows]
