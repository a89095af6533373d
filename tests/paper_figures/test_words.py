"""Captions and alternative texts of all figures are written from parameters and numbers."""

import re
from dataclasses import is_dataclass, replace

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest
from rich.console import Console

import empirics.running
import paper_figures
from bounds.errors import UserError
from drawing.style import LOOK
from empirics import InputError, run, targets
from empirics.closed_form import Discrete, GaussianMean, KnownShares, NormalFit
from empirics.sweeps.sweeping import Sweep
from paper_figures.catalogue import catalogue
from paper_figures.loops import Found
from paper_figures.making import How, make_all
from verify.scale import Scale
from verify.settings import RING, THREE_MODES

FIGURES = catalogue()

_LOOP = {"n": 40, "generations": 2, "replicates": 2, "width": 6}
SMALL = {
    "R5": _LOOP,
    "R6": {
        "shown": (40, 90),
        "bounded": 90,
        "times": 3,
        "longest": 300.0,
        "sizes": (40, 90),
        "replicates": 2,
        "width": 6,
    },
    "R7": {"n": 40, "generations": 2, "replicates": 4, "plane_n": 60, "plane_replicates": 2},
    "R8": {"sizes": (40, 90), "plane_sizes": (40, 90), "replicates": 3},
    "X1": {"n": 40, "generations": (2, 3), "lam": (0.5, 2.0, 8.0), "replicates": 3},
    "X2": {"n": 40, "generations": (2, 3), "lam": (0.5, 2.0), "replicates": 20},
    "X3": {"horizons": (1, 2, 4), "replicates": 4},
    "X4": {"n": 40, "generations": 3, "replicates": 3, "mean_replicates": 20},
    "X5": {"replicates": 4},
    "X7": {"n": 40, "generations": 3, "replicates": 4},
    "X8": {"n": 40, "generations": 3, "replicates": 40},
    "X9": {**_LOOP, "generations": (2,), "lam": (0.5, 2.0)},
    "X10": {"widths": (4, 6), "relu_widths": (4, 6), "replicates": 2},
    "X11": {"sizes": (40, 90), "times": 3, "longest": 300.0, "replicates": 2, "width": 6},
    "X12": _LOOP,
    "X13": {**_LOOP, "generations": (1, 2), "single": 2},
    "X17": {**_LOOP, "kde_generations": 2, "kde_replicates": 3},
    "X18": {"points": (3, 9), "letters": 4, "generations": 3, "replicates": 20},
    "X19": {"n": 40, "generations": 3, "ratios": (1.0, 4.0), "weights": (0.5,), "replicates": 20},
    "X20": {"n": 40, "generations": 2, "replicates": 4},
    "X21": {"shares": 3, "constants": 2, "generations": (4, 8), "replicates": 2},
    "X22": {"n": 40, "generations": 3, "replicates": 4, "biases": (0.7, 1.2)},
    "ladder": {"n": 40, "generations": 3, "replicates": 4},
}
"""Parameters with which a figure is made in no time."""


def made(name, changes):
    figure = FIGURES[name]
    parameters = figure.parameters(Scale.QUICK, changes)
    kept, loops = figure.keep_laws(parameters), figure.loops(parameters)
    found = Found(loops, lambda label: run(loops[label], keep_laws=kept))
    return parameters, figure.table(found, parameters)


NAMES = [pytest.param(n, marks=pytest.mark.slow) if n == "X6" else n for n in FIGURES]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_runs_no_loops_but_those_that_it_names(name, monkeypatch):
    """They are known before any runs, so that mistakes are found and experiments are stored."""
    figure = FIGURES[name]
    parameters = figure.parameters(Scale.QUICK, SMALL.get(name))
    declared = figure.loops(parameters)

    def named(loop):
        assert loop in declared.values(), loop
        return loop

    for kind in (Discrete, GaussianMean, KnownShares, NormalFit):
        monkeypatch.setattr(kind, "run", lambda loop, run=kind.run: run(named(loop)))
    engine_for = empirics.running.engine_for
    monkeypatch.setattr(
        empirics.running, "engine_for", lambda e, judge: engine_for(named(e), judge)
    )
    _, table = made(name, SMALL.get(name))
    assert is_dataclass(parameters) == bool(declared)
    words = figure.words(parameters, table)
    other = table.with_columns(pl.col("y") ** 2 * 1.7)
    for given, told, changed in zip(
        (figure.caption, figure.alt), words, figure.words(parameters, other), strict=True
    ):
        assert told.endswith("."), told
        assert not re.search(r"  |\bnan\b|\binf\b", told), told
        assert (told != changed) == callable(given), told
        assert callable(given) or not re.search(r"\d", _FORMULAS.sub("", told)), told
    assert 60 <= len(words[1]) <= 400, words[1]
    with mpl.rc_context(LOOK):
        assert figure.draw(table).axes


_FORMULAS = re.compile(
    r"exponent 1/4|n_k\^\(-1/4\)|\^-1|1/a\b|\(1 \+ lambda\)|(model|generation) \d"
)
"""Numbers that typed text may contain: in formulas, and in the name of a model."""


def test_parameters_out_of_range_are_told_before_loops_run():
    for name, figure in FIGURES.items():
        if figure.scales is None:
            continue
        for parameter in vars(figure.scales[0]):
            for wrong in ("nonsense", (), 0):
                with pytest.raises(InputError, match=f"^{parameter} = ") as told:
                    figure.parameters(Scale.QUICK, {parameter: wrong})
                assert "\n" not in str(told.value), name


def test_the_scales_own_values_are_in_range_and_read_from_text():
    for name, figure in FIGURES.items():
        for scale in Scale if figure.scales else ():
            own = figure.parameters(scale)
            for parameter, value in vars(own).items():
                given = [value]
                if not isinstance(value, targets.Target):
                    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                    given.append(text)
                for one in given:
                    assert figure.parameters(scale, {parameter: one}) == own, (name, parameter)


def test_a_target_has_the_dimension_of_the_figures_own():
    with pytest.raises(InputError, match="has 2 dimensions, must have 1"):
        FIGURES["X13"].parameters(Scale.QUICK, {"target": RING})
    with pytest.raises(InputError, match="has 1 dimensions, must have 2"):
        FIGURES["R7"].parameters(Scale.QUICK, {"plane_target": THREE_MODES})


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        ("R7", targets.Samples(np.arange(99.0)), "is known by its points; must have a density"),
        ("X13", targets.from_density(lambda x: 1 + 0 * x, (0.0, 1.0)), "bounded support"),
        ("X13", targets.scipy("laplace"), "kinks"),
        ("X9", targets.gaussian_mixture([1.0], [50.0], 0.1), "standardise the target"),
    ],
)
def test_a_target_that_a_figure_cannot_use_is_told_before_loops_run(
    name, target, message, monkeypatch, tmp_path
):
    monkeypatch.setattr(empirics.running, "engine_for", None)
    monkeypatch.setattr(Sweep, "_executor", None)
    with pytest.raises(InputError, match=f"^target = .*{message}") as told:
        paper_figures.make(name, target=target)
    assert "\n" not in str(told.value)
    with pytest.raises(InputError, match=f"^target = .*{message}"):
        make_all([FIGURES[name]], How(changes={"target": target}), tmp_path, Console(quiet=True))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("X7", {"error": 0.9}, "error = 0.9: errors[1] = 9/10: must be in [0, 1/10]"),
        ("X3", {"target_error": 0.001, "horizons": (1, 4)}, "target_error = 0.001: is not reached"),
        ("X18", {"points": (1,)}, "n = 1: must be such that n >= 2"),
        ("X2", {"n": 1}, "a batch with positive weight has no points"),
        ("R7", {"plane_bandwidth": 1e-3}, "at most 4194304 are allowed"),
    ],
)
def test_parameters_that_cannot_go_together_are_told_before_loops_run(
    name, changes, message, monkeypatch
):
    monkeypatch.setattr(empirics.running, "engine_for", None)
    monkeypatch.setattr(Discrete, "run", None)
    with pytest.raises(UserError, match=re.escape(message)):
        paper_figures.make(name, **changes)


def test_parameters_stand_in_the_words():
    for name in ("X2", "X13", "X18", "X19", "X21", "X22"):
        figure = FIGURES[name]
        few, table = made(name, SMALL[name])
        caption, _ = figure.words(few, table)
        other, _ = figure.words(replace(few, replicates=99), table)
        assert caption != other, name
        assert "99" in other, name


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_figure_is_drawn_of_one_value(name):
    """Or one is refused before its loops run, where a slope or a pair needs more."""
    for parameter in [k for k, v in SMALL[name].items() if isinstance(v, tuple)]:
        changes = {**SMALL[name], parameter: SMALL[name][parameter][:1]}
        try:
            FIGURES[name].parameters(Scale.QUICK, changes)
        except InputError:
            continue
        parameters, table = made(name, changes)
        FIGURES[name].words(parameters, table)
        with mpl.rc_context(LOOK):
            FIGURES[name].draw(table).canvas.draw()
