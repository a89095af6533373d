"""Figures are tested by the numbers they plot, and by what the command leaves behind."""

import json
import re
import subprocess
from dataclasses import is_dataclass, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest
from rich.console import Console

import paper_figures
from drawing.style import LOOK, SERIES
from empirics import InputError, run, targets
from paper_figures.__main__ import main
from paper_figures.catalogue import catalogue, select, titles
from paper_figures.making import How, make_all, redraw, show
from paper_figures.writing import write_pictures
from verify.claims import claims
from verify.scale import Scale

FIGURES = catalogue()

FIRST = ("R1", "R2", "R3", "R4", "R7", "R8", "X1", "X7", "ladder")
COLUMNS = ["panel", "series", "x", "y", "low", "high"]
QUIET = Console(quiet=True)


FEWER = {"X1": {"lam": (0.25, 2.0, 16.0, 362.0), "generations": (2, 10)}}


def settings(name):
    """The figure's quick parameters, with fewer places on the axis of the longest."""
    return FIGURES[name].parameters(Scale.QUICK, FEWER.get(name))


def small(name):
    """Their experiments with few runs, without the largest ones in the plane."""
    experiments = FIGURES[name].loops(settings(name))
    kept = {k: e for k, e in experiments.items() if e.target.dimension == 1 or e.cycle.n <= 10**4}
    runs = {1: 24, 2: 3}
    return {k: replace(e, replicates=runs[e.target.dimension]) for k, e in kept.items()}


@pytest.fixture(scope="module")
def tables():
    """Every figure's table from a small run."""
    out = {}
    for name in FIRST:
        results = {k: run(e, 1) for k, e in small(name).items()}
        out[name] = FIGURES[name].table(results, settings(name))
    return out


def values(table, **where):
    rows = table.filter(*(pl.col(k) == v for k, v in where.items())).sort("x")
    return rows["y"].to_numpy()


def test_the_list_of_figures_is_complete():
    """The list of figures: R1 to R8 and X1 to X8."""
    listed = {f"{kind}{i}" for kind in "RX" for i in range(1, 9)}
    assert listed | {"ladder"} <= set(FIGURES)
    assert dict(titles()) == {name: figure.title for name, figure in FIGURES.items()}


def test_every_figure_says_what_it_shows():
    for figure in FIGURES.values():
        assert figure.paper == (figure.name[0] != "X")
        assert set(figure.claims) <= set(claims()), figure.name
        assert len(figure.claims) == len(set(figure.claims))
        assert figure.scales is None or len({type(p) for p in figure.scales}) == 1


def told_well(name, caption, alt):
    assert 60 <= len(alt) <= 400, name
    for text in (alt, caption):
        assert text.endswith("."), name
        assert "  " not in text, name


def test_captions_are_written_from_parameters_and_tables(tables):
    for name, table in tables.items():
        told_well(name, *FIGURES[name].words(settings(name), table))
    caption, _ = FIGURES["ladder"].words(
        FIGURES["ladder"].parameters(Scale.QUICK), tables["ladder"]
    )
    ladder = tables["ladder"]
    ratio = values(ladder, series="kde-sandwich") / values(ladder, series="measured")
    (told,) = re.findall(r"within ([\d.]+)x", caption)
    assert ratio.max() <= float(told) <= ratio.max() + 0.02
    below = values(ladder, series="kde-recursion") < 1
    assert f"vacuous from generation {int(below.sum()) + 1} on" in caption


def test_every_figure_with_loops_has_parameters():
    for figure in FIGURES.values():
        assert (figure.scales is not None) == bool(figure.loops(Scale.QUICK)), figure.name
        for parameters in figure.scales or ():
            assert is_dataclass(parameters)
            assert parameters.__dataclass_params__.frozen
            assert hash(parameters) == hash(replace(parameters))


def test_scales_run_loops_of_their_own():
    for figure in FIGURES.values():
        quick, paper = (figure.loops(scale) for scale in Scale)
        assert not quick or quick != paper, figure.name


def test_a_figure_is_made_in_memory_with_parameters_of_its_own():
    target = targets.gaussian_mixture([0.5, 0.5], [-1.0, 1.0], 0.4)
    figure, frame = paper_figures.make(
        "ladder", n=150, generations=3, replicates=20, target=target, style="neurips2024"
    )
    assert figure.get_figwidth() == pytest.approx(5.5)
    assert values(frame, series="measured").shape == (3,)
    assert "n = 150" in figure.caption
    assert repr(target) in figure.caption
    assert "Over 3 generations" in figure.alt


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"m": 3}, "m: figure R7 has no such parameter; it has n, generations"),
        ({"n": "many"}, "n = 'many'"),
        ({"n": 0}, "n = 0"),
        ({"share": 1.5}, "share = 1.5"),
        ({"generatons": 3}, "did you mean 'generations'"),
    ],
)
def test_wrong_parameters_are_told_before_loops_run(changes, message):
    with pytest.raises(InputError, match=re.escape(message)) as told:
        FIGURES["R7"].parameters(Scale.QUICK, changes)
    assert "\n" not in str(told.value)


def test_texts_become_values():
    changed = FIGURES["X1"].parameters(Scale.QUICK, {"lam": "0.5,2", "n": "70"})
    assert (changed.lam, changed.n) == ((0.5, 2.0), 70)
    with pytest.raises(InputError, match="figure R2 has no parameters"):
        FIGURES["R2"].parameters(Scale.QUICK, {"n": "1"})


def test_one_format_in_a_venue_with_parameters(tmp_path, capsys):
    arguments = ["X7", "--set", "n=100", "--set", "generations=3", "--set", "replicates=8"]
    arguments += ["--style", "neurips2024", "--format", "pdf", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert {p.suffix for p in tmp_path.glob("X7.*")} == {".csv", ".json", ".pdf"}
    told = json.loads((tmp_path / "X7.json").read_text())
    assert (told["parameters"]["n"], told["parameters"]["generations"]) == (100, 3)
    assert "n = 100" in told["caption"]
    told = capsys.readouterr().out
    assert "CSV and JSON of 1 figure are in" in told
    assert f"{tmp_path / 'index.html'} shows them" in told.replace("\n", "")
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "X7      The recursion is attained, and where it loses\n" in listed


def test_tables_are_tidy_and_finite(tables):
    for table in tables.values():
        assert table.columns == COLUMNS
        assert table["y"].is_finite().all()
        assert (table["y"] >= 0).all()


def test_every_figure_draws_from_its_table_alone(tables):
    for name, table in tables.items():
        with mpl.rc_context(LOOK):
            figure = FIGURES[name].draw(table)
        assert figure.axes
        assert all(ax.get_xlabel() or ax.get_ylabel() for ax in figure.axes[:1])


def test_legends_lie_inside_their_figures(tables):
    for name, table in tables.items():
        with mpl.rc_context(LOOK):
            figure = FIGURES[name].draw(table)
            figure.canvas.draw()
            for legend in figure.legends:
                box = legend.get_window_extent()
                assert box.x0 >= 0, name
                assert box.x1 <= figure.bbox.x1, name


def test_closed_forms_lie_on_the_recursion(tables):
    """R2: the markers are the lines."""
    closed = tables["R2"].filter(pl.col("panel") == "closed form")
    recursion = tables["R2"].filter(pl.col("panel") == "recursion")
    both = recursion.join(closed, on=["series", "x"], suffix="_closed")
    assert len(both) == len(recursion)
    np.testing.assert_allclose(both["y"], both["y_closed"], rtol=1e-12)


def test_full_synthetic_data_needs_the_fourth_power(tables):
    """R3: slope 4."""
    need = values(tables["R3"], panel="required", series="full synthetic")
    x = values(tables["R3"].with_columns(y="x"), panel="required", series="full synthetic")
    np.testing.assert_allclose(need, x**4, rtol=1e-9)


def test_peaks_are_the_largest_values_of_their_curves(tables):
    """R4: no plotted value exceeds the marked peak, and the grid comes close to it."""
    for panel in ("phase-transition", "phase-transition-real-start"):
        for i in (2, 5, 10, 20):
            (top,) = values(tables["R4"], panel=panel, series=f"peak {i}")
            curve = values(tables["R4"], panel=panel, series=f"generation {i}")
            assert curve.max() <= top * (1 + 1e-12)
            assert curve.max() > top * 0.999
    paper, real = (
        values(tables["R4"], panel=p, series="generation 10")
        for p in ("phase-transition", "phase-transition-real-start")
    )
    assert paper[-1] < 1 < real[-1]


def test_measured_means_lie_in_the_sandwich(tables):
    """R7 and ladder: the interval of the mean reaches into the sandwich (fixed seed)."""
    for name in ("R7", "ladder"):
        table = tables[name]
        for panel in table["panel"].unique():
            here = table.filter(pl.col("panel") == panel)
            measured = here.filter(pl.col("series") == "measured").sort("x")
            lower, upper = (values(here, series=s) for s in ("kde-sandwich-lower", "kde-sandwich"))
            assert np.all(measured["high"].to_numpy() > lower)
            assert np.all(measured["low"].to_numpy() < upper)


def test_the_ladder_is_in_order(tables):
    """Paper form above the recursion above the sandwich above the prediction above its foot."""
    steps = ("paper-form", "kde-recursion", "kde-sandwich", "kde-clt", "kde-sandwich-lower")
    heights = [values(tables["ladder"], series=s) for s in steps]
    for above, below in pairwise(heights):
        assert np.all(above >= below)


def test_high_probability_bounds_lie_above_the_recursion(tables):
    panel = {"panel": "full synthetic"}
    single, every = (
        values(tables["R7"], series=s, **panel)
        for s in ("kde-high-probability-single", "kde-high-probability")
    )
    assert np.all(every > single)


def test_rate_is_the_proved_one(tables):
    """R8: the slope of generation 1 in one dimension is -2/5."""
    rows = tables["R8"].filter((pl.col("panel") == "d = 1") & (pl.col("series") == "upper 1"))
    slope = np.polyfit(np.log(rows["x"]), np.log(rows["y"]), 1)[0]
    assert slope == pytest.approx(-0.4, abs=0.015)


def test_prediction_rises_and_falls_in_lambda(tables):
    """X1: at generation 10 under every protocol; back to the real-only level only if honest."""
    for panel in tables["X1"]["panel"].unique():
        height = values(tables["X1"], panel=panel, series="predicted 10")
        peak = int(height.argmax())
        assert 0 < peak < len(height) - 1
        assert height[peak] > 1.2 * height[0]
        assert (height[-1] < height[0]) == (r"\lambda" in panel)


def test_aligned_errors_attain_the_recursion_exactly(tables):
    """X7, left."""
    table = tables["X7"]
    for series in table["series"].unique():
        attained, recursion = (
            values(table, series=series, panel=p) for p in ("attained", "recursion")
        )
        np.testing.assert_allclose(attained, recursion, rtol=1e-15)


def test_every_series_has_its_own_look():
    looks = [(look.colour, str(look.line), look.marker) for look in SERIES.values()]
    assert len(set(looks)) == len(looks)


def test_making_writes_data_pictures_and_manifest_and_redraws_without_computing(tmp_path):
    figure = FIGURES["R3"]
    make_all([figure], Scale.QUICK, tmp_path, QUIET)
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {"R3.csv", "R3.pdf", "R3.png", "R3.svg", "R3.json", "index.html"}
    manifest = json.loads((tmp_path / "R3.json").read_text())
    assert {"scale", "experiments", "versions", "commit", "seconds"} <= set(manifest)
    assert manifest["alt"] == figure.alt
    assert (manifest["paper"], manifest["claims"]) == (True, [])
    pictures = [tmp_path / f"R3.{kind}" for kind in ("png", "svg", "pdf")]
    before = [path.read_bytes() for path in pictures]
    for path in pictures:
        path.unlink()
    broken = replace(figure, experiments=None, tabulate=None)
    redraw([broken], tmp_path, QUIET)
    assert [path.read_bytes() for path in pictures] == before


def test_vector_pictures_keep_their_text_and_stay_small(tables, tmp_path):
    for name, words in (("R1", "balanced"), ("R7", "balanced"), ("X1", "reused real data")):
        with mpl.rc_context(LOOK):
            write_pictures(tmp_path / name, FIGURES[name].draw(tables[name]), {"svg"})
        picture = (tmp_path / f"{name}.svg").read_text()
        root = ElementTree.fromstring(picture)
        texts = [e for e in root.iter() if e.tag.endswith("}text")]
        assert words in ["".join(t.itertext()) for t in texts]
        fonts = [t.get("style") for e in texts for t in e.iter() if "font" in t.get("style", "")]
        assert fonts
        assert all("sans-serif" in font for font in fonts)
        assert len(picture) < 120_000, name


def test_gallery_pictures_are_small(tables, tmp_path):
    tables["ladder"].write_csv(tmp_path / "ladder.csv")
    show([FIGURES["ladder"]], tmp_path, tmp_path / "gallery", QUIET)
    assert (tmp_path / "gallery" / "ladder.png").stat().st_size < 150_000
    shown = Path(__file__).parents[2] / "paper_figures" / "gallery"
    assert {p.name for p in shown.iterdir()} == {"ladder.png", "X12.png"}
    assert all(p.stat().st_size < 150_000 for p in shown.iterdir())


def test_manifest_names_seed_and_specification(tmp_path):
    figure = replace(FIGURES["ladder"], experiments=lambda _: small("ladder"))
    make_all([figure], Scale.QUICK, tmp_path, QUIET)
    (entry,) = json.loads((tmp_path / "ladder.json").read_text())["experiments"].values()
    assert entry["seed"] == 0
    assert "FullSynthetic(n=1000)" in entry["spec"]
    assert entry["largest_tv_error"] < 1e-4


def test_a_failing_figure_leaves_finished_ones_and_no_half_file(tmp_path):
    def fail(_):
        raise OSError("disk full")

    bad = replace(FIGURES["R2"], tabulate=fail)
    with pytest.raises(OSError, match="disk full"):
        make_all([FIGURES["R3"], bad], Scale.QUICK, tmp_path, QUIET)
    assert {p.stem for p in tmp_path.iterdir()} == {"R3"}


def test_names_are_taken_in_any_case_and_once():
    assert [f.name for f in select(["r4", "LADDER", "R4"])] == ["R4", "ladder"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["X99"], "no figure is called 'X99'; did you mean 'X9' or"),
        (["ladders"], "did you mean 'ladder'? python -m paper_figures list names all"),
        (["R3", "--redraw"], "no data to redraw"),
        (["R7", "--set", "m=3"], "figure R7 has no such parameter"),
        (["R7", "--set", "n"], "must be NAME=VALUE"),
        (["R3", "--style", "nips"], "style = 'nips': must be one of"),
        (["--colour"], "unrecognized arguments: --colour"),
        (["--scale", "tiny"], "argument --scale: invalid choice: 'tiny'"),
        (["--out"], "argument --out: expected one argument"),
        (["--out", "taken"], "taken"),
    ],
)
def test_mistakes_end_in_one_line_and_status_2(tmp_path, arguments, message, warm_python):
    (tmp_path / "taken").write_text("a file, not a folder")
    out = [] if "--out" in arguments else ["--out", "nothing-here"]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [warm_python, "-m", "paper_figures", *arguments, *out],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def told_of(folder, name):
    return json.loads((folder / f"{name}.json").read_text())


def test_a_manifest_says_who_drew_and_keeps_what_was_computed(tmp_path, monkeypatch):
    loops = small("X7")
    few = replace(FIGURES["X7"], experiments=lambda _: loops)
    make_all([few], Scale.QUICK, tmp_path, QUIET)
    first = told_of(tmp_path, "X7")
    assert first["drawn"]["style"] == "icml2024"
    assert first["drawn"]["formats"] == ["pdf", "svg", "png"]
    later = "9.9.9"
    monkeypatch.setattr("paper_figures.writing.__version__", later)
    other = replace(few, caption=lambda p, table: f"Other words for n = {p.n}.")
    path = tmp_path / "X7.json"
    for again in (
        lambda: redraw([other], tmp_path, QUIET, "neurips2024", ["svg"]),
        lambda: make_all([other], How(style="neurips2024", formats=["svg"]), tmp_path, QUIET),
    ):
        path.write_text(json.dumps(first))
        again()
        told = told_of(tmp_path, "X7")
        picture = sha256((tmp_path / "X7.svg").read_bytes()).hexdigest()
        assert told.pop("drawn") == {
            **first["drawn"],
            "style": "neurips2024",
            "formats": ["svg"],
            "version": later,
            "pictures": {"svg": picture},
        }
        assert told.pop("caption") == "Other words for n = 1000."
        assert told == {k: v for k, v in first.items() if k not in ("drawn", "caption")}


def test_words_of_parameters_that_cannot_be_read_back_stay(tmp_path):
    """A target is told by its text, from which it is not built again."""
    figure = FIGURES["X7"]
    target = targets.gaussian_mixture([1.0], [0.0], 2.0)
    changes = {"target": target, "generations": 3, "replicates": 4, "n": 50}
    make_all([figure], How(changes=changes), tmp_path, QUIET)
    first = told_of(tmp_path, "X7")
    redraw([replace(figure, caption="None.")], tmp_path, QUIET, formats=["png"])
    again = told_of(tmp_path, "X7")
    assert again.pop("drawn")["formats"] == ["png"]
    assert again == {k: v for k, v in first.items() if k != "drawn"}
