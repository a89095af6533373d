"""Quantities of a law: exact values and quadratures lie within errors, and errors are small."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import ndtr, xlogy

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run
from empirics.closed_form import Discrete
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.cell_laws import Trained
from empirics.diffusion.engine import FrozenEngine
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.line_model import line_tables
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis, Grid
from empirics.loop import PointDraws
from empirics.models import Diffusion, Epanechnikov, Kde, PowerTime, TrainedDiffusion
from empirics.operators import Exponential, Toward
from empirics.quantities import CellLaw, RealLaw, Recorder, quantities_of
from empirics.quantities.hallucinated import Hallucinated
from empirics.quantities.reward import Reward
from empirics.sweeps import cell_of
from empirics.sweeps.cell import Streams
from empirics.targets import (
    Frozen,
    GaussianMixture,
    beta,
    gaussian_mixture,
    normal,
    scipy,
    truncated_mixture,
)

WORDS = (
    *("variance", "entropy", "hellinger", "kl-to-real", "kl-from-real", "wasserstein"),
    "hallucinated",
)
COLUMNS = tuple(word.replace("-", "_") for word in WORDS)
LEVEL = 0.01
MODES = gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])


def loop(target, model, n=100, generations=3, sampling=None, **more):
    window = ((-7.0, 7.0),) * 2 if target.dimension == 2 else None
    return Experiment(
        target=target,
        model=model,
        cycle=cycles.full_synthetic(n=n),
        generations=generations,
        replicates=1,
        seed=3,
        numerics=Numerics(sampling=sampling, window=window),
        record=WORDS,
        **more,
    )


def assert_within(frame, exact, at_most, row=-1, rough=0.0):
    """Every value is within its error of the exact one, and the error is small.

    ``rough`` is the error of the exact hallucinated mass. A KL from the real law has a larger
    error: cells in which the model's mass is rounding count as if it were nothing.
    """
    for name, value in exact.items():
        found, error = frame[name][row], frame[f"{name}_error"][row]
        most = error + (rough if name == "hallucinated" else 0.0)
        assert abs(found - value) <= most, (name, found - value, error)
        assert error <= at_most * (4 if name == "kl_from_real" else 1), (name, error)


def of_normals(s, d):
    """Quantities of ``N(0, s^2 I)`` against ``N(0, I)``."""
    squared = -2 * np.log(LEVEL * (2 * np.pi) ** (d / 2))
    return {
        "variance": d * s**2,
        "entropy": d * np.log(2 * np.pi * np.e * s**2) / 2,
        "hellinger": np.sqrt(1 - np.sqrt(2 * s / (1 + s**2)) ** d),
        "kl_to_real": d * (s**2 - 1 - np.log(s**2)) / 2,
        "kl_from_real": d * (1 / s**2 - 1 + np.log(s**2)) / 2,
        "wasserstein": (s - 1) * np.sqrt(2 / np.pi),
        "hallucinated": stats.chi2.sf(squared / s**2, d),
        "hallucinated_real": stats.chi2.sf(squared, d),
    }


@pytest.mark.parametrize(("d", "h"), [(1, 0.15), (1, 0.8), (2, 0.4)])
def test_a_smoothed_normal_law_has_its_closed_forms(d, h):
    frame = run(loop(normal(d), Kde(h), sampling="population")).frame
    for j in (1, 2, 3):
        exact = of_normals(np.sqrt(1 + j * h**2), d)
        assert_within(frame, exact, 3e-4 if d == 1 else 4e-3, row=j - 1)


def test_the_sliced_distance_is_the_mean_over_directions():
    broad, h = gaussian_mixture([1.0], [[0.0, 0.0]], [np.diag([0.25, 1.0])]), 0.3
    frame = run(loop(broad, Kde(h), generations=1, sampling="population")).frame
    angle = np.linspace(0, np.pi, 20_001)[:-1]
    before = 0.25 * np.cos(angle) ** 2 + np.sin(angle) ** 2
    away = np.sqrt(before + h**2) - np.sqrt(before)
    assert_within(frame, {"wasserstein": (away * np.sqrt(2 / np.pi)).mean()}, 1e-3)


def on_lattice(q, p, x):
    """The quantities by sums over a fine lattice of the line."""
    step = x[1] - x[0]
    q, edges = q * step, np.append(x, x[-1] + step) - step / 2
    low, p = p.density(x) < LEVEL, p.interval_mass(edges)
    mean = (q * x).sum()
    away = np.cumsum(q - p)
    return {
        "variance": (q * (x - mean) ** 2).sum(),
        "entropy": -xlogy(q, np.maximum(q, 1e-300) / step).sum(),
        "hellinger": np.sqrt(((np.sqrt(q) - np.sqrt(p)) ** 2).sum() / 2),
        "wasserstein": step * np.abs(away).sum(),
        "hallucinated": q[low].sum(),
    }


def fitted(experiment):
    """The law that a loop by points fits in its first generation."""
    draws = PointDraws(experiment.target, experiment.stream(0))
    points = draws.fresh(np.ones(1), int(experiment.cycle.size(1))).points
    if isinstance(experiment.model, Kde):
        return experiment.model.fit(points, draws.generator)
    return FrozenEngine(experiment).learner(()).fit(points, draws.generator)


@pytest.mark.parametrize(
    ("target", "model", "most"),
    [
        (MODES, Kde(0.3), 5e-3),
        (MODES, Kde(0.5, Epanechnikov()), 5e-2),
        (truncated_mixture([1.0], [0.0], [1.0], (-1.0, 2.0)), Kde(0.3), 2e-2),
        (beta(0.7, 0.7), Kde(0.1), 0.2),
        (MODES, Diffusion(width=32, training_time=PowerTime(1.0, 0.9), sampler="ode"), 3e-2),
    ],
    ids=["gaussian", "epanechnikov", "jumps", "poles", "probability flow"],
)
def test_values_are_those_of_the_fitted_density(target, model, most):
    experiment = loop(target, model, n=60, generations=1, sampling="points")
    law = fitted(experiment)
    x = np.linspace(-6, 6, 40_001) + 1e-9
    q = np.exp(law.log_density(x))
    exact = on_lattice(q, target, x)
    if target == beta(0.7, 0.7):
        exact.pop("hellinger")  # the lattice itself is no better at a pole
    low = target.density(x) < LEVEL
    rough = q[:-1][low[1:] != low[:-1]].sum() * (x[1] - x[0])
    assert_within(run(experiment).frame, exact, most, rough=rough)


@pytest.mark.parametrize("width", [0.05, 0.2])
@pytest.mark.parametrize(
    ("name", "smoothed", "end"),
    [
        ("uniform", lambda x, h: ndtr(x / h) - ndtr((x - 1) / h), 1.0),
        ("expon", lambda x, h: np.exp(h * h / 2 - x) * ndtr(x / h - h), 40.0),
    ],
)
def test_hellinger_distance_is_not_moved_by_the_jump_of_a_density(name, smoothed, end, width):
    """Of p_0 to p_0 * N(0, h^2), by quadrature: what coarser cells lose at a jump is no trend."""
    experiment = loop(scipy(name), Kde(width), generations=1, sampling="population")
    real = getattr(stats, name).pdf
    common = quad(lambda x: np.sqrt(smoothed(x, width) * real(x)), 0, end, limit=400)[0]
    found = run(experiment).frame["hellinger"][0]
    assert found == pytest.approx(np.sqrt(1 - common), rel=1e-3)


def test_values_are_those_of_a_fitted_density_of_the_plane():
    pair = gaussian_mixture([0.6, 0.4], [[-0.8, 0.3], [0.9, -0.2]], [0.4, 0.5])
    experiment = loop(pair, Kde(0.4), n=20, generations=1, sampling="points")
    x = np.linspace(-5, 5, 601)
    mesh = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1)
    cell = (x[1] - x[0]) ** 2
    q, p = np.exp(fitted(experiment).log_density(mesh)) * cell, pair.density(mesh) * cell
    mean = (q[..., None] * mesh).sum(axis=(0, 1))
    exact = {
        "variance": (q[..., None] * (mesh - mean) ** 2).sum(),
        "entropy": -xlogy(q, q / cell).sum(),
        "hellinger": np.sqrt(((np.sqrt(q) - np.sqrt(p)) ** 2).sum() / 2),
        "kl_to_real": xlogy(q, q / p).sum(),
        "hallucinated": q[p / cell < LEVEL].sum(),
    }
    assert_within(run(experiment).frame, exact, 2e-2)


def test_doubts_of_masses_are_in_every_error():
    """A law is planted off by its doubt in one cell against another, which moves every quantity."""
    process = OrnsteinUhlenbeck()
    tables = line_tables(MODES, "tanh", 16, process, 0, LOOP)
    real = LineLaws.of(MODES, 1, tables.grid)
    recorder = Recorder(quantities_of(WORDS), RealLaw.of(MODES, real.target, real.cells))
    right, doubt = real.stopped(real.target.masses[None]), np.zeros((1, tables.axis.cells))
    right = right / right.sum()
    cells = np.flatnonzero(right[0] > 1e-4)[[0, -1]]
    doubt[0, cells] = 5e-5
    wrong = right + np.where(np.arange(right.size) == cells[0], 1, -1) * doubt

    def measured(masses, doubt):
        laws = LineLaws.of(MODES, 1, tables.grid)
        laws.recorder = recorder
        law = SolvedLaw(masses, np.zeros(1), np.zeros(1), doubt)
        return laws.record(1, np.ones(1), Trained(law)).recorded

    truth, sure, doubtful = (
        measured(right, 0 * doubt),
        measured(wrong, 0 * doubt),
        measured(wrong, doubt),
    )
    for name in COLUMNS:
        gap, error = abs(truth[name] - doubtful[name]), doubtful[f"{name}_error"]
        assert gap <= error + truth[f"{name}_error"]
        assert error > sure[f"{name}_error"] or name == "hallucinated"


def test_a_tail_that_no_grid_holds_leaves_moments_unknown():
    words = ("variance", "wasserstein", "entropy", "hellinger")
    heavy = replace(loop(Frozen(stats.cauchy()), Kde(10.0), generations=1), record=words)
    frame = run(heavy).frame
    for name in ("variance", "wasserstein", "entropy"):
        assert frame[f"{name}_error"][0] == np.inf
    assert np.isfinite(frame["hellinger_error"][0])


def test_mass_outside_the_support_makes_the_divergence_infinite_for_certain():
    frame = run(loop(beta(2, 3), Kde(0.1), generations=1)).frame
    assert (frame["kl_to_real"][0], frame["kl_to_real_error"][0]) == (np.inf, 0.0)


def test_a_density_too_small_for_a_number_leaves_the_divergence_open():
    frame = run(loop(GaussianMixture((1.0,), (0.0,), (0.01,)), Kde(2.0), generations=1)).frame
    assert frame["kl_to_real"][0] > 100
    assert frame["kl_to_real_error"][0] == np.inf


@pytest.mark.parametrize(
    "model",
    [
        Kde(0.3),
        Diffusion(width=16, training_time=20.0),
        pytest.param(TrainedDiffusion(width=4, steps=2, batch_size=8), marks=pytest.mark.slow),
    ],
    ids=["kde", "diffusion", "trained"],
)
def test_recording_changes_no_other_number(model):
    told = loop(MODES, model, n=50, generations=2)
    plain, more = run(replace(told, record=())), run(told)
    assert set(more.frame.columns) - set(plain.frame.columns) >= set(COLUMNS)
    assert more.frame.select(plain.frame.columns).equals(plain.frame)
    cells = [cell_of(e, streams=Streams.CELL) for e in (replace(told, record=()), told)]
    assert cells[0].key != cells[1].key
    assert cells[0].experiment.entropy == cells[1].experiment.entropy
    assert cells[1].experiment.quantities == told.quantities


def test_letters_have_exact_values():
    real = (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5))
    letters = Discrete(
        real=tuple(map(float, real)),
        cycle=cycles.full_synthetic(n=10),
        generations=1,
        replicates=50,
        record=("entropy", "hellinger", "kl-to-real", Hallucinated(0.25)),
    )
    runs = letters.run()
    p, seen = np.array(real, dtype=float), letters
    stream = np.random.default_rng(seen.seed)
    q = stream.multinomial(10, np.tile(p, (50, 1))) / 10
    exact = {
        "entropy": -xlogy(q, q).sum(axis=1),
        "hellinger": np.sqrt(1 - np.sqrt(q * p).sum(axis=1)),
        "kl_to_real": xlogy(q, q / p).sum(axis=1),
        "hallucinated": q[:, 2],
        "hallucinated_real": np.full(50, 0.2),
    }
    for name, value in exact.items():
        np.testing.assert_allclose(runs.recorded[name][:, 0], value, atol=1e-7)
        assert np.all(runs.recorded[f"{name}_error"] < 1e-12)
    np.testing.assert_array_equal(runs.tv, replace(letters, record=()).run().tv)


def test_the_reward_of_letters_is_exact_and_of_a_normal_law_within_its_error():
    words = {"kind": "reward", "score": "per-letter", "values": [0.0, 1.0, 4.0]}
    law = np.array([[0.5, 0.3, 0.2], [0.0, 1.0, 0.0]])
    (told,) = quantities_of([words])
    found = told.measure(CellLaw(law, None, np.zeros(2)), RealLaw(law[0]))
    np.testing.assert_allclose(found["reward"], [1.1, 1.0])
    np.testing.assert_allclose(found["reward_variance"], [0.3 + 3.2 - 1.21, 0.0], atol=1e-15)
    np.testing.assert_allclose(found["reward_real"], 1.1)
    axis = Axis(-9.0, 0.05, 360)
    masses = np.diff(stats.norm.cdf(axis.edges))
    weight = Reward(Exponential(Toward(0.5, 2.0)))
    line = weight.measure(
        CellLaw(masses[None], Grid((axis,)), np.zeros(1)), RealLaw(masses, Grid((axis,)))
    )
    mean, square = (np.sqrt(s / (s + 1)) * np.exp(-0.125 / (s + 1)) for s in (4.0, 2.0))
    exact = {"reward": mean, "reward_variance": square - mean**2, "reward_real": mean}
    for name, value in exact.items():
        assert abs(line[name][0] - value) <= line[f"{name}_error"][0] < 1e-3


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("variance", "must be a list of quantities"),
        (["varianc"], "did you mean 'variance'"),
        ([7], "record = 7: must be one of 'diversity', 'entropy'"),
        (["variance", "variance"], "'variance' is asked for twice"),
        ([{"kind": "hallucinated", "lvl": 1}], "'lvl': is not known here; it takes level"),
        ([{"kind": "variance", "level": 1}], "it takes nothing else"),
        ([{"kind": "hallucinated", "level": 0}], "level = 0: must be a number > 0"),
        ([{"kind": "reward", "level": 0.0}], "level: is not known of the score 'along'"),
    ],
)
def test_a_mistake_is_told_in_one_line(record, says):
    with pytest.raises(InputError, match="record") as told:
        replace(loop(MODES, Kde(0.3)), record=record)
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_laws_without_a_grid_and_letters_without_places_are_refused():
    with pytest.raises(InputError, match="record: needs a model whose laws live on a grid"):
        loop(normal(3), Kde(0.3))
    with pytest.raises(InputError, match="'wasserstein' needs places"):
        Discrete(
            real=(0.5, 0.5),
            cycle=cycles.full_synthetic(n=5),
            generations=1,
            record=("wasserstein",),
        )
