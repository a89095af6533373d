"""A model of one's own whose density is not that of its points is refused by name, or noted."""

import pickle
from dataclasses import dataclass, replace
from functools import cache
from re import escape, match

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds import cycles
from bounds.notation import C
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.distances import monte_carlo_total_variation, tv_interval
from empirics.distances.agreement import Tally, mean_factor
from empirics.distances.monte_carlo import compared
from empirics.errors import DensityError
from empirics.models import Kde
from verify import Runs, check

CONSTANT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Fitted:
    """A normal law, with the fault of its model."""

    mean: float
    fault: str

    def sample(self, size, generator):
        drawn = generator.normal(self.mean, 1, size)
        if self.fault == "moved":
            drawn += 0.7
        return drawn[:, None] if self.fault == "column" else drawn

    def log_density(self, x):
        value = -0.5 * (x - self.mean) ** 2 - CONSTANT
        faulty = {
            "constant": value + CONSTANT,
            "half": value - np.log(2),
            "total": value.sum(),
            "all": np.full(x.shape, value.sum()),
            "noise": value + np.random.default_rng(len(x)).normal(size=x.shape),
            "tails": np.where(value < -3.8, -np.inf, value),
            "nan": np.full(x.shape, np.nan),
            "infinite": value + 1e6,
            "infinity": value + np.inf,
            "zero": np.full(x.shape, -np.inf),
        }
        return faulty.get(self.fault, value)


@dataclass(frozen=True)
class Own:
    fault: str = ""

    def fit(self, samples, generator):
        assert samples.ndim == 1
        return Fitted(float(samples.mean()), self.fault)


def measured(fault="", seed=0):
    return run(
        Experiment(
            target=targets.normal(),
            model=Own(fault),
            cycle=cycles.full_synthetic(n=200),
            generations=2,
            replicates=2,
            seed=seed,
            numerics=Numerics(draws=4000),
        )
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("constant", "does not integrate to one"),
        ("half", "does not integrate to one"),
        ("moved", "disagrees with the points that are sampled"),
        ("total", "has shape () at 16 points; must be one number each"),
        ("nan", "must be finite, or minus infinity where the density is zero; is neither"),
        ("infinite", "does not integrate to one"),
        ("zero", "disagrees with the points that are sampled"),
        ("tails", "of the points that one law draws its density is zero"),
        ("all", "must depend on the point alone, and not on chance"),
        ("noise", "must depend on the point alone, and not on chance"),
        ("infinity", "is neither at 16 of 16 points"),
    ],
)
def test_a_density_that_is_not_of_its_points_is_refused(fault, message):
    with pytest.raises(InputError) as caught:
        measured(fault)
    assert match(r"generation \d: model Fitted: log_density: ", str(caught.value))
    assert "log_density" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_right_density_is_measured_as_before_and_columns_are_points_on_the_line():
    right = measured().matrix("tv")
    exact = 2 * stats.norm.cdf(0.5 / np.sqrt(200)) - 1
    assert right.mean() == pytest.approx(exact, abs=0.05)
    assert np.array_equal(measured("column").matrix("tv"), right)


def test_right_densities_are_refused_by_chance_never():
    """500 pairs of laws, near and far, few draws and many: at a millionth each, none."""
    generator = np.random.default_rng(0)
    for i in range(500):
        p = targets.gaussian_mixture([1.0], [float(generator.uniform(0, 4))], 1.0)
        draws = int(generator.choice([4, 20, 200]))
        monte_carlo_total_variation(p, targets.normal(), draws, np.random.default_rng(i))


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_density_a_quarter_off_is_seen(factor):
    class Wrong:
        sample = staticmethod(targets.normal().sample)

        @staticmethod
        def density(x):
            return factor * targets.normal().density(x)

    other = targets.gaussian_mixture([1.0], [0.3], 1.0)
    for pair in ((Wrong(), other), (other, Wrong())):
        with pytest.raises(InputError, match="does not integrate to one"):
            monte_carlo_total_variation(*pair, 2000, np.random.default_rng(0))


PLANTED = bounds.define("planted-density", C, statement="TV is at most C.")


class Shifted:
    """A normal law far from its training data, its density a factor too large."""

    def __init__(self, gap, factor):
        self.gap, self.factor = gap, factor

    def fit(self, samples, generator):
        law, factor = Fitted(float(samples.mean()) + self.gap, ""), self.factor

        class Scaled:
            sample = staticmethod(law.sample)

            @staticmethod
            def log_density(x):
                return law.log_density(x) + np.log(factor)

        return Scaled()


def loop(model, target=None, **how):
    base = Experiment(
        target=target or targets.normal(),
        model=model,
        cycle=cycles.full_synthetic(n=100),
        generations=2,
        replicates=2,
        numerics=Numerics(draws=2000),
    )
    return replace(base, **how)


@pytest.mark.parametrize("gap", [0, 1, 3, 4, 6, 30])
@pytest.mark.parametrize("factor", [1e-9, 0.4, np.sqrt(2 * np.pi), 1e9])
def test_a_wrong_constant_is_refused_or_stands_in_the_verdict(factor, gap):
    if gap < 3:
        with pytest.raises(InputError, match="does not integrate to one"):
            run(loop(Shifted(gap, factor)))
        return
    try:
        result = run(loop(Shifted(gap, factor)))
    except InputError:
        return
    for constant in (0.3, 0.9999):
        verdicts = check(PLANTED, result, constant=constant)
        for text in (verdicts.sentence, repr(verdicts), verdicts._repr_html_()):
            assert "normalisation is not certain" in " ".join(text.split())


def test_models_that_share_a_fault_do_not_vouch_for_each_other():
    """Every model is near the last and far from the real law."""
    result = run(loop(Shifted(0.5, 1.0), targets.normal(), generations=2))
    assert result.notes == ()

    class Far(Shifted):
        def fit(self, samples, generator):
            self.gap = 30 if samples.mean() < 20 else 0.1
            return super().fit(samples, generator)

    (note,) = run(loop(Far(30, 2.0))).notes
    assert match(r"log_density of Scaled, generation \d: few draws", note)


class Fixed:
    """A normal law whatever the data, its density a factor too large."""

    def __init__(self, mean, scale, factor):
        self.law, self.factor = targets.gaussian_mixture([1.0], [mean], scale), factor

    def fit(self, samples, generator):
        law, factor = self.law, self.factor

        class Scaled:
            sample = staticmethod(law.sample)

            @staticmethod
            def log_density(x):
                return np.log(law.density(x)) + np.log(factor)

        return Scaled()


WELL = ((0.1, 1.0), (1.0, 1.0), (0.0, 0.5), (0.0, 4.0))
BADLY = ((3.0, 1.0), (2.0, 0.3), (0.0, 10.0))
"""Mean and scale of laws that overlap with the standard normal one."""


def run_unless_refused(experiment):
    """The result; ``None`` where the total mass of a density is seen not to be one."""
    try:
        return run(experiment)
    except InputError as error:
        if "does not integrate to one" not in str(error):
            raise
        return None


@cache
def tv_of(law):
    return run(loop(Fixed(*law, 1.0))).matrix("tv").mean()


@pytest.mark.parametrize("law", [*WELL, *BADLY])
@pytest.mark.parametrize("factor", [1 / 1.4, 1 / 1.2, 1 / 1.05, 1.05, 1.2, 1.4])
def test_a_constant_passes_unsaid_only_where_it_hardly_moves_tv(law, factor):
    result = run_unless_refused(loop(Fixed(*law, factor)))
    if result is None:
        return
    assert law not in WELL or abs(np.log(factor)) < 0.2
    moved = abs(result.matrix("tv").mean() - tv_of(law))
    assert result.notes or moved <= max(1e-3, result.matrix("tv_error").mean())
    verdicts = check(PLANTED, result, constant=0.9999)
    assert ("not certain" in verdicts.sentence) == bool(result.notes)


@pytest.mark.parametrize("law", WELL)
def test_many_runs_together_see_a_constant_that_none_sees(law):
    many = {"replicates": 20, "numerics": Numerics(draws=4000)}
    assert run(loop(Fixed(*law, 1.0), **many)).notes == ()
    result = run_unless_refused(loop(Fixed(*law, 1.05), **many))
    told = () if result is None else result.notes
    assert result is None or len(told) == 1
    for note in told:
        assert match("log_density of Scaled: its total mass is not one: on average over 40", note)


@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1])
def test_limits_on_a_mean_mass_hold(factor):
    """Of laws far and near together: 100 pairs of limits at 1 - 1e-6."""
    laws = [Fixed(mean, scale, factor).fit(None, None) for mean, scale in (*WELL[1:], *BADLY)]

    class Density:
        def __init__(self, law):
            self.sample, self.density = law.sample, lambda x: np.exp(law.log_density(x))

    for i in range(100):
        generator = np.random.default_rng(i)
        found = [compared(Density(law), targets.normal(), 100, generator) for law in laws]
        tallies = [Tally.of(each.shares, each.tv.half_width) for each in found]
        low, high = mean_factor(tallies)
        assert low <= factor <= high


def test_notes_do_not_depend_on_workers_or_their_order():
    few = loop(Shifted(3, 1.0), replicates=6)
    assert run(few, workers=1).notes == run(few, workers=3).notes != ()


@pytest.mark.parametrize("gap", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("factor", [1.0, 1.02])
def test_the_limits_on_a_total_mass_hold(factor, gap):
    """200 intervals at 1 - 1e-6, of densities a little off: all of them hold."""

    right = targets.gaussian_mixture([1.0], [gap], 0.8)

    class Off:
        sample = staticmethod(right.sample)

        @staticmethod
        def density(x):
            return factor * right.density(x)

    for i in range(200):
        found = compared(Off(), targets.normal(), 400, np.random.default_rng(i)).shares
        low, high = found.factor()
        assert low <= factor <= high
        assert found.contrasts(factor).mean() == pytest.approx(found.contrasts().mean(), abs=0.02)


class Sampling:
    """A standard normal law whose points come in another form."""

    def __init__(self, form, log=None, has_density=True):
        self.form, self.log, self.has_density = form, log, has_density

    def fit(self, samples, generator):
        form, log = self.form, self.log or (lambda x: x)

        class Law:
            @staticmethod
            def sample(size, generator):
                return form(generator.standard_normal((size, *samples.shape[1:])))

        def log_density(x):
            value = -0.5 * x**2 - CONSTANT
            return log(value if x.ndim == 1 else value.sum(axis=1))

        if self.has_density:
            Law.log_density = staticmethod(log_density)
        return Law()


def same(x):
    return x


def spoilt(value):
    def form(x):
        x[3] = value
        return x

    return form


def tensor(x):
    import torch

    return torch.as_tensor(x).requires_grad_()


FORMS = {
    "complex": (lambda x: x + 0j, "sample: must be an array of numbers, not complex numbers"),
    "text": (lambda x: x.astype(str), "sample: must be an array of numbers, not text"),
    "objects": (lambda x: x.astype(object), "sample: must be an array of numbers, not objects"),
    "dates": (lambda x: (1e6 * x).astype("M8[s]"), "not dates"),
    "masked": (lambda x: np.ma.masked_less(x, 0), "values are masked"),
    "nothing": (lambda x: None, "not objects"),
    "nan": (spoilt(np.nan), "sampled values that are not finite"),
    "infinite": (spoilt(np.inf), "sampled values that are not finite"),
    "short": (lambda x: x[:-1], "sampled an array of shape"),
    "row": (lambda x: x.reshape(1, -1), "sampled an array of shape (1, "),
    "wide": (lambda x: np.stack([x, x, x], axis=-1), "sampled an array of shape"),
    "number": (lambda x: 1.0, "sampled an array of shape ()"),
}


def test_a_mistake_of_another_kind_is_not_laid_to_the_density():
    """Errors of densities are known by their class, whatever others say."""

    def fails(x):
        if len(x) > 100:
            raise InputError("density: of bacteria, not known")
        return x

    with pytest.raises(InputError, match=r"^generation 1: density: of bacteria, not known$"):
        run(loop(Sampling(fails), targets.normal()))
    with pytest.raises(DensityError, match=r"^density: integrates to 2; must") as caught:
        targets.from_density(lambda x: 0 * x + 2.0, (0.0, 1.0))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.what) == (str(caught.value), caught.value.what)


@pytest.mark.parametrize("has_density", [True, False])
@pytest.mark.parametrize("dimension", [1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_points_of_a_wrong_form_are_refused_by_name(form, dimension, has_density):
    make, message = FORMS[form]
    model = Sampling(make, has_density=has_density)
    with pytest.raises(InputError, match=escape(message)) as caught:
        run(loop(model, targets.normal(dimension), generations=1, replicates=1))
    assert str(caught.value).startswith("generation 1: model Law: sample")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dimension", [1, 3])
def test_columns_lists_and_tensors_are_numbers(dimension):
    pytest.importorskip("torch")
    target = targets.normal(dimension)
    plain = run(loop(Sampling(same), target)).matrix("tv")
    for form in (tensor, lambda x: x.tolist(), lambda x: x.reshape(len(x), -1)):
        assert np.array_equal(run(loop(Sampling(form), target)).matrix("tv"), plain)
    for log in (tensor, lambda v: v.tolist(), lambda v: v[:, None]):
        assert np.array_equal(run(loop(Sampling(same, log), target)).matrix("tv"), plain)


DATA = targets.Samples(np.random.default_rng(0).normal(size=800))
ANSWERS = {
    "total over the batch": (lambda v: v.sum(), "has shape ()"),
    "the total each": (lambda v: np.full(v.shape, v.sum()), "must depend on the point alone"),
    "batch normalised": (lambda v: v - v.mean(), "must depend on the point alone"),
    "row": (lambda v: v[None], "has shape (1, "),
    "nan": (lambda v: np.where(v < -1.5, np.nan, v), "must be finite, or minus infinity"),
    "infinite": (lambda v: np.where(v < -1.5, np.inf, v), "must be finite, or minus infinity"),
    "complex": (lambda v: v + 0j, "not complex numbers"),
    "text": (lambda v: v.astype(str), "not text"),
    "masked": (lambda v: np.ma.masked_less(v, -1.5), "values are masked"),
    "nothing": (lambda v: None, "not objects"),
}


@pytest.mark.parametrize("target", [targets.normal(), targets.normal(3), DATA], ids=repr)
@pytest.mark.parametrize("answer", ANSWERS)
def test_log_densities_of_a_wrong_form_are_refused_by_name(answer, target):
    """Also where they only help to tell samples apart: a sum over a batch "certified" 0.97 of 0."""
    log, message = ANSWERS[answer]
    with pytest.raises(InputError, match=escape(message)) as caught:
        run(loop(Sampling(same, log), target, generations=1, replicates=1))
    assert str(caught.value).startswith("generation 1: model Law: log_density: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("own", ["embedding", "classifier"])
def test_a_judge_that_looks_at_other_points_is_refused(own):
    x, y = np.random.default_rng(0).normal(size=(2, 2000, 2))
    shift = {"embedding": lambda z: z - z.mean(axis=0), "classifier": lambda z: z[:, 0] - z.mean()}
    with pytest.raises(InputError, match=f"{own}: gives .* must depend on the point alone"):
        tv_interval(x, y, **{own: shift[own]})


def test_a_target_of_ones_own_may_be_at_fault_too():
    class Twice(targets.GaussianMixture):
        def density(self, x):
            return 2 * super().density(x)

    with pytest.raises(InputError, match=r"log_density \(or the density of target Twice\): dis"):
        run(loop(Own(), Twice((1.0,), (0.0,), (1.0,))))


def test_two_known_laws_say_what_was_not_checked():
    far = targets.gaussian_mixture([1.0], [5.0], 1.0)
    found = tv_interval(targets.normal(), far, draws=1000)
    assert "normalisation is not certain" in found.note
    assert tv_interval(targets.normal(), targets.normal(), draws=1000).note == ""


def test_notes_reach_verdicts_by_way_of_runs():
    result = run(loop(Shifted(6, 1.0)))
    assert Runs.of(result).only(slice(0, 1)).notes == result.notes != ()


def test_laws_of_ones_own_are_kept_in_the_plane():
    kept = run(loop(Sampling(same), targets.normal(2)), keep_laws=1).laws
    np.testing.assert_allclose(kept["density"].to_numpy(), kept["real_density"].to_numpy())
    data = targets.Samples(np.random.default_rng(0).normal(size=(400, 2)))
    assert len(run(loop(Kde(), data, replicates=1), keep_laws=1).laws) == len(kept)
