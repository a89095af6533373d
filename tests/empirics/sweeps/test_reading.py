"""A study says what it runs, or one line says what is wrong and where."""

import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from empirics import Experiment
from empirics.__main__ import main
from empirics.models import BestTv, Diffusion, FixedTime, PowerTime
from empirics.sweeps import SpecError, load, parse
from empirics.sweeps.constructors import PARTS, kinds
from empirics.sweeps.schema import _fields, fields_of

STUDIES = sorted((Path(__file__).parents[3] / "empirics" / "studies").glob("*.toml"))
BASE = """generations = 20
replicates = 256
seed = 3

[target]
kind = "gaussian-mixture"
weights = [0.3, 0.7]
means = [-2.0, 1.0]
scales = [0.5, 0.3]

[model]
kind = "kde"
constant = 0.55

[cycle]
kind = "fresh-real"
n = [100, 1000]
share = [0.0, 0.1]
"""
KDE = 'kind = "kde"\nconstant = 0.55'
CYCLE = 'kind = "fresh-real"\nn = [100, 1000]\nshare = [0.0, 0.1]'
LAW = BASE.split("[target]\n")[1].split("\n\n")[0]


def labels(text):
    return [cell.label for cell in parse(text, "study").cells]


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_shipped_studies_can_be_run(path):
    if path.stem in ("own-flow", "own-mixture"):
        pytest.importorskip({"own-flow": "torch", "own-mixture": "sklearn"}[path.stem])
    study = load(path)
    assert study.title
    assert study.cells
    assert all(isinstance(cell.experiment, Experiment) for cell in study.cells)


@pytest.mark.parametrize(
    ("rule", "built"),
    [
        ("", Diffusion().rule),
        ("training_time = 30", FixedTime(30.0)),
        ("constant = 0.5", PowerTime(0.5)),
        ("exponent = 1.0", PowerTime(1.0, 1.0)),
        ('oracle = "tv"', BestTv()),
    ],
)
def test_a_diffusion_states_when_its_training_stops(rule, built):
    text = BASE.replace(KDE, f'kind = "diffusion"\nwidth = 8\nstop = 0.01\n{rule}')
    model = parse(text, "study").cells[0].experiment.model
    assert (model.rule, model.width, model.process.stop) == (built, 8, 0.01)


def test_two_rules_for_the_training_time_are_refused():
    text = BASE.replace(KDE, 'kind = "diffusion"\ntraining_time = 30\noracle = "kl"')
    with pytest.raises(SpecError, match="are three rules for when training stops; give one"):
        parse(text, "study")


def test_grids_expand_to_their_product_in_the_order_of_the_file():
    expected = [f"cycle.n={n} cycle.share={s}" for n in (100, 1000) for s in ("0", "0.1")]
    assert labels(BASE) == expected


def test_top_level_numbers_and_whole_parts_are_grids_too():
    text = BASE.replace("seed = 3", "seed = [1, 2]")
    text = text[: text.index("[cycle]")]
    text += '[[cycle]]\nkind = "balanced"\nn = 50\n[[cycle]]\nkind = "full-synthetic"\nn = [10, 20]'
    assert labels(text) == [
        f"seed={s} cycle={c}"
        for s in (1, 2)
        for c in ("balanced", "full-synthetic cycle.n=10", "full-synthetic cycle.n=20")
    ]


def test_two_parts_of_one_kind_are_told_apart_by_number():
    text = BASE[: BASE.index("[model]")] + BASE[BASE.index("[cycle]") :]
    text += '[[model]]\nkind = "kde"\nbandwidth = 0.2\n[[model]]\nkind = "kde"\nbandwidth = 0.3'
    assert "cycle.n=100 cycle.share=0 model=1" in labels(text)


def test_a_list_that_a_field_asks_for_is_no_grid_unless_said():
    assert len(labels(BASE)) == 4
    both = BASE.replace("scales = [0.5, 0.3]", "scales = {grid = [[0.5, 0.3], [0.4, 0.4]]}")
    assert len(labels(both)) == 8


def test_the_experiment_is_the_one_that_the_file_says():
    cell = parse(BASE, "study").cells[1]
    e = cell.experiment
    assert (e.generations, e.replicates, e.seed) == (20, 256, 3)
    assert (e.cycle.n, e.cycle.share, e.cycle.name) == (100, 0.1, "fresh real share")
    assert e.model.bandwidth.constant == 0.55
    assert e.target.means == (-2.0, 1.0)


def test_whole_numbers_and_decimals_name_one_cell():
    whole, decimal = (
        parse(BASE.replace("[0.0, 0.1]", share), "study").cells[0].key for share in ("1", "1.0")
    )
    assert whole == decimal


MISTAKES = [
    ("[0.0, 0.1]", "1.3", "18: cycle.share = 1.3: must lie in [0, 1]"),
    ("[0.0, 0.1]", "[0.0, 1.3]", "18: cycle.share = 1.3: must lie in [0, 1]"),
    ("[0.0, 0.1]", "'much'", "18: cycle.share = 'much': must be a number in [0, 1]"),
    ("[0.0, 0.1]", "nan", "18: cycle.share = nan: must lie in [0, 1]"),
    ("share =", "shar =", "18: cycle.shar: is not known here; allowed are kind, n, data, share"),
    ("share = [0.0, 0.1]", "", "cycle.share: is missing; must be a number in [0, 1]"),
    ("[100, 1000]", "[]", "17: cycle.n = []: a grid needs at least one value"),
    ("[100, 1000]", "[7, 7]", "the cell cycle.n=7 cycle.share=0 is there twice"),
    ("[100, 1000]", "2.5", "17: cycle.n = 2.5: must be an integer in [1, 1e+12]"),
    ("[100, 1000]", "true", "17: cycle.n = true: must be an integer"),
    ('"fresh-real"', '"fresh-rael"', "did you mean 'fresh-real'?"),
    ('kind = "fresh-real"', "", "cycle.kind: is missing; must be one of 'full-synthetic'"),
    ("generations = 20", "", "generations: is missing; must be an integer in [1, 1000]"),
    ("generations = 20", "generations = 0", "1: generations = 0: must lie in [1, 1000]"),
    ("seed = 3", "seed = -1", "3: seed = -1: must lie in [0,"),
    ("[model]", "[modl]", "modl: is not known here; allowed are target, model,"),
    ("constant = 0.55", "constant = 0", "13: model.constant = 0: must be > 0"),
    ("constant = 0.55", "bandwidth = 1\nconstant = 2", "model.bandwidth = 1.0: is fixed"),
    ("constant = 0.55", "bandwidth = 1e-9", "numerics: grid of"),
    ("[0.3, 0.7]", "[0.4, 0.7]", "7: target.weights = (0.4, 0.7): must be >= 0 and sum to 1"),
    ("[0.3, 0.7]", "[1.0]", "7: target.weights: 1 for 2 means"),
    ("[-2.0, 1.0]", "[[1, 2], [3]]", "study.toml:8: target.means"),
    ("[0.5, 0.3]", "[0.5, 'x']", "9: target.scales[1] = 'x': must be"),
    ("[cycle]", "[numerics]\nsampling = 'count'\n[cycle]", "one of 'counts', 'points'"),
    ("[cycle]", "[numerics]\nresolution = 2\n[cycle]", "numerics.resolution = 2: must be >= 3"),
    ("[cycle]", "[numerics]\nwindow = [[0, 1], [0, 1]]\n[cycle]", "numerics.window"),
    ("[cycle]", "[cycle", "is not TOML: "),
    ("n = [100, 1000]", "n = 100\ndata = 'subsampled'", "cycle: generation 2: data ="),
    (KDE, 'kind = "nowhere.at:All"', "importing nowhere.at fails"),
    (KDE, 'kind = "empirics.models:Kdee"', "did you mean 'Kde'?"),
    (KDE, 'kind = "empirics.models:Kde"\nwidth = 1', "got an unexpected keyword argument 'width'"),
    (KDE, 'kind = "collections:OrderedDict"', "without fit; a model needs fit(samples, generator)"),
    (KDE, 'kind = "empirics.models:Kde"\nbandwidth = 1979-05-27', "must be a text, a number"),
    (KDE, 'kind = "empirics.models:Kde"\nbandwidth = inf', "bandwidth = inf: must be finite"),
    (KDE, f'kind = "empirics.models:Kde"\nbandwidth = {2**64}', "an integer within 64 bits"),
    (KDE, 'kind = "a b:c"', "must be 'package.module:Name'"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[m[2][:50] for m in MISTAKES])
def test_mistakes_are_told_with_their_place_and_what_is_allowed(old, new, message):
    assert old in BASE
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        parse(BASE.replace(old, new, 1), "study", "study.toml")
    assert str(caught.value).startswith("study.toml:")
    assert "\n" not in str(caught.value)


INSIDE = [
    ('{kind = "composed", parts = [{kind = "noise", scale = "a"}]}', "> 0", "parts[0].scale = 'a'"),
    (
        '{kind = "composed", parts = [{kind = "noise", scal = 1}]}',
        "is not known here; allowed are kind, scale; did you mean 'scale'?",
        "parts[0].scal",
    ),
    (
        '{kind = "composed", parts = [{kind = "nois", scale = 1}]}',
        "did you mean 'noise'?",
        "parts[0].kind = 'nois': must be one of 'best-of'",
    ),
    ('{kind = "composed", parts = [{scale = 1}]}', "one of 'best-of'", "parts[0].kind: is missing"),
    ('{kind = "mixed", operator = {kind = "noise"}}', "a number > 0", "operator.scale: is missing"),
    ('{kind = "mixed", share = 0.5, operator = 1}', "must be a table", "operator = 1"),
]


@pytest.mark.parametrize(("given", "allowed", "place"), INSIDE, ids=[m[2] for m in INSIDE])
def test_a_mistake_inside_a_list_or_a_table_is_told_by_its_own_type(given, allowed, place):
    with pytest.raises(SpecError) as caught:
        parse(f"between = {given}\n{BASE}", "study", "study.toml")
    assert str(caught.value).startswith(f"study.toml:1: between.{place}")
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            CYCLE,
            "kind = 'custom'\nn = 5\nrows = [[1], ['a', 1]]",
            "rows[1][0] = 'a': must be a num",
        ),
        (CYCLE, "kind = 'custom'\nn = 5\nrows = [1]", "rows[0] = 1: must be a list, each a number"),
        (CYCLE, "kind = 'custom'\nn = 5\nrows = []", "rows = []: must have 1 or more entries"),
        (
            LAW,
            "kind = 'scipy'\ndistribution = 't'\nparameters = {df = 'a'}",
            "{'df': 'a'}: must be a table, each a num",
        ),
        ("seed = 3", "record = [3]", "record[0] = 3: must be a text or a table"),
    ],
)
def test_a_list_in_a_list_and_a_table_in_a_table_are_told_by_their_own_types(old, new, message):
    assert old in BASE
    with pytest.raises(SpecError, match=re.escape(message)):
        parse(BASE.replace(old, new), "study")


def test_too_many_cells_are_refused_before_any_is_made():
    seeds = ", ".join(map(str, range(1000)))
    text = BASE.replace("seed = 3", f"seed = [{seeds}]").replace("[100, 1000]", f"[{seeds}]")
    with pytest.raises(SpecError, match="at most 100000"):
        parse(text, "study")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 10_000, b"x = " + b"9" * 5000])
def test_files_that_are_no_study_are_refused_in_one_line(tmp_path, content):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=r"odd\.toml") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named():
    with pytest.raises(SpecError, match=r"nothing\.toml: cannot be read as a study"):
        load("nothing.toml")


def test_the_base_is_toml_itself():
    assert tomllib.loads(BASE)["cycle"]["n"] == [100, 1000]


def _takes_no_text(function: Callable[[float], float], width: float = 1.0):
    """A constructor that no study can call."""


def test_a_constructor_that_no_study_can_call_is_told_apart_from_a_mistake():
    with pytest.raises(TypeError, match="function needs a default, or a type that can be written"):
        list(_fields(_takes_no_text))


SCORE = {"centre", "width", "direction", "level", "height", "values"}
SPREAD = {
    "trained-diffusion": {"horizon", "stop"},
    **dict.fromkeys(("best-of", "keep-top", "tilt"), SCORE),
}
"""Parameters of parts that stand in the table of the whole."""


@pytest.mark.parametrize("part", PARTS)
def test_every_kind_is_read_by_its_own_constructor(part):
    for kind, make in kinds(part).items():
        taken = set(inspect.signature(make).parameters)
        assert set(fields_of((part, kind))) <= taken | SPREAD.get(kind, set())


def test_the_kinds_of_a_study_are_listed_with_what_they_take(capsys):
    assert main(["kinds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(r" *cycle +fresh-real +n, data, share ", line) for line in lines)
    assert any(re.match(r" *target +beta +a, b ", line) for line in lines)
