"""A description says all about an experiment, and names it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.models import Epanechnikov, Kde, PowerRule
from empirics.sweeps import Streams, cell_of, parse
from empirics.sweeps.describing import build, canonical, describe, digest
from empirics.sweeps.versions import _meaning, code_version
from paper_figures.catalogue import catalogue
from verify.scale import Scale

PLAIN = Experiment(
    target=targets.normal(),
    model=Kde(PowerRule(1.06)),
    cycle=cycles.fresh_real(n=100, share="1/10"),
    generations=2,
    replicates=3,
)
VARIED = [
    PLAIN,
    replace(PLAIN, seed=1),
    replace(PLAIN, replicates=4),
    replace(PLAIN, generations=3),
    replace(PLAIN, cycle=cycles.fresh_real(n=100, share=0.1)),
    replace(PLAIN, cycle=cycles.fresh_real(n=100, share="1/10", data="resampled")),
    replace(PLAIN, cycle=cycles.custom(rows=[[1], [0.5, 0.5]], n=[10, 20])),
    replace(PLAIN, model=Kde(PowerRule(1.06), Epanechnikov())),
    replace(PLAIN, model=Kde(np.float64(0.1))),
    replace(PLAIN, model=Kde(np.nextafter(0.1, 1))),
    replace(PLAIN, target=targets.beta(2, 3)),
    replace(PLAIN, target=targets.Frozen(stats.laplace(scale=2.0))),
    replace(PLAIN, target=targets.Frozen(stats.truncnorm(-np.inf, 2))),
    replace(PLAIN, target=targets.truncated_mixture([1.0], [0.0], 1.0, (-1, 2))),
    replace(PLAIN, target=targets.normal(2)),
    replace(PLAIN, numerics=Numerics(window=((-9.0, 9.0),))),
    replace(PLAIN, numerics=Numerics(sampling="points")),
    replace(PLAIN, entropy=7),
]


@pytest.mark.parametrize("experiment", VARIED, ids=range(len(VARIED)))
def test_an_experiment_is_built_again_from_its_description(experiment):
    again = cell_of(experiment).experiment
    assert canonical(cell_of(again).description) == canonical(cell_of(experiment).description)
    assert again.cycle == experiment.cycle
    if not isinstance(experiment.target, targets.Frozen):
        assert again == experiment


def test_what_no_file_could_hold_is_refused():
    with pytest.raises(InputError, match="more than 64 bits"):
        cell_of(replace(PLAIN, seed=2**64))
    assert describe([np.inf, np.array([-np.inf])]) == [{"number": "inf"}, [{"number": "-inf"}]]
    with pytest.raises(InputError, match="must be one of"):
        build({"number": "1e3"})


def test_every_difference_has_its_own_key():
    keys = {cell_of(experiment).key for experiment in VARIED}
    assert len(keys) == len(VARIED)
    assert cell_of(PLAIN, streams=Streams.CELL).key not in keys


def test_the_figures_experiments_can_all_be_stored():
    for figure in catalogue().values():
        for experiment in figure.loops(Scale.PAPER).values():
            if isinstance(experiment, Experiment):  # closed forms run faster than they are read
                assert cell_of(experiment).experiment == experiment


def test_built_experiments_give_the_same_numbers():
    np.testing.assert_array_equal(
        run(cell_of(PLAIN).experiment).matrix("tv"), run(PLAIN).matrix("tv")
    )


def test_cells_share_no_random_streams():
    first, second = (
        cell_of(replace(PLAIN, cycle=cycles.fresh_real(n=n, share=0.1)), streams=Streams.CELL)
        for n in (100, 101)
    )
    draws = [c.experiment.stream(r).random() for c in (first, second) for r in (0, 1)]
    assert len(set(draws)) == 4
    assert PLAIN.stream(0).random() not in draws


def test_the_streams_of_a_cell_follow_its_seed():
    text = 'generations = 1\nseed = [0, 1]\nmodel.kind = "kde"\ntarget.kind = "normal"\n'
    cells = parse(text + 'cycle = {kind = "balanced", n = 9}', "seeds").cells
    assert cells[0].experiment.stream(0).random() != cells[1].experiment.stream(0).random()


def test_plain_experiments_draw_as_ever():
    expected = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(5,))).random()
    assert PLAIN.stream(5).random() == expected


def test_keys_do_not_depend_on_the_order_of_a_mapping():
    assert digest({"a": 1, "b": [2.5]}) == digest({"b": [2.5], "a": 1})


def test_numbers_keep_every_bit():
    for value in (0.1, np.nextafter(0.1, 1), 1e-308, float(2**70)):
        assert build(describe(value)) == value


@pytest.mark.parametrize(
    "value", [lambda x: x, object(), targets.from_density(lambda x: 1 + 0 * x, (0, 1))]
)
def test_what_cannot_be_described_is_refused(value):
    with pytest.raises(InputError, match="no canonical description"):
        describe(value)


@pytest.mark.parametrize("text", ["1e999999999", "1" * 2000, "1/0", "x", 5, None])
def test_a_stored_fraction_is_read_within_limits(text):
    assert build({"fraction": "1/3"}) == Fraction(1, 3)
    with pytest.raises(InputError, match="fraction = "):
        build({"fraction": text})


def test_a_class_inside_a_function_is_refused():
    from dataclasses import dataclass

    @dataclass
    class Local:
        x: int = 1

    with pytest.raises(InputError, match="top of a module"):
        describe(Local())


def words(source):
    return _meaning(source.encode())


def test_the_code_version_follows_what_code_does_not_how_it_reads():
    code = 'def f(x):\n    """Say."""\n    return x + 1\n'
    assert words(code) == words("def f(x):  # why\n\n    'Other.'\n    return (x + 1)\n")
    assert words(code) != words(code.replace("+ 1", "+ 2"))


def test_an_own_module_counts_in_the_version(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("ownone", "owntwo"):
        (tmp_path / f"{name}.py").write_text(f"x = {name!r}")
    versions = [code_version(names) for names in ([], ["ownone"], ["owntwo"])]
    assert len(set(versions)) == 3
    assert code_version(["empirics.models.kde", "bounds.cycles"]) == versions[0]
