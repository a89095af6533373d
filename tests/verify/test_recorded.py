"""Bounds on quantities that runs recorded beside TV."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
import verify
from bounds import cycles
from bounds.errors import ParameterError
from empirics import Experiment, run
from empirics.closed_form import Discrete
from empirics.models import Kde, PowerRule
from empirics.quantities.hallucinated import Hallucinated
from empirics.targets import GaussianMixture
from verify.verdict import Verdict

APART = GaussianMixture((0.5, 0.5), (-1.0, 1.0), (0.15, 0.15))
MASS, LAW = bounds.get("hallucinated-mass"), bounds.get("accumulation-product")


def loop(level, record=True):
    return Experiment(
        target=APART,
        model=Kde(PowerRule(0.3)),
        cycle=cycles.full_synthetic(n=100),
        generations=3,
        replicates=40,
        record=(Hallucinated(level),) if record else (),
    )


@pytest.mark.parametrize("level", [0.001, 0.05, 0.4])
def test_mass_where_data_is_scarce_is_below_its_bound(level):
    found = verify.check(MASS, run(loop(level)))
    assert [row.verdict for row in found.rows] == [Verdict.SUPPORTED] * 3
    assert "mean mass of p_j where p_0 is low" in repr(found)


def test_a_bound_without_the_distance_is_violated():
    result = run(loop(0.05))
    false = replace(MASS, expression=MASS.expression.subs("D_j", 0).subs(MASS.symbols[0].symbol, 0))
    rows = verify.check(false, result).rows
    assert rows[-1].verdict is Verdict.VIOLATED


def test_what_was_not_recorded_is_named_with_its_cure():
    with pytest.raises(ParameterError, match=r"record=\['hallucinated'\]"):
        verify.check(MASS, run(loop(0.05, record=False)))


def letters(points=3):
    return Discrete(
        real=(0.25,) * 4,
        cycle=cycles.accumulating(n=points, data="reused"),
        generations=4,
        replicates=4000,
        record=("diversity",),
    ).run()


def test_mean_diversity_follows_its_law_and_no_other():
    runs = letters()
    held = verify.check(LAW, runs, tolerance=0.03)
    assert {row.verdict for row in held.rows} == {Verdict.SUPPORTED}
    false = replace(LAW, expression=LAW.expression**2)
    assert {row.verdict for row in verify.check(false, runs).rows} == {Verdict.VIOLATED}


def test_halves_of_runs_keep_what_was_recorded():
    runs = letters()
    half = runs.only(slice(0, None, 2))
    np.testing.assert_array_equal(half.recorded["diversity"], runs.recorded["diversity"][::2])


@pytest.mark.parametrize("name", ["error-propagation", "operator-recursion"])
def test_an_unknown_word_is_refused_by_its_name(name):
    with pytest.raises(ParameterError, match="foo: unknown to"):
        verify.check(bounds.get(name), run(loop(0.05, record=False)), foo=1.0)
