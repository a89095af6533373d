"""Pictures from objects are tested by the numbers that are on their axes."""

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

import bounds
import empirics
import verify
from bounds import cycles
from bounds.errors import ParameterError
from drawing.canvas import vacuous_zone
from drawing.style import looks_of
from empirics import Experiment, InputError, run, targets
from empirics.models import Diffusion, Kde, PowerRule
from empirics.pictures import measured_table, plot_frame

PLANE = targets.gaussian_mixture([0.5, 0.5], [(0.0, 1.0), (1.0, -1.0)], 0.4)


def loop(target=None, model=None, n=200, **more):
    given = {"generations": 3, "replicates": 40} | more
    return Experiment(
        target=target or targets.normal(),
        model=model or Kde(PowerRule(1.0)),
        cycle=cycles.full_synthetic(n=n),
        **given,
    )


@pytest.fixture(scope="module")
def result():
    return run(loop(), keep_laws=3)


def lines(axes):
    """The drawn series, by the legend's words."""
    return {line.get_label(): line for line in axes.get_lines()}


def words(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_a_run_is_drawn_with_its_means(result):
    figure = result.plot()
    (bars,) = figure.axes[0].containers
    np.testing.assert_allclose(bars.lines[0].get_ydata(), result.matrix("tv").mean(axis=0))
    assert figure.axes[0].get_xlabel() == "generation"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_what_is_kept_changes_no_number(result):
    plain = run(loop(), workers=2)
    assert plain.laws is None
    assert plain.frame.equals(result.frame)


def test_kept_laws_have_the_measured_distances(result):
    """Half the sum of differences of densities is TV, up to the places' width."""
    laws = result.laws
    assert laws.columns == ["replicate", "generation", "x", "density", "real_density"]
    width = laws["x"][1] - laws["x"][0]
    gap = (pl.col("density") - pl.col("real_density")).abs().sum() * width / 2
    found = laws.group_by("replicate", "generation", maintain_order=True).agg(gap.alias("tv"))
    measured = result.matrix("tv")[:3].ravel()
    np.testing.assert_allclose(found["tv"], measured, atol=2e-3)


@pytest.mark.parametrize(
    ("target", "model"),
    [
        (PLANE, Kde(PowerRule(0.5))),
        (targets.normal(), Diffusion(width=16, training_time=20.0)),
    ],
)
def test_laws_of_other_models_integrate_to_one(target, model):
    result = run(loop(target, model, generations=2, replicates=2), keep_laws=8)
    dimension = target.dimension
    axes = [result.laws[name].unique().sort() for name in "xy"[:dimension]]
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    mass = result.laws.group_by("replicate", "generation").agg(pl.col("density").sum() * cell)
    assert len(mass) == 4
    np.testing.assert_allclose(mass["density"], 1, atol=5e-3)
    assert result.plot_laws().axes


class Sampled:
    """A model that only samples: the normal law with the data's moments."""

    def fit(self, samples, generator):
        self.mean, self.sd = samples.mean(), samples.std()
        return self

    def sample(self, size, generator):
        return generator.normal(self.mean, self.sd, size)


def test_a_law_without_a_density_is_estimated_from_draws():
    from empirics.grid import Axis, Grid, drawn_density

    places = Grid((Axis(-5.0, 0.02, 500),))
    model = Sampled().fit(np.array([-1.0, 1.0]), None)
    found = drawn_density(lambda n: model.sample(n, np.random.default_rng(0)), places)
    real = targets.normal().density(places.points())
    assert np.abs(found - real).sum() * 0.02 / 2 < 0.02


def test_laws_that_cannot_be_kept_are_refused_in_a_line(result):
    with pytest.raises(InputError, match="keep_laws = -1: must be an integer >= 0"):
        run(loop(), keep_laws=-1)
    with pytest.raises(InputError, match="would keep"):
        run(loop(replicates=10**6, generations=50), keep_laws=10**6)
    with pytest.raises(InputError, match="keep_laws=8"):
        run(loop()).plot_laws()


def test_limits_are_drawn_where_tv_is_not_known():
    frame = pl.DataFrame(
        {
            "replicate": [0, 0, 1, 1],
            "generation": [1, 2, 1, 2],
            "tv": pl.Series([None] * 4, dtype=pl.Float64),
            "tv_error": pl.Series([None] * 4, dtype=pl.Float64),
            "tv_low": [0.1, 0.2, 0.2, 0.4],
            "tv_high": [1.0, 1.0, 1.0, 1.0],
        }
    )
    table = measured_table(frame)
    assert table["series"].unique().to_list() == ["limit"]
    np.testing.assert_allclose(table["low"], [0.15, 0.3])
    figure = plot_frame(frame)
    assert "certified lower limit on TV" in words(figure)
    assert figure.axes[0].collections


def test_verdicts_are_drawn_with_their_bound_and_marks(result):
    verdicts = verify.check(bounds.get("kde-sandwich"), result)
    axes = verdicts.plot().axes[0]
    drawn = lines(axes)[f"{verdicts.bound.title}: {verdicts.verdict.value}"]
    np.testing.assert_allclose(drawn.get_ydata(), [row.bound for row in verdicts.rows])
    assert verdicts.rows[0].verdict.value in lines(axes)


def test_shares_of_runs_have_their_own_panel(result):
    verdicts = verify.check(bounds.get("kde-high-probability-single"), result, delta=0.1)
    left, right = verdicts.plot().axes
    assert "share" in right.get_ylabel()
    assert "measured mean TV" in lines(left)


def test_a_bound_that_does_not_apply_says_why():
    accumulating = cycles.accumulating(n=50)
    runs = verify.Runs(cycle=accumulating, tv=np.full((40, 3), 0.1), one_step_tv=np.zeros((40, 3)))
    verdicts = verify.check(bounds.get("full-synthetic"), runs, constant=1)
    figure = verdicts.plot()
    assert "hypotheses-unmet" in figure.get_suptitle()
    assert "full synthetic" in figure.get_suptitle().lower().split("\n", 1)[1]


def test_a_comparison_has_every_bound_and_what_was_measured(result):
    chosen = [bounds.get(name) for name in ("kde-recursion", "kde-sandwich", "kde-clt")]
    figure = verify.comparison(result, *chosen)
    found = words(figure)
    for bound in chosen:
        verdict = verify.check(bound, result).verdict.value
        assert f"{bound.title}: {verdict}" in found
    assert "measured mean TV, 95 % interval" in found


def test_a_violated_bound_is_marked(result):
    half = bounds.define("too-small", "1/n", statement="planted: far below the truth")
    axes = verify.comparison(result, half).axes[0]
    assert "violated" in lines(axes)


def test_bounds_are_drawn_along_a_word():
    chosen = [bounds.get(name) for name in ("full-synthetic", "balanced")]
    axes = bounds.plot(*chosen, n=10, generation=range(1, 31)).axes[0]
    for line, bound in zip(axes.get_lines(), chosen, strict=True):
        np.testing.assert_allclose(
            line.get_ydata(), bound.evaluate(n=10, generation=np.arange(1, 31))
        )
    assert [text.get_text() for text in axes.texts] == ["vacuous: TV is at most 1"]
    assert bounds.plot(chosen[0], along="n", generation=3).axes[0].get_xscale() == "log"


@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize("highest", [1.001, 1.1, 3.0])
def test_words_of_the_vacuous_zone_stand_in_it(highest, scale):
    """In a panel of 40 mm, and the axis is no longer than it has to be."""
    figure = Figure(figsize=(2.0, 1.6))
    axes = figure.subplots()
    axes.plot([1, 2], [0.05, highest])
    axes.set_yscale(scale)
    axes.set_ylim(0.04, highest)
    vacuous_zone(axes)
    figure.canvas.draw()
    words, whole = axes.texts[0].get_window_extent(), axes.get_window_extent()
    edge = axes.transData.transform((1, 1.0))[1]
    assert edge <= words.y0
    assert words.y1 <= whole.y1 + 1
    assert axes.get_ylim()[1] == highest or whole.y1 - edge < 0.15 * whole.height


def test_the_vacuous_zone_is_only_where_it_is_seen():
    axes = bounds.plot(bounds.get("balanced"), n=10**6).axes[0]
    assert not axes.texts


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda r: bounds.plot(), "none was given"),
        (lambda r: bounds.plot(bounds.get("balanced"), along="generatio"), "did you mean"),
        (lambda r: bounds.plot(bounds.get("balanced"), along="influence"), "whole curve"),
        (lambda r: bounds.plot(bounds.get("balanced"), generation=3), "at least two"),
        (lambda r: verify.comparison(r), "none was given"),
        (lambda r: verify.comparison(r, bounds.get("balanced"), shar=1), "unknown to all"),
    ],
)
def test_mistakes_are_told_in_a_line(result, mistake, message):
    with pytest.raises(ParameterError, match=message) as told:
        mistake(result)
    assert "\n" not in str(told.value)


def test_bounds_keep_their_colours_and_share_none():
    assert looks_of({"mine": "mine", "kde-sandwich": "s"})["kde-sandwich"].colour == "#0072B2"
    few = looks_of({"kde-recursion": "a", "error-propagation": "b", "mine": "c", "yours": "d"})
    assert len({(look.colour, str(look.line)) for look in few.values()}) == 4


def test_pictures_load_matplotlib_only_when_drawn():
    import subprocess
    import sys

    code = "import sys, bounds, empirics, verify; verify.check, bounds.plot, empirics.run;"
    code += "print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert empirics.Result
