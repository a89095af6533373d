"""The page's numbers are those of ``Bound.evaluate``, ``Bound.solve`` and the theorems' peaks."""

import numpy as np
import pytest

import bounds
from bounds.cycle_words import CYCLES
from bounds.notation import NOTATION
from bounds.spans import Spacing, span_of
from bounds.theorems import phase_transition, phase_transition_real_start
from tests.browser import complaints
from verify.page.explorer.loops import loop_data, loops_beside

_ACCURACY = 1e-9

DRAWN = {
    "full-synthetic": {"n": 2000, "generation": 7, "gamma": 0.3, "constant": 0.5},
    "fresh-real": {"n": 500, "generation": 12, "share": 0.35},
    "accumulating": {"n": 10**5, "generation": 30, "gamma": 0.45},
    "phase-transition": {"n": 1000, "generation": 9, "lam": 2.5},
    "kde-rate-smooth": {"n": 3000, "dimension": 3, "smoothness": 1.5},
    "real-data-floor-two-point": {"real_points": 500, "separation": 2.5},
    "gaussian-variance-mle": {"generation": 4, "degrees_of_freedom": 9},
    "seddik-collapse": {"n": 50, "generation": 20, "collision_probability": 0.2, "support_size": 9},
    "discrete-resampling-tv": {
        "n": 400,
        "generation": 3,
        "share": 0.2,
        "collision_probability": 0.25,
        "support_size": 8,
    },
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_reading_is_the_value_of_the_bound(name, explorer):
    explorer.choose(name, **DRAWN[name])
    bound = bounds.get(name)
    value = explorer.readings()[name]["value"]
    assert value == pytest.approx(bound.evaluate(**DRAWN[name]), rel=_ACCURACY)
    assert explorer.readings()[name]["isVacuous"] == bound.is_vacuous(**DRAWN[name])
    card = explorer.browser.find_element("css selector", ".card .value")
    assert float(card.get_attribute("data-value")) == value
    assert float(card.text) == pytest.approx(value, rel=1e-4)


CYCLES_AND_WORDS = [
    ("full_synthetic", {}),
    ("fresh_real", {"share": 0.3}),
    ("balanced", {}),
    ("accumulating", {}),
    ("real_plus_synthetic", {"lam": 1.7}),
]


@pytest.mark.parametrize(("cycle", "words"), CYCLES_AND_WORDS)
def test_sequences_of_a_cycle_are_those_of_python(cycle, words, explorer):
    common = {"generation": 17, "gamma": 0.3, "constant": 0.7, **words}
    explorer.choose("error-propagation", "sample-size", cycle=cycle, n=333, **common)
    found = explorer.readings()
    whole = bounds.get("error-propagation").evaluate(cycle=cycle, n=333, **common)
    assert found["error-propagation"]["value"] == pytest.approx(whole, rel=_ACCURACY)
    needed = bounds.get("sample-size").evaluate(cycle=cycle, target_error=0.1, **common)
    assert found["sample-size"]["value"] == pytest.approx(needed, rel=_ACCURACY)


def test_sequences_can_follow_a_power_of_k(explorer):
    k = np.arange(1, 7)
    explorer.choose(
        "error-propagation",
        "kanabar-gastpar-lower",
        "kde-noise-mixture",
        cycle="balanced",
        errors="law",
        sizes="law",
        generation=6,
        n=30,
        growth=1.5,
        components=4,
        **{"one_step_error": 0.2, "one_step_error.decay": 0.5, "real_shares": 0.5},
        **{"real_shares.decay": 1, "component_weight.decay": 1, "component_sd": 2},
    )
    found = {name: r["value"] for name, r in explorer.readings().items()}
    balanced = bounds.influence(bounds.cycles.balanced(n=30), 6)[-1]
    assert found["error-propagation"] == pytest.approx(
        bounds.get("error-propagation").evaluate(
            generation=6, influence=balanced, one_step_error=0.2 * k**-0.5
        ),
        rel=_ACCURACY,
    )
    assert found["kanabar-gastpar-lower"] == pytest.approx(
        bounds.get("kanabar-gastpar-lower").evaluate(
            generation=6, constant=1, size=np.rint(30 * k**1.5), real_shares=0.5 / k
        ),
        rel=_ACCURACY,
    )
    weights = 1 / np.arange(1, 5)
    words = {"n": 30, "dimension": 1, "bandwidth": 0.25, "components": 4, "component_sd": 2}
    assert found["kde-noise-mixture"] == pytest.approx(
        bounds.get("kde-noise-mixture").evaluate(component_weight=weights / weights.sum(), **words),
        rel=_ACCURACY,
    )


def _drawable(explorer):
    boxes = explorer.browser.find_elements("css selector", ".picker .toggle")
    return [
        box.get_attribute("title")
        for box in boxes
        if "reason" not in box.get_attribute("innerHTML")
    ]


def test_every_bound_can_be_drawn_at_the_start(explorer):
    """All but the one that takes a function which nothing here computes."""
    names = _drawable(explorer)
    assert set(bounds.names()) - set(names) == {"kde-noise-smoothed"}
    for start in range(0, len(names), 8):
        explorer.choose(*names[start : start + 8], generation=5)
        for name, reading in explorer.readings().items():
            assert reading["problem"] == "", name
            params = explorer.ask(_PARAMS, name)
            value = bounds.get(name).evaluate(**params)
            assert reading["value"] == pytest.approx(value, rel=_ACCURACY), name


def _random_state(generator):
    """Bounds, axis, toggles and numbers by chance; some numbers are out of range."""
    names = [name for name in bounds.names() if name != "kde-noise-smoothed"]
    words = [w for w, entry in NOTATION.items() if not (entry.is_sequence or entry.is_function)]
    numbers = {word: _random_number(NOTATION[word], generator) for word in words}
    ends = sorted(10 ** generator.uniform(-2, 3, 2))
    return {
        "bounds": " ".join(generator.choice(names, 8, replace=False)),
        "x": generator.choice(words),
        "from": ends[0],
        "to": ends[1],
        "cycle": generator.choice(list(CYCLES)),
        "loop": generator.integers(4),
        **{key: generator.choice(["cycle", "law"]) for key in ("sizes", "errors")},
        **{key: generator.integers(2) for key in ("xlog", "ylog", "measured")},
        **numbers,
    }


def _random_number(entry, generator):
    span = span_of(entry)
    value = generator.uniform(span.low, span.high)
    if span.scale is not Spacing.LINEAR:
        value = span.low * (span.high / span.low) ** generator.random()
    value = -value if generator.random() < 0.03 else value
    return int(np.rint(value)) if entry.integer else value


_PARAMS = """Object.fromEntries(Object.entries(window.explorer.params(arguments[0]))
  .map(([word, value]) => [word, typeof value === 'number' ? value : Array.from(value)]))
"""


def _check_random_states(count, seed, explorer):
    generator = np.random.default_rng(seed)
    complaints(explorer.browser)
    compared = 0
    for _ in range(count):
        explorer.follow(**_random_state(generator))
        for name, reading in explorer.readings().items():
            if reading["problem"] == "":
                with np.errstate(all="ignore"):
                    value = bounds.get(name).evaluate(**explorer.ask(_PARAMS, name))
                np.testing.assert_allclose(reading["value"], value, rtol=_ACCURACY, err_msg=name)
                compared += 1
    assert complaints(explorer.browser) == []
    assert compared > 3 * count


def test_random_states_show_values_of_bounds(explorer):
    _check_random_states(10, 11, explorer)


@pytest.mark.slow
def test_many_random_states_show_values_of_bounds(explorer):
    _check_random_states(300, 12, explorer)


LOOP_BOUNDS = ("kde-sandwich", "kde-sandwich-lower", "kde-clt", "kde-recursion", "kde-one-step")


@pytest.mark.parametrize("place", range(4))
def test_kernel_density_bounds_are_those_of_the_loop(place, curves, explorer):
    loop = loops_beside(curves)[place]
    accuracy = loop_data(loop)["accuracy"]  # of sums over every fourth cell of the loop's grid
    assert accuracy < 5e-3
    explorer.choose(*LOOP_BOUNDS, loop=place, generation=5, **loop.params)
    setting = loop.setting
    given = {"target": setting.target, "kernel": setting.kernel}
    for name in LOOP_BOUNDS[:-1]:
        value = bounds.get(name).evaluate(
            bandwidth=setting.bandwidths[:5], generation=5, cycle=setting.cycle, **given
        )
        found = explorer.readings()[name]["value"]
        assert found == pytest.approx(value, rel=accuracy), name
    first = bounds.get("kde-one-step").evaluate(
        bandwidth=setting.bandwidths[0], n=int(loop.params["n"]), **given
    )
    assert explorer.readings()["kde-one-step"]["value"] == pytest.approx(first, rel=accuracy)


@pytest.mark.parametrize(
    ("name", "theorem"),
    [
        ("phase-transition", phase_transition),
        ("phase-transition-real-start", phase_transition_real_start),
    ],
)
def test_the_peak_in_lambda_is_that_of_the_theorem(name, theorem, explorer):
    """The page finds it by the function alone; 1e-7 is what its five-point rule leaves."""
    for generation in (1, 2, 3, 10, 100, 1000):
        for gamma in (0.1, 0.25, 0.7, 0.95):
            words = {"n": 1000, "generation": generation, "gamma": gamma}
            found = explorer.ask("window.explorer.peak(...arguments)", name, words)
            true = theorem.peak(generation, gamma)
            assert (found is None) == (true is None), (generation, gamma)
            if true is not None:
                assert found == pytest.approx(true, rel=1e-7), (generation, gamma)


def test_a_peak_is_the_largest_value_and_none_where_a_bound_rises(explorer):
    explorer.choose(
        "gaussian-mean-reused-tv",
        "bertrand-stability",
        "gaussian-mean-fresh-tv",
        n=10_000,
        generation=10,
    )
    found = explorer.readings()
    assert found["bertrand-stability"]["peak"] is None
    assert found["gaussian-mean-fresh-tv"]["peak"] is None
    peak = found["gaussian-mean-reused-tv"]["peak"]
    lam = peak * np.geomspace(0.1, 10, 401)
    values = bounds.get("gaussian-mean-reused-tv").evaluate(n=10_000, generation=10, lam=lam)
    assert np.argmax(values) == 200


SOLVED = [
    ("full-synthetic", {"generation": 3}, "1/10"),
    ("fresh-real", {"generation": 10, "share": "1/4"}, "1/3"),
    ("balanced", {"generation": 5, "gamma": "1/2"}, "1/10"),
    ("accumulating", {"generation": 6, "constant": "1/3"}, "1/20"),
    ("phase-transition", {"generation": 6, "lam": 2}, "1/5"),
    ("gaussian-mean-tv", {"generation": 4}, "1/100"),
    ("kde-rate", {"gamma": "2/5", "constant": 2}, "1/10"),
    ("full-synthetic", {"generation": 1}, 1),
]


@pytest.mark.parametrize(("name", "words", "target"), SOLVED)
def test_points_needed_are_those_of_solve(name, words, target, explorer):
    solution = bounds.get(name).solve("n", at_most=target, **words)
    numbers = {word: float(number(value)) for word, value in words.items()}
    found = explorer.ask(
        "window.explorer.solve(...arguments)", name, numbers, float(number(target))
    )
    assert found == (1 if solution.value is None else solution.value)


def number(text):
    top, _, bottom = str(text).partition("/")
    return float(top) / float(bottom or 1)


def test_no_size_is_enough_where_none_is(explorer):
    words = {"generation": 10, "gamma": 0.01}
    assert explorer.ask("window.explorer.solve(...arguments)", "full-synthetic", words, 0.1) is None


def test_curves_are_values_of_the_bound(explorer):
    explorer.choose(
        "phase-transition", x="lam", **{"from": 0.1, "to": 50}, xlog=1, n=800, generation=10
    )
    (curve,) = explorer.ask("window.explorer.drawn()")
    x, y = np.array(curve["points"]).T
    true = bounds.get("phase-transition").evaluate(n=800, generation=10, lam=x)
    assert x[0] == 0.1
    assert x[-1] == 50
    np.testing.assert_allclose(y, true, rtol=_ACCURACY)


def test_all_bounds_take_given_arrays(explorer):
    """Also the one that the page does not draw."""
    given = {"n": 100, "dimension": 1, "bandwidth": 0.2, "smoothed_density": [0.1, 0.4, 0.2]}
    given["cell"] = 0.3
    found = explorer.ask("window.explorer.evaluate(...arguments)", "kde-noise-smoothed", given)
    assert found == pytest.approx(bounds.get("kde-noise-smoothed").evaluate(**given), rel=_ACCURACY)
    offered = explorer.ask(
        "[...document.querySelectorAll('.picker .toggle')].map((label) => label.title)"
    )
    assert sorted(offered) == sorted(explorer.ask("window.explorer.names()"))
