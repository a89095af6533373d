"""Loops whose samples pass operators: which are built, what is refused, what is recorded."""

import numpy as np
import pytest

import bounds
from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.models import Diffusion, Kde
from empirics.operators import Along, BestOf, MatrixChannel, Noise, Shrinking
from empirics.sweeps.cell import cell_of
from verify import Verdict, check

FULL = cycles.full_synthetic(n=100)


class Clipped:
    """An operator of one's own: it acts on points alone."""

    def samples(self, points, generator):
        return points[np.abs(points) < 1.5]

    def __repr__(self):
        return "Clipped()"


def loop(between, model=None, generations=3, sampling=None, **more):
    return Experiment(
        target=targets.normal(),
        model=model or Kde(0.3),
        generations=generations,
        between=between,
        numerics=Numerics(sampling=sampling),
        **{"cycle": FULL, "replicates": 20} | more,
    )


def test_a_loop_without_operators_is_described_and_drawn_as_before():
    plain = loop(None)
    assert "between" not in repr(plain)
    assert "between" not in cell_of(plain).description
    assert "between" in cell_of(loop(Noise(0.2))).description
    assert run(plain).frame.equals(run(loop([None, None])).frame)


def test_an_operator_first_shows_in_generation_two():
    plain, noisy = (run(loop(b)).matrix("tv").mean(axis=0) for b in (None, Noise(1.0)))
    assert abs(plain[0] - noisy[0]) < 0.02, "twenty runs spread by a fifth of that"
    assert noisy[1] > plain[1] + 0.05


def test_one_operator_for_the_samples_of_each_model():
    late = run(loop((None, Noise(1.0)))).matrix("tv").mean(axis=0)
    both = run(loop(Noise(1.0))).matrix("tv").mean(axis=0)
    assert late[1] < both[1] - 0.05
    assert late[2] < both[2] - 0.05


@pytest.mark.parametrize(
    ("between", "more", "message"),
    [
        ((Noise(0.1),), {}, "between: has 1 operators; models 1 to 2 are sampled from"),
        (3, {}, r"between = 3: must be an operator with samples\(points, generator\)"),
        (MatrixChannel(((1.0,),)), {}, "rows: a matrix acts on letters"),
        (BestOf(2, Along((1.0, 0.0))), {}, r"direction = \(1.0, 0.0\): has 2 coordinates"),
        (Clipped(), {"sampling": "counts"}, "sampling = 'counts': needs an operator between"),
    ],
)
def test_what_cannot_be_run_is_refused(between, more, message):
    with pytest.raises(InputError, match=message):
        loop(between, **more)


def test_an_own_operator_runs_on_points_and_its_one_step_distance_is_not_known():
    e = loop(Clipped(), replicates=2)
    assert e.sampling == "points"
    frame = run(e).frame
    assert frame.filter(frame["generation"] > 1)["one_step_tv"].null_count() == 4
    assert frame["tv"].null_count() == 0


def test_a_diffusion_does_not_chain_its_bound_through_an_operator():
    model = Diffusion(width=16, training_time=20.0)
    frame = run(loop(Shrinking(0.8, 0.0), model, generations=2, replicates=2)).frame
    assert frame["tv_bound"].null_count() == 2
    assert frame["score_risk_real"].null_count() == 0


@pytest.mark.parametrize("name", ["kde-sandwich", "error-propagation", "full-synthetic"])
def test_a_bound_of_plain_loops_does_not_speak_of_operators(name):
    found = check(bounds.get(name), run(loop(Noise(0.2))), controls=(), **_given(name))
    assert {row.verdict for row in found.rows} == {Verdict.HYPOTHESES_UNMET}
    assert "plain samples" in found.rows[0].detail
    plain = check(bounds.get(name), run(loop(None)), controls=(), **_given(name))
    assert Verdict.HYPOTHESES_UNMET not in {row.verdict for row in plain.rows}


def _given(name):
    return {"constant": 2.0, "gamma": 0.25} if name == "full-synthetic" else {}


def test_a_bound_on_generation_one_speaks_of_every_loop():
    result = run(loop(Noise(0.2), Kde(), replicates=40))
    found = check(bounds.get("kde-one-step"), result, controls=())
    assert found.rows[0].verdict is not Verdict.HYPOTHESES_UNMET
