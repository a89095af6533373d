"""Models that only sample, and data as target: certified limits, columns, verdicts, refusals."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bounds
from bounds import cycles
from bounds.errors import ParameterError
from bounds.notation import C
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.distances import tv_interval
from empirics.models import Kde
from empirics.operators import Along, BestOf, KeepTop, Noise, Shrinking
from verify import Runs, Verdict, check

PLANTED = bounds.define("planted", C, statement="TV is at most C.")
ON_MEANS = bounds.define(
    "planted-mean", C, statement="Mean TV is at most C.", statistic=bounds.Statistic.MEAN
)


@dataclass(frozen=True)
class Off:
    """Draws from a normal law that is ``gap`` off, whatever it is trained on."""

    gap: float = 1.0

    def fit(self, samples, generator):
        return OffLaw(self.gap, np.shape(samples)[1:])


@dataclass(frozen=True)
class OffLaw:
    gap: float
    shape: tuple

    def sample(self, size, generator):
        return self.gap + generator.standard_normal((size, *self.shape))


def loop(target=None, model=None, generations=2, replicates=3, cycle=None, **numerics):
    return Experiment(
        target=target or targets.normal(),
        model=model or Off(),
        cycle=cycle or cycles.full_synthetic(n=50),
        generations=generations,
        replicates=replicates,
        numerics=Numerics(**{"draws": 1500, **numerics}),
    )


@pytest.fixture(scope="module")
def limited():
    return run(loop())


def test_limits_stand_in_columns_beside_an_empty_tv(limited):
    frame = limited.frame
    truth = 2 * stats.norm.cdf(0.5) - 1
    assert frame["tv"].null_count() == len(frame)
    assert frame["tv_low"].min() > 0.2
    assert frame["tv_low"].max() < truth
    assert (frame["tv_high"] == 1).all()
    assert frame.filter(generation=2)["one_step_low"].max() < 0.1  # learned its own law
    assert "mean TV at least" in repr(limited)


def test_a_bound_at_half_the_certified_truth_is_violated_and_no_other_is_supported(limited):
    low = limited.frame["tv_low"].min()
    for bound in (PLANTED, ON_MEANS):
        found = check(bound, limited, constant=low / 2)
        assert found.verdict is (Verdict.VIOLATED if bound is PLANTED else found.verdict)
        above = check(bound, limited, constant=0.6)
        assert above.verdict is Verdict.INCONCLUSIVE
        assert "only lower limits are known" in repr(above)
        assert not above.controls
    many = run(loop(replicates=12, generations=1, draws=400))
    assert check(ON_MEANS, many, constant=0.08).verdict is Verdict.VIOLATED


def test_a_verdict_is_never_surer_than_the_limits(limited):
    with pytest.raises(ParameterError, match=r"limits of these runs hold together at 0\.99"):
        check(PLANTED, limited, 0.995, constant=0.1)


def test_ones_own_limits_are_runs(limited):
    again = Runs.from_frame(limited.experiment.cycle, limited.frame, error_confidence=0.99)
    assert again.limits_only
    assert check(PLANTED, again, constant=0.1).verdict is Verdict.VIOLATED
    assert "at least" in repr(again)


def test_known_letters_have_an_upper_limit():
    letters = np.random.default_rng(0).integers(0, 3, 4000)

    class Copies:
        def fit(self, samples, generator):
            law = type("Law", (), {})()
            law.sample = lambda size, g: g.choice(samples, size)
            return law

    target = targets.Samples(letters, letters=3)
    frame = run(loop(target, Copies(), generations=1, replicates=1, draws=4000)).frame
    assert 0 < frame["tv_high"][0] < 0.3


def test_a_classifier_or_an_embedding_of_ones_own_is_used():
    def radius(x):
        return (x**2).sum(axis=1)

    wide = loop(targets.normal(8), Off(0.0), generations=1, replicates=1)
    blind = run(wide, classifier=lambda x: np.zeros(len(x))).frame["tv_low"][0]
    assert blind == 0
    far = loop(targets.normal(8), Off(1.0), generations=1, replicates=1)
    assert run(far, embedding=lambda x: x[:, :1]).frame["tv_low"][0] > 0.2
    assert run(far, classifier=radius).frame["tv_low"][0] > 0.2
    with pytest.raises(InputError, match="embedding = 3: must be a function"):
        run(far, embedding=3)
    with pytest.raises(InputError, match=r"embedding: gives an array of shape \(2, 8\)"):
        run(far, embedding=lambda x: x[:2])
    with pytest.raises(InputError, match="measured on a grid"):
        run(loop(model=Kde()), embedding=lambda x: x)


def test_an_estimator_is_fitted_away_from_what_is_counted():
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 2000, 2))
    model = LogisticRegression()
    assert tv_interval(x, y + 0.7, classifier=model).low > 0.2
    assert not hasattr(model, "coef_")
    assert tv_interval(x, y, classifier=model).low == 0


def test_a_law_with_atoms_is_told_by_points_that_repeat():
    generator = np.random.default_rng(0)
    atoms = generator.normal(size=(300, 3))
    found = tv_interval(generator.normal(size=(2000, 3)), atoms[generator.integers(0, 300, 2000)])
    assert found.low > 0.8
    assert "repeated points" in found.method


DATA = np.random.default_rng(3).normal(size=(900, 2, 2))


def test_a_pool_is_drawn_from_once_and_measured_against_what_is_held_out():
    target = targets.Samples(DATA, holdout=400)
    generator = np.random.default_rng(0)
    pool = target.source(generator)
    drawn = np.concatenate([pool.sample(250, generator), pool.sample(250, generator)])
    assert len(np.unique(drawn, axis=0)) == 500
    rows = {row.tobytes() for row in target.held}
    assert not rows & {row.tobytes() for row in drawn}
    with pytest.raises(InputError, match="needed by now, the pool has 500"):
        pool.sample(1, generator)
    assert "flattened to 4 coordinates; 500 to train on, 400 held out" in repr(target)


def test_a_used_up_pool_is_told_before_anything_is_trained():
    target = targets.Samples(DATA, holdout=0.5)
    cycle = cycles.fresh_real(n=300, share=0.5)
    with pytest.raises(InputError, match=r"900 points .* in 5 generations .* the pool has 450"):
        run(loop(target, Off(), generations=5, cycle=cycle))
    again = targets.Samples(DATA, holdout=0.5, replace=True)
    assert len(run(loop(again, Off(), generations=5, replicates=1, cycle=cycle)).frame) == 5
    kept = cycles.real_plus_synthetic(n=300, lam=1, data="reused")
    result = run(loop(target, Off(), generations=3, replicates=1, cycle=kept))
    assert result.notes == ("data: 900 points of shape 2 x 2, flattened to 4 coordinates",)
    assert "flattened" in repr(check(PLANTED, result, constant=0.9))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_kernel_estimates_learn_from_data_in_any_dimension(dimension):
    data = np.random.default_rng(0).normal(size=(400, dimension))
    result = run(loop(targets.Samples(data), Kde(), generations=2, replicates=1))
    assert result.limits_only
    unmet = check(bounds.get("kde-sandwich"), run(loop(targets.Samples(data), Kde())))
    assert unmet.verdict is Verdict.HYPOTHESES_UNMET


def write(folder):
    values = np.arange(40.0).reshape(20, 2)
    np.save(folder / "a.npy", values)
    np.savez(folder / "a.npz", values=values)
    np.savez(folder / "two.npz", one=values, other=values[:, :1])
    pl.DataFrame(values, schema=["x", "y"]).write_csv(folder / "a.csv")
    pl.DataFrame(values).write_csv(folder / "bare.csv", include_header=False)
    pl.DataFrame(values, schema=["x", "y"]).write_parquet(folder / "a.parquet")
    import torch

    torch.save(torch.from_numpy(values).reshape(20, 1, 2), folder / "a.pt")
    return values


FILES = ["a.npy", "a.npz", "two.npz:one", "a.csv", "bare.csv", "a.parquet", "a.pt"]


@pytest.mark.parametrize("name", FILES)
def test_every_format_holds_the_same_points(name, tmp_path):
    values = write(tmp_path)
    target = targets.Samples(tmp_path / name if ":" not in name else f"{tmp_path}/{name}")
    rows = np.concatenate([target.pool, target.held])
    np.testing.assert_array_equal(rows[np.argsort(rows[:, 0])], values)


def test_frames_tensors_and_arrays_are_data():
    import pandas as pd
    import torch

    values = np.arange(40.0).reshape(20, 2)
    frame = {"x": values[:, 0], "y": values[:, 1]}
    tensor = torch.from_numpy(values).requires_grad_()
    for data in (values, values.astype(np.float32), pl.DataFrame(frame), pd.DataFrame(frame)):
        assert targets.Samples(data).dimension == 2
    assert targets.Samples(tensor).dimension == 2
    assert targets.Samples(values[:, 0]).dimension == 1
    assert targets.Samples(pl.Series(values[:, 0])).dimension == 1


DATES = np.array(["2024-01-01"] * 9, dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.ma.masked_less(np.arange(9.0), 2), "data: 2 values are masked"),
        (np.arange(9) * 1j, "not complex numbers"),
        (np.array(["a", "b"]), "not text"),
        (DATES, "not dates"),
        (pl.DataFrame({"x": [1.0, 2.0], "day": DATES[:2]}), "column 'day': holds"),
        (pl.DataFrame({"x": [1.0, None]}), "column 'x': 1 values are missing"),
        (np.array([1.0, np.nan, 2.0]), "1 values are not finite"),
        (np.zeros((0, 2)), "has shape (0, 2)"),
        (5.0, "has shape ()"),
        ([[1, 2], [3]], "must be an array of numbers"),
        ("absent.npy", "absent.npy: No such file"),
        ("photo.png", "must be a file of the format .npy, .npz, .csv, .parquet, .pt"),
    ],
)
def test_what_is_no_data_is_refused_by_name(data, message):
    with pytest.raises(InputError) as caught:
        targets.Samples(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def refusal(data):
    try:
        targets.Samples(data)
    except InputError as error:
        return str(error)
    return ""


def test_hostile_files_of_every_format_get_a_line(tmp_path):
    write(tmp_path)
    generator = np.random.default_rng(0)
    for name in ("a.npz", "a.csv", "a.parquet", "a.pt"):
        whole = np.frombuffer((tmp_path / name).read_bytes(), dtype=np.uint8)
        for _ in range(12):
            data = whole.copy()
            data[generator.integers(0, len(data), 9)] = generator.integers(0, 256, 9)
            bad = tmp_path / f"bad{name[1:]}"
            bad.write_bytes(data[: generator.integers(1, len(data))].tobytes())
            assert "\n" not in refusal(bad)


@pytest.mark.parametrize("holdout", [0, 1.0, 1.5, 900, -3, True, np.nan])
def test_a_share_that_leaves_nothing_is_refused(holdout):
    with pytest.raises(InputError, match="holdout = "):
        targets.Samples(DATA, holdout=holdout)


BETWEEN = {
    # Operator, TV of N(0, 1) to what becomes of it, least certified of it by 3,000 points.
    "noise": (Noise(2.0), 0.3565, 0.2),
    "shrinking": (Shrinking(0.25, 0.0), 0.3227, 0.2),
    "keep half": (KeepTop(0.5, Along(1.0)), 0.5, 0.4),
    "best of two": (BestOf(2, Along(1.0)), 0.25, 0.12),
    "one's own": (None, 1.0, 0.9),
}


class Copied:
    """All points become one."""

    def samples(self, points, generator):
        return np.zeros_like(points)


def distance(operator, size=400_000):
    """TV of N(0, 1) to what becomes of it, on cells of a fine histogram."""
    edges = np.linspace(-8, 8, 81)
    made = operator.samples(
        np.random.default_rng(5).standard_normal(size), np.random.default_rng(6)
    )
    found = np.histogram(made, edges)[0] / len(made)
    return 0.5 * np.abs(found - np.diff(stats.norm.cdf(edges))).sum()


@pytest.mark.parametrize("on_data", [False, True])
@pytest.mark.parametrize("name", BETWEEN)
def test_limits_past_an_operator_hold_and_have_power(name, on_data):
    """TV to what was learned: of plain normal draws to those past the operator. All limits of eight
    runs hold together at 99 %; the seed is fixed.
    """
    operator, exact, least = BETWEEN[name]
    data = targets.Samples(np.random.default_rng(1).normal(size=6000))
    e = loop(data if on_data else None, Off(0.0), replicates=8, draws=3000)
    frame = run(replace(e, between=operator or Copied())).frame
    first, second = (frame.filter(generation=j) for j in (1, 2))
    if name != "one's own":
        assert distance(operator) == pytest.approx(exact, abs=0.02)
    assert least < second["one_step_low"].mean()
    assert second["one_step_low"].max() < exact
    assert second["tv_low"].max() < 0.05, "what is measured has passed no operator"
    assert first["one_step_low"].max() < 0.05
    assert frame["one_step_tv"].null_count() == len(frame)


@pytest.mark.parametrize("name", ["operator-recursion", "error-propagation"])
def test_a_theorem_says_what_it_lacks_past_an_operator(name):
    e = replace(loop(model=Off(0.0), replicates=1), between=Noise(0.5))
    found = check(bounds.get(name), run(e))
    assert found.verdict is Verdict.HYPOTHESES_UNMET
    assert found.rows[0].detail
    assert "\n" not in found.rows[0].detail
