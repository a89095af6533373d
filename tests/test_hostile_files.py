"""No file makes a command run anything, and none makes it end without a line and its status."""

import json
import os
import shutil
import warnings
from random import Random

import polars as pl
import pytest
from rich.console import Console

from empirics.__main__ import main as empirics_main
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.sweeps import Store, Sweep, cell_of, parse
from empirics.sweeps.cell import experiment_in
from empirics.sweeps.describing import build
from empirics.sweeps.encoding import encode
from paper_figures.__main__ import main as figures_main
from paper_figures.catalogue import catalogue
from paper_figures.making import make_all
from paper_figures.spec import Scale as FigureScale
from tests.hostile import changed, damaged, deep, values, watched
from tests.verify.page.conftest import finding
from verify import keeping
from verify.__main__ import main as verify_main
from verify.claims import select
from verify.keeping import keep, kept
from verify.page.explorer import explorer_section, measured_curves
from verify.page.report import Material, report
from verify.scale import Scale

FIGURES = catalogue()

STUDY = """
generations = 2
replicates = 3
target.kind = "normal"
model.kind = "kde"
cycle = {kind = "fresh-real", n = [20, 30], share = 0.5}
"""
OTHER = STUDY.replace("[20, 30]", "40")
FEW, MANY = 60, 10_000
"""Tries of each kind; with those of ``bounds``, of studies and of arrays, over fifty thousand."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory, warm_workers):
    """A store of a finished study, and the study's file."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "study.toml").write_text(STUDY)
    (folder / "other.toml").write_text(OTHER)
    store = Store(folder / "results")
    for _ in Sweep(parse(STUDY, "study").cells, store, workers=1):
        pass
    # The record of the run, as the command leaves it.
    assert empirics_main(["run", str(folder / "study.toml"), "--store", str(store.folder)]) == 0
    return folder


@pytest.fixture
def watch(tmp_path, monkeypatch):
    return watched(tmp_path, monkeypatch)


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy")
    return tmp_path / "copy"


def planted(store, key, manifest):
    """A well-sealed cell with rows of its own and this manifest."""
    rows = pl.read_parquet(store.path(key))
    store.path(key).write_bytes(encode(rows, manifest))


def looked_at(folder, watch):
    """Every command that reads a store; and the page's reading of it."""
    store, csv = ("--store", str(folder / "results")), str(folder / "rows.csv")
    for arguments in (
        ("list",),
        ("show", "study"),
        ("show", Store(folder / "results").finished()[0][:9]),
        ("check", str(folder / "other.toml")),
        ("check", str(folder / "study.toml")),
        ("export", "study", "--csv", csv),
    ):
        watch.run(empirics_main, *arguments, *store)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured_curves(Store(folder / "results"))
    watch.assert_quiet()


def fuzz_stores(folder, watch, seeds):
    """Manifests and records that say something else, and bytes of both that are damaged."""
    store = Store(folder / "results")
    key = store.finished()[0]
    cell, record = store.path(key), folder / "results" / "runs" / "study.json"
    whole, text = cell.read_bytes(), record.read_bytes()
    manifest = store.read(key)[1]
    for seed in seeds:
        random = Random(seed)
        if seed % 4 == 0:
            told = changed(json.loads(text), random, watch.canary)
            record.write_text(json.dumps(told))
        elif seed % 4 == 1:
            path, data = ((cell, whole), (record, text))[random.random() < 0.3]
            path.write_bytes(damaged(data, random))
        else:
            altered = changed(manifest, random, watch.canary)
            planted(store, key, {**altered, "key": key})
        looked_at(folder, watch)
        cell.write_bytes(whole)
        record.write_bytes(text)


def test_no_stored_manifest_or_record_runs_anything(folder, watch):
    fuzz_stores(folder, watch, range(FEW))


@pytest.mark.slow
def test_no_stored_manifest_or_record_of_many_runs_anything(folder, watch):
    fuzz_stores(folder, watch, range(MANY))


@pytest.mark.parametrize("place", ["model", "target", "cycle", "numerics", "generations"])
def test_whatever_a_cell_says_its_parts_are_nothing_is_called(place, folder, watch):
    store = Store(folder / "results")
    key = store.finished()[0]
    manifest = store.read(key)[1]
    for value in values(watch.canary):
        planted(store, key, {**manifest, "spec": {**manifest["spec"], place: value}})
        looked_at(folder, watch)


def test_only_parts_of_this_project_are_built_from_a_description(watch):
    for value in values(watch.canary):
        if isinstance(value, dict) and {"type", "call", "scipy"} & value.keys():
            with pytest.raises((InputError, KeyError)):
                build(value)
    watch.assert_quiet()


def test_a_stored_experiment_of_this_project_is_built_again():
    cells = parse(STUDY, "study").cells
    assert all(experiment_in(cell.description) == cell.experiment for cell in cells)
    for figure in FIGURES.values():
        loops = figure.loops(FigureScale.QUICK).values()
        for experiment in (loop for loop in loops if isinstance(loop, Experiment)):
            assert experiment_in(cell_of(experiment).description) == experiment


@pytest.mark.parametrize("number", [10**30, 2**63, -(2**63) - 1])
def test_a_record_with_a_number_beyond_a_column_is_passed_over(number, folder, watch):
    record = folder / "results" / "runs" / "study.json"
    told = json.loads(record.read_text())
    told["cells"] = {key: {**place, "cycle.n": number} for key, place in told["cells"].items()}
    record.write_text(json.dumps(told))
    csv, store = str(folder / "rows.csv"), str(folder / "results")
    status, line = watch.run(empirics_main, "export", "study", "--csv", csv, "--store", store)
    assert status == 2
    assert "is not in store" in line


FIELDS = ("spec", "seconds", "started", "versions", "columns", "mean_tv", "largest_error")


@pytest.mark.parametrize("field", FIELDS)
def test_a_sealed_cell_without_a_field_is_damaged_by_name(field, folder, watch):
    store = Store(folder / "results")
    key = store.finished()[0]
    manifest = store.read(key)[1]
    del manifest[field]
    planted(store, key, manifest)
    looked_at(folder, watch)
    (damage,) = store.check([key])[1]
    assert damage.reason == f"has a manifest without {field}"


def test_a_cell_that_is_no_regular_file_is_not_waited_for(folder, watch):
    store = Store(folder / "results")
    key = store.finished()[0]
    store.path(key).unlink()
    os.mkfifo(store.path(key))
    looked_at(folder, watch)
    assert store.check([key])[1][0].reason == "is no regular file"


CLAIM = select(("clt",))[0]


def resealed(path, content):
    path.write_text(json.dumps({"seal": keeping._seal(content), "verification": content}))


def drawn(folder):
    """The page of what is kept; without the catalogue, which no file changes."""
    found, damaged = kept(folder)
    for verification in found or [None]:
        report(Material(verification, [], damaged=damaged, claims={"clt": CLAIM}, bounds={}))


@pytest.fixture
def explorer_once(monkeypatch):
    """The page's explorer holds nothing of a verification: it is made one time for all pages."""
    made = explorer_section((), {})
    monkeypatch.setitem(report.__globals__, "explorer_section", lambda *_: made)


def fuzz_verifications(tmp_path, watch, seeds):
    """Verifications that say something else under a right seal, and bytes that are damaged."""
    path = keep(tmp_path / "verify", [finding(CLAIM)], Scale.QUICK, 0, 1.0)
    whole = path.read_bytes()
    content = json.loads(whole)["verification"]
    for seed in seeds:
        random = Random(seed)
        if seed % 4:
            try:
                resealed(path, changed(content, random, watch.canary))
            except ValueError:
                continue  # a number that JSON lacks
        else:
            path.write_bytes(damaged(whole, random))
        drawn(path.parent)
        watch.assert_quiet()


@pytest.mark.usefixtures("explorer_once")
def test_no_kept_verification_stops_the_page(tmp_path, watch):
    fuzz_verifications(tmp_path, watch, range(FEW // 4))


@pytest.mark.slow
@pytest.mark.usefixtures("explorer_once")
def test_none_of_many_kept_verifications_stops_the_page(tmp_path, watch):
    fuzz_verifications(tmp_path, watch, range(MANY))


@pytest.mark.parametrize("text", ["[" * 10**5, json.dumps({"a": 1}), "\0", json.dumps(deep(500))])
def test_a_kept_verification_that_is_none_is_named(text, tmp_path):
    (tmp_path / "bad.json").write_text(text)
    found, (damage,) = kept(tmp_path)
    assert not found
    assert "\n" not in str(damage)


WORDS = (
    *("run", "check", "kinds", "list", "show", "export", "report", "audit", "self-test"),
    *("--store", "--csv", "--out", "--figures", "--seed", "--scale", "--redraw", "--gallery"),
    *("--stored-only", "--checks", "--n", "--json", "--limit", "--workers", "--cluster", "--help"),
    *("--again", "--set", "--style", "--format", "--bound", "--with", "--share", "--constant"),
    *("--gamma", "--confidence", "--method", "--letters", "clt", "R3", "study", "n=500"),
    *("", ".", "-", "--", "0", "-1", "1e309", "nan", "x" * 300, "\x1b[2J", "[/foo]", "a/b", "~"),
    *("study.toml", "quick", "no\nline", "'", "%s", "{}", "\udcff", "/dev/null", "results"),
)


def fuzz_lines(folder, watch, monkeypatch, seeds):
    """Words in any order; what they ask for is made, as far as it costs nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("verify.commands.verify_claims", lambda *_, **how: [finding(CLAIM)])
    monkeypatch.setattr("verify.commands.write_report", lambda out, _: out.write_text(""))
    monkeypatch.setattr("verify.commands.gathered", lambda *_: Material(None, []))
    monkeypatch.setattr("verify.commands.obstacles", lambda *_: {})
    monkeypatch.setattr("verify.commands.rates_table", str)
    monkeypatch.setattr("verify.commands.engine_rates", lambda *_: "")
    monkeypatch.setattr("paper_figures.making.make_all", lambda *_: None)
    monkeypatch.setattr("empirics.sweeps.commands._advance", lambda *_: None)
    mains = (empirics_main, verify_main, figures_main)
    for seed in seeds:
        random = Random(seed)
        line = random.choices(WORDS, k=random.randint(0, 6))
        watch.run(mains[seed % 3], *line)


def test_any_command_line_is_answered(folder, watch, monkeypatch):
    fuzz_lines(folder, watch, monkeypatch, range(3 * FEW))


@pytest.mark.slow
def test_any_of_many_command_lines_is_answered(folder, watch, monkeypatch):
    fuzz_lines(folder, watch, monkeypatch, range(MANY))


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    out = tmp_path_factory.mktemp("figures")
    make_all([FIGURES["R3"]], FigureScale.QUICK, out, Console(quiet=True))
    return out


@pytest.mark.parametrize("kept_manifest", [True, False])
def test_a_cut_table_is_not_drawn(kept_manifest, tables, tmp_path, watch):
    shutil.copytree(tables, tmp_path / "out")
    path = tmp_path / "out" / "R3.csv"
    data = path.read_bytes()
    if not kept_manifest:
        path.with_suffix(".json").unlink()
    header = data.index(b"\n") + 1
    cuts = [0, 1, header - 1, header, len(data) - 1]
    for cut in cuts + ([len(data[: -(len(data) // 3)])] if kept_manifest else []):
        path.write_bytes(data[:cut])
        status, told = watch.run(figures_main, "R3", "--redraw", "--out", str(path.parent))
        assert status == 2
        assert "R3.csv: " in told
        assert len(told.splitlines()) == 1
