"""A user's own runs: checked like any other, and refused in one line when damaged."""

import dataclasses

import numpy as np
import polars as pl
import pytest

import bounds
import empirics
from bounds import cycles
from bounds.errors import ParameterError
from empirics import InputError
from empirics.models import Kde, PowerRule
from verify import Runs, Verdict, check

CYCLE = cycles.full_synthetic(n=1000)
TV = np.random.default_rng(0).beta(50, 950, (100, 3))


@pytest.fixture(scope="module")
def result():
    experiment = empirics.Experiment(
        target=empirics.targets.normal(), model=Kde(PowerRule(1.06)), cycle=CYCLE, generations=3
    )
    return empirics.run(experiment)


def test_a_result_and_its_runs_get_the_same_verdicts(result):
    sandwich = bounds.get("kde-sandwich")
    assert check(sandwich, result).rows == check(sandwich, Runs.of(result)).rows


def test_own_numbers_are_checked():
    runs = Runs(cycle=CYCLE, tv=TV, one_step_tv=TV)
    assert check(bounds.get("full-synthetic"), runs, constant=1).rows[0].verdict is (
        Verdict.SUPPORTED
    )
    assert Runs.of(runs) is runs
    frame = pl.DataFrame(
        {
            "replicate": np.repeat(np.arange(100), 3),
            "generation": np.tile([1, 2, 3], 100),
            "tv": TV.ravel(),
        }
    )
    assert np.array_equal(Runs.from_frame(CYCLE, frame.sample(fraction=1, shuffle=True)).tv, TV)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"tv": np.where(TV > 0.06, np.nan, TV)}, "values are not finite numbers"),
        ({"tv": TV[0]}, "tv: has shape (3,); must be (runs, generations)"),
        ({"tv": TV + 1}, "must be in [0, 1]"),
        ({"tv": TV, "tv_error": np.zeros((100, 2))}, "has shape (100, 2), tv has (100, 3)"),
        ({"tv": TV, "one_step_tv": "x"}, "one_step_tv: must be an array of numbers"),
        ({"tv": TV.astype(str)}, "tv: must be an array of numbers"),
        ({"tv": TV + 0j}, "tv: must be an array of numbers"),
        ({"tv": np.ma.masked_greater(TV, 0.06)}, "values are masked; leave them out or fill them"),
        (
            {"tv": TV, "noise": np.ma.masked_less(TV, 0.04)},
            "values are masked; leave them out or fill them",
        ),
        ({"tv": TV, "cycle": cycles.custom(rows=[[1]], n=5)}, "the cycle is defined for 1"),
        ({"tv": TV, "cycle": "full"}, "must be a DataCycle"),
    ],
)
def test_damaged_runs_get_one_line(kwargs, message):
    with pytest.raises(InputError) as caught:
        Runs(**{"cycle": CYCLE, **kwargs})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def labelled(labels, dtype=None):
    return pl.DataFrame(
        {
            "replicate": np.repeat(np.arange(100), len(labels)),
            "generation": pl.Series(labels * 100, dtype=dtype),
            "tv": TV[:, : len(labels)].ravel(),
        }
    )


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 3], "generation: has the labels 1, 3; must be 1, 2, ..., N"),
        ([0, 1, 2], "generation: has the labels 0, 1, 2; must be 1, 2, ..., N"),
        (["1", "10", "2"], "generation: holds String; must be whole numbers 1, 2, ..., N"),
        ([1.0, 2.0, 3.0], "generation: holds Float64; must be whole numbers"),
        ([1, None, 2], "generation: has the labels None, 1, 2; must be 1, 2, ..., N"),
    ],
)
def test_generations_that_are_not_numbered_from_one_are_refused(labels, message):
    with pytest.raises(InputError) as caught:
        Runs.from_frame(CYCLE, labelled(labels))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_masks_that_hide_nothing_are_no_masks():
    assert np.array_equal(Runs(cycle=CYCLE, tv=np.ma.array(TV, mask=False)).tv, TV)


def test_mismatched_cycles_are_refused(result):
    other = cycles.full_synthetic(n=10)
    with pytest.raises(InputError, match=r"^cycle = .*the experiment has another"):
        Runs(cycle=other, tv=TV, experiment=result.experiment)
    with pytest.raises(ParameterError, match=r"^n = 10: the runs were made with"):
        check(bounds.get("full-synthetic"), result, constant=1, n=10)


def test_a_frame_that_lacks_something_is_refused(result):
    no_tv = dataclasses.replace(result, frame=result.frame.drop("tv"))
    with pytest.raises(InputError, match=r"lacks the column tv"):
        check(bounds.get("kde-sandwich"), no_tv)
    with pytest.raises(InputError, match=r"rows; 256 runs x 3 generations need 768"):
        check(bounds.get("kde-sandwich"), dataclasses.replace(result, frame=result.frame[1:]))
    no_noise = dataclasses.replace(result, frame=result.frame.drop("noise"))
    with pytest.raises(ParameterError, match=r"^noise: missing from the runs"):
        check(bounds.get("kde-high-probability"), no_noise, delta=0.05)
    with pytest.raises(ParameterError, match=r"^experiment: missing"):
        check(bounds.get("kde-sandwich"), Runs(cycle=CYCLE, tv=TV))
    with pytest.raises(ParameterError, match=r"^one_step_tv: missing"):
        check(bounds.get("error-propagation"), Runs(cycle=CYCLE, tv=TV))


def test_too_few_runs_say_how_many_are_needed(result):
    few = Runs.of(result).only(slice(0, 8))
    outcome = check(bounds.get("kde-high-probability"), few, delta=0.05)
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert "too few runs: 8; at least 59 are needed" in outcome.rows[0].detail
    with pytest.raises(ParameterError, match=r"at least 2 independent runs"):
        check(bounds.get("kde-sandwich"), few.only(slice(0, 1)))


def test_an_error_that_holds_with_a_probability_leaves_doubt():
    """Monte-Carlo intervals miss sometimes; one miss in 100 runs is no violation, 20 are."""
    tv = np.full((100, 2), 0.1)
    for misses, verdict in ((1, Verdict.INCONCLUSIVE), (20, Verdict.VIOLATED)):
        one_step = np.full((100, 2), 0.1)
        one_step[:misses] = 0.05
        runs = Runs(cycle=CYCLE, tv=tv, tv_error=0.01, one_step_tv=one_step, error_confidence=0.99)
        outcome = check(bounds.get("error-propagation"), runs, controls=())
        assert outcome.rows[0].verdict is verdict
