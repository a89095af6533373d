"""Diffusion theorems held against runs: the catalogue's values and what the runs recorded agree."""

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.errors import ParameterError
from empirics import Experiment, Numerics, run
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import BestKl, Diffusion, FixedTime, PowerTime
from verify import Runs, Verdict, check
from verify.settings import STANDARD
from verify.values import bound_values

LOOP = bounds.get("diffusion-early-stopping-loop")
STEP = bounds.get("diffusion-girsanov")
EXPLICIT = bounds.get("diffusion-early-stopping")


def loop(cycle=None, generations=3, replicates=6, numerics=None, **model):
    model = {"width": 48, "training_time": PowerTime(0.5, 1.0)} | model
    return run(
        Experiment(
            target=STANDARD,
            model=Diffusion(**model),
            cycle=cycle or cycles.fresh_real(n=400, share=0.3),
            generations=generations,
            replicates=replicates,
            numerics=numerics or Numerics(),
        )
    )


@pytest.mark.parametrize("stop", [0.0, 0.02])
@pytest.mark.parametrize(
    "cycle",
    [cycles.balanced(n=300), cycles.real_plus_synthetic(n=200, lam=3, data="reused")],
    ids=["balanced", "reused"],
)
def test_the_catalogue_gives_the_bound_that_the_loop_recorded(cycle, stop):
    """Two routes: one expression over the influence matrix, and the loop's own recursion."""
    result = loop(cycle, process=OrnsteinUhlenbeck(stop=stop))
    values = bound_values(LOOP, Runs.of(result), {})
    most = np.minimum(values.value + values.error, 1)
    np.testing.assert_allclose(most, result.matrix("tv_bound"), rtol=1e-12)
    assert np.all(values.error < 1e-3 * values.value)
    assert check(LOOP, result).verdict in (Verdict.SUPPORTED, Verdict.VACUOUS)


def test_one_step_bounds_meet_one_step_distances():
    result = loop()
    verdicts = check(STEP, result)
    assert verdicts.verdict is Verdict.SUPPORTED
    measured = [row.measured for row in verdicts.rows]
    np.testing.assert_allclose(measured, result.matrix("one_step_tv").mean(axis=0))
    assert {c.name for c in verdicts.controls if c.fate == "caught"} >= {"scaled", "side flipped"}


def test_a_halved_path_bound_is_refuted():
    result = loop(replicates=12)
    halved = bounds.Bound(
        **{f: getattr(STEP, f) for f in STEP.__dataclass_fields__ if f != "expression"},
        expression=STEP.expression / 4,
    )
    assert check(halved, result).verdict is Verdict.VIOLATED


def test_the_explicit_bound_speaks_of_generation_one():
    result = loop(training_time=FixedTime(10.0), cycle=cycles.full_synthetic(n=100_000))
    rows = check(EXPLICIT, result).rows
    assert rows[0].verdict is Verdict.SUPPORTED
    assert [row.verdict for row in rows[1:]] == [Verdict.HYPOTHESES_UNMET] * 2
    assert "generation 1 only" in rows[1].detail


def test_the_explicit_bound_sees_the_training_sets_of_the_run():
    """A rule that looks at the sample gives back the times of the run only on the same sample."""
    result = loop(training_time=BestKl(), generations=1)
    from empirics.diffusion.early_stopping import training_terms

    times = [float(term.training_time[0]) for term in training_terms(result.experiment)]
    np.testing.assert_allclose(times, result.matrix("training_time")[:, 0])


def test_theorems_about_the_sde_do_not_speak_of_the_ode():
    rows = check(LOOP, loop(sampler="ode", generations=1, replicates=2)).rows
    assert {row.verdict for row in rows} == {Verdict.HYPOTHESES_UNMET}
    assert "SDE sampler" in rows[0].detail


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"process": OrnsteinUhlenbeck(stop=0.02)}, "no early stop of the noising"),
        ({"numerics": Numerics(sampling="population")}, "sampling = 'population'"),
    ],
)
def test_hypotheses_that_runs_do_not_meet_are_named(model, reason):
    rows = check(EXPLICIT, loop(generations=1, replicates=2, **model)).rows
    assert rows[0].verdict is Verdict.HYPOTHESES_UNMET
    assert reason in rows[0].detail


def test_kernel_runs_have_no_path(capsys):
    runs = Runs(cycle=cycles.full_synthetic(n=10), tv=np.full((4, 2), 0.1))
    assert check(LOOP, runs).verdict is Verdict.HYPOTHESES_UNMET
    with pytest.raises(ParameterError, match="one_step_tv: missing from the runs"):
        check(STEP, runs)
