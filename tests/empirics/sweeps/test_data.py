"""A study whose target is a data file: known by its points, read beside the study, never stored."""

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import bounds
from bounds import cycles
from bounds.notation import C
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.models import Kde
from empirics.sweeps import SpecError, Store, cell_of, load, read_result, results
from verify import Runs, Verdict, check
from verify.checking import check_study
from verify.claim import Loop, Measured
from verify.loops import measure
from verify.verifying import _assumptions

POINTS = np.random.default_rng(0).normal(size=(600, 2, 2))
STUDY = """generations = 2
replicates = 2
[target]
kind = "samples"
data = "points.npy"
holdout = [0.5, 200]
[model]
kind = "kde"
[cycle]
kind = "fresh-real"
n = 40
share = 0.5
[numerics]
draws = 200
"""
PLANTED = bounds.define("planted-data", C, statement="TV is at most C.")


@pytest.fixture
def beside(tmp_path):
    """A folder with the data and the study."""
    np.save(tmp_path / "points.npy", POINTS)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path / "study.toml"


def experiment(data, **how):
    return Experiment(
        target=targets.Samples(data),
        model=Kde(),
        cycle=cycles.fresh_real(n=40, share=0.5),
        generations=2,
        replicates=2,
        numerics=Numerics(draws=200),
        **how,
    )


def test_a_path_is_relative_to_the_study_and_the_results_are_those_of_a_run(
    beside, tmp_path, sweep_into
):
    study = load(beside)
    assert [cell.label for cell in study.cells] == ["target.holdout=0.5", "target.holdout=200"]
    store, report = sweep_into(study, tmp_path / "store", workers=1)
    assert report.computed == 2, report.failures
    for cell in study.cells:
        kept, own = read_result(store, cell), run(cell.experiment)
        assert kept.frame.equals(own.frame)
        assert kept.limits_only
        assert kept.notes == own.notes
        assert kept.notes == ("points.npy: 600 points of shape 2 x 2, flattened to 4 coordinates",)
    verdicts = check_study(PLANTED, study, store, constant=0.9)
    assert all("flattened to 4 coordinates" in v.sentence for v in verdicts.values())


def test_commands_check_run_and_show_it_from_anywhere(beside, commands):
    (commands.folder / "elsewhere").mkdir()
    assert commands("check", "study.toml")[0] == 0
    status, out, err = commands("run", "study.toml", "--workers", "1")
    assert (status, err) == (0, "")
    out = commands("show", "study")[1]
    assert out.count("≥ ") == 4
    commands.folder /= "elsewhere"
    out = commands("run", "../study.toml", "--store", "../results")[1]
    assert "2 found, 0 computed" in out


def test_a_cell_is_named_by_the_points_not_by_the_file(tmp_path):
    np.save(tmp_path / "a.npy", POINTS)
    np.savez(tmp_path / "b.npz", points=POINTS)
    cells = [cell_of(experiment(d)) for d in (tmp_path / "a.npy", tmp_path / "b.npz", POINTS)]
    assert len({cell.key for cell in cells}) == 1
    assert cell_of(experiment(POINTS + 1e-9)).key != cells[0].key
    assert str(tmp_path) not in str(cells[0].description)
    assert len(str(cells[0].description)) < 2000


def test_points_without_a_file_are_sent_to_the_workers(tmp_path):
    (found,) = results({"own": experiment(POINTS)}, Store(tmp_path), workers=1).values()
    assert found.frame.equals(run(experiment(POINTS)).frame)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda path: np.save(path, POINTS + 1),
            "points.npy: has changed since the study was read",
        ),
        (lambda path: path.unlink(), "No such file or directory; the study's data must be at"),
    ],
)
def test_data_that_changed_or_went_is_told(change, message, beside, tmp_path, sweep_into):
    study = load(beside)
    change(beside.with_name("points.npy"))
    _, report = sweep_into(study, tmp_path / "store", workers=1)
    assert len(report.failures) == 2
    assert message in report.failures[0].error
    assert "\n" not in report.failures[0].error


def test_no_stored_file_opens_data():
    from empirics.sweeps.cell import experiment_in

    described = cell_of(experiment(POINTS)).description
    assert experiment_in(described) is None
    target = {**described["target"], "data": "points.npy"}
    assert experiment_in({**described, "target": target}) is None


MISTAKES = [
    ('"points.npy"', '"absent.npy"', "5: target.data = 'absent.npy': "),
    ('"points.npy"', '"study.toml"', "must be a file of the format .npy, .npz, .csv"),
    ('"points.npy"', "3", "5: target.data = 3: must be a text"),
    ('"points.npy"', '"nan.npy"', "5: target.data = 'nan.npy': nan.npy: 1 values are not finite"),
    ('"points.npy"', '["points.npy", "no.csv"]', "5: target.data = 'no.csv': "),
    ('data = "points.npy"', "", "3: target.data: is missing; must be a text"),
    ("[0.5, 200]", "600", "6: target.holdout = 600: holds out 600 of 600 points"),
    ("[0.5, 200]", "1.5", "6: target.holdout = 1.5: must be a number in (0, 1) or an integer >= 1"),
    ("holdout = [0.5, 200]", "letters = 3", "6: target.letters = 3: points must be integers"),
    ("n = 40", "n = 400", "600 points to train on are needed in 2 generations"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[m[2][:40] for m in MISTAKES])
def test_mistakes_are_told_with_their_place(old, new, message, beside):
    np.save(beside.with_name("nan.npy"), np.array([1.0, np.nan]))
    assert old in STUDY
    beside.write_text(STUDY.replace(old, new, 1))
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        load(beside)
    assert re.match(re.escape(str(beside)) + r":\d+: target", str(caught.value))
    assert "\n" not in str(caught.value)


def test_the_data_is_read_once_for_all_cells(beside, monkeypatch):
    from empirics.data import data_set

    read = []
    monkeypatch.setattr(
        data_set,
        "read_points",
        lambda *a: read.append(a) or sys.modules["empirics.data.files"].read_points(*a),
    )
    cells = load(beside).cells
    assert len(read) == 1
    assert cells[0].experiment.target.data is cells[1].experiment.target.data


@pytest.mark.parametrize("dimension", [1, 2])
def test_laws_are_kept_beside_an_estimate_of_the_real_one(dimension):
    data = POINTS.reshape(-1, dimension)
    kept = run(experiment(data), keep_laws=1)
    assert kept.frame.equals(run(experiment(data)).frame)
    sums = kept.laws.group_by("generation").sum()
    cell = 1 / (sums["real_density"][0] or 1)
    assert kept.laws["replicate"].unique().to_list() == [0]
    assert np.isfinite(kept.laws["density"].to_numpy()).all()
    # Both columns are densities on the same places: their sums are near each other.
    assert (sums["density"] * cell - 1).abs().max() < 0.1
    assert kept.plot_laws().axes


def test_laws_beyond_the_plane_are_refused_in_a_line():
    with pytest.raises(InputError, match="not in 4 dimensions") as caught:
        run(experiment(POINTS), keep_laws=1)
    assert "\n" not in str(caught.value)


def test_notes_come_back_with_stored_loops_of_a_verification(tmp_path):
    loop = Loop("data", experiment(POINTS))
    for _ in ("computed", "stored"):
        (timed,) = measure([loop], workers=1, store=Store(tmp_path)).values()
        assert timed.runs.notes == ("data: 600 points of shape 2 x 2, flattened to 4 coordinates",)
        assert check(PLANTED, timed.runs, constant=0.9).verdict is Verdict.INCONCLUSIVE


def test_notes_are_told_with_the_claims_whose_loops_they_are_of():
    runs = Runs.of(run(experiment(POINTS)))
    held = [Measured(Loop("data", experiment(POINTS)), runs)]
    told = _assumptions(SimpleNamespace(statements=()), held)
    assert told == (f"data: {runs.notes[0]}",)
