"""Figures draw on the store: a loop runs once, a table is made once."""

import json
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from rich.console import Console

import paper_figures
from bounds import cycles
from empirics import Experiment, Numerics, run, targets
from empirics.closed_form import NormalFit
from empirics.models import Kde
from empirics.sweeps import IncompleteError, Store
from empirics.sweeps.sweeping import Sweep
from paper_figures.catalogue import catalogue
from paper_figures.curves import measured
from paper_figures.making import How, make_all
from paper_figures.writing import FORMATS
from verify.scale import Scale

FIGURES = catalogue()

QUIET = Console(quiet=True)


def loop(n, **more):
    return Experiment(
        target=more.pop("target", targets.normal()),
        model=Kde(),
        cycle=cycles.balanced(n=n),
        generations=20,
        replicates=6,
        **more,
    )


def tabulated(results, _):
    return measured("full synthetic", results["one"])


def figure(name="test", **experiments):
    found = experiments or {"one": loop(50), "two": loop(60)}
    more = {"caption": "Test.", "alt": "Test.", "experiments": lambda _: found}
    return replace(FIGURES["ladder"], name=name, tabulate=tabulated, **more)


@pytest.fixture
def refuses(monkeypatch):
    """From here on no worker starts."""

    def start(_):
        raise AssertionError("a loop was run")

    return lambda: monkeypatch.setattr(Sweep, "_executor", start)


def test_a_second_run_computes_nothing(tmp_path, refuses):
    make_all([figure()], Scale.QUICK, tmp_path, QUIET)
    before = {p.name: p.read_bytes() for p in tmp_path.glob("test.*")}
    assert len(Store(tmp_path / "store").finished()) == 2
    refuses()

    def fail(*_):
        raise AssertionError("a table or a picture was made")

    # The inputs that a table is known by are its loops and all code, which are the same here.
    make_all([replace(figure(), tabulate=fail, draw=fail)], Scale.QUICK, tmp_path, QUIET)
    assert {p.name: p.read_bytes() for p in tmp_path.glob("test.*")} == before


def test_pictures_that_are_not_as_they_were_drawn_are_drawn_again(tmp_path):
    def pictures():
        return {p.suffix: p.read_bytes() for p in tmp_path.glob("test.*") if p.suffix != ".json"}

    make_all([figure()], Scale.QUICK, tmp_path, QUIET)
    before = pictures()
    (tmp_path / "test.pdf").unlink()
    (tmp_path / "test.svg").write_text("<svg/>")
    make_all([figure()], Scale.QUICK, tmp_path, QUIET)
    assert pictures() == before
    make_all([figure()], How(style="neurips2024"), tmp_path, QUIET)
    assert pictures()[".png"] != before[".png"]
    assert pictures()[".csv"] == before[".csv"]


def test_kept_laws_come_from_the_store(tmp_path, refuses):
    """X13 draws densities, which no rows of a frame hold."""
    few = {"n": 40, "generations": (1, 2), "replicates": 3, "single": 2, "width": 6}
    make_all([FIGURES["X13"]], How(changes=few), tmp_path, QUIET)
    before = (tmp_path / "X13.csv").read_bytes()
    refuses()
    (tmp_path / "X13.csv").unlink()
    make_all([FIGURES["X13"]], How(changes=few), tmp_path, QUIET)
    assert (tmp_path / "X13.csv").read_bytes() == before
    assert paper_figures.make("X13", **few).frame.write_csv().encode() == before


def test_loops_in_closed_form_run_once(tmp_path, monkeypatch):
    few = {"n": 40, "generations": 3, "replicates": 4, "biases": (0.7, 1.2)}
    make_all([FIGURES["X22"]], How(changes=few), tmp_path, QUIET)
    before = (tmp_path / "X22.csv").read_bytes()
    monkeypatch.setattr(NormalFit, "run", None)
    make_all([FIGURES["X22"]], How(changes=few), tmp_path, QUIET)
    assert (tmp_path / "X22.csv").read_bytes() == before
    told = json.loads((tmp_path / "X22.json").read_text())["experiments"]
    assert len(told) == 6
    assert all({"spec", "seed", "replicates"} <= set(loop) for loop in told.values())


def test_a_changed_table_is_not_drawn_from(tmp_path, refuses):
    make_all([figure()], Scale.QUICK, tmp_path, QUIET)
    refuses()
    path = tmp_path / "test.csv"
    right = path.read_text()
    path.write_text(right.replace("0.", "0.9", 1))
    make_all([figure()], Scale.QUICK, tmp_path, QUIET)
    assert path.read_text() == right


def test_figures_share_loops_and_a_store_elsewhere(tmp_path, refuses):
    make_all([figure("first")], Scale.QUICK, tmp_path / "a", QUIET, tmp_path / "shared")
    refuses()
    make_all([figure("second")], Scale.QUICK, tmp_path / "b", QUIET, tmp_path / "shared")
    assert not (tmp_path / "b" / "store").exists()
    tables = [tmp_path / f for f in ("a/first.csv", "b/second.csv")]
    assert tables[0].read_text() == tables[1].read_text()


def test_the_store_gives_the_numbers_of_a_plain_run(tmp_path):
    seen = {}

    def look(results, p):
        seen.update(results)
        return tabulated(results, p)

    make_all([replace(figure(), tabulate=look)], Scale.QUICK, tmp_path, QUIET)
    for name, experiment in figure().loops(Scale.QUICK).items():
        np.testing.assert_array_equal(seen[name].matrix("tv"), run(experiment).matrix("tv"))


def test_a_loop_that_cannot_be_described_is_run_all_the_same(tmp_path):
    flat = targets.from_density(lambda x: 1 + 0 * x, (0.0, 1.0))
    make_all([figure(one=loop(50, target=flat))], Scale.QUICK, tmp_path, QUIET)
    assert (tmp_path / "test.png").exists()


def test_a_failed_loop_costs_its_own_figure_only(tmp_path):
    bad = figure("bad", one=loop(50, numerics=Numerics(window=((-1.0, 1.0),))))
    with pytest.raises(IncompleteError, match="failed twice"):
        make_all([bad, figure("good")], Scale.QUICK, tmp_path, QUIET)
    assert (tmp_path / "good.png").exists()
    assert not (tmp_path / "bad.csv").exists()


@pytest.mark.parametrize("setting", ["figure.autolayout", "figure.constrained_layout.use"])
def test_pictures_are_laid_out_alike_whatever_the_users_settings_are(setting, tmp_path):
    pictures = []
    for folder, value in (("own", True), ("default", False)):
        with mpl.rc_context({setting: value}):
            make_all([figure()], Scale.QUICK, tmp_path / folder, QUIET)
        pictures.append([(tmp_path / folder / f"test.{kind}").read_bytes() for kind in FORMATS])
    assert pictures[0] == pictures[1]
