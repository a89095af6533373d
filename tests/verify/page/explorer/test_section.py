"""Python's part of the explorer: spans, measured curves, cycles, markup, its size."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import bounds
from bounds import cycles
from bounds.notation import NOTATION, a
from bounds.spans import Spacing, span_of
from empirics.sweeps import Store
from tests.verify.page.explorer.conftest import opened, store_loop
from verify.page.explorer import MeasuredCurve, explorer_section, measured_curves
from verify.page.explorer.loops import loops_beside
from verify.page.explorer.views import VIEWS

_MOST_BYTES = 400_000


@pytest.mark.parametrize("entry", NOTATION.values(), ids=list(NOTATION))
def test_spans_lie_in_the_range_of_their_word(entry):
    span = span_of(entry)
    ends = [span.low, span.high, span.start]
    ends += [0.0] if span.scale is Spacing.ZERO_LOG else []
    for value in ends:
        entry.expect(value, "a slider")
    assert span.low < span.high
    assert span.low <= span.start <= span.high
    if entry.default is not None:
        assert span.start == entry.default
    if span.scale is not Spacing.LINEAR:
        assert span.low > 0


def test_measured_curves_are_means_over_runs(store, curves):
    assert len(curves) == 4
    curve = next(c for c in curves if c.params["n"] == 4000)
    assert curve.params == {
        "n": 4000.0,
        "share": 0.1,
        "protocol": "fresh",
        "cycle": "fresh real share",
        "model": "Kde",
        "runs": 8,
    }
    assert curve.x == (1, 2, 3, 4, 5, 6)
    frames = [store.read(key)[0] for key in store.finished()]
    frame = next(f for f in frames if f["size"][0] == 4000)
    tv = frame.sort("generation", "replicate")["tv"].to_numpy().reshape(6, 8)
    np.testing.assert_allclose(curve.mean, tv.mean(axis=1))
    assert (np.array(curve.low) < curve.mean).all()
    assert (np.array(curve.mean) < curve.high).all()


def test_damaged_cells_are_skipped_and_named(store, tmp_path):
    damaged = opened(tmp_path)
    for key in store.finished():
        damaged.put(key, store.path(key).read_bytes())
    first, *rest = damaged.finished()
    data = bytearray(damaged.path(first).read_bytes())
    data[len(data) // 2] ^= 1
    damaged.path(first).write_bytes(bytes(data))
    with pytest.warns(UserWarning, match=f"{first[:8]} skipped, it was changed"):
        found = measured_curves(damaged)
    assert len(found) == len(rest)


def test_loops_of_one_name_are_told_apart(store, tmp_path):
    key = store.finished()[0]
    frame, manifest = store.read(key)
    spec = manifest["spec"]
    twin = spec | {"model": spec["model"] | {"bandwidth": 0.45}, "seed": 7}
    both = opened(tmp_path)
    for i, described in enumerate((spec, twin)):
        both.write(f"{i:032x}", frame, {"spec": described})
    first, second = measured_curves(both)
    assert first.label.endswith(", bandwidth = 0.3, seed = 0")
    assert second.label.endswith(", bandwidth = 0.45, seed = 7")
    assert first.family != second.family


def test_an_empty_store_has_no_curves(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert measured_curves(Store(tmp_path / "none")) == []


def test_a_type_of_ones_own_is_not_imported(store, tmp_path):
    """A page must not run code that a file names."""
    key = store.finished()[0]
    frame, manifest = store.read(key)
    spec = manifest["spec"] | {"model": {"type": "no_such_module:Model"}}
    spec["cycle"] = {"type": "no_such_module:Cycle", "n": 5, "data": "fresh"}
    own = opened(tmp_path)
    own.write(key, frame, {"spec": spec})
    (curve,) = measured_curves(own)
    assert curve.cycle is None
    assert curve.experiment is None
    assert curve.params["model"] == "Model"
    assert '"speaks":[]' in explorer_section([curve]).script


def test_a_single_run_has_no_interval(store, tmp_path):
    key = store.finished()[0]
    frame, manifest = store.read(key)
    one = opened(tmp_path)
    one.write(key, frame.filter(frame["replicate"] == 0), {"spec": manifest["spec"]})
    (curve,) = measured_curves(one)
    assert np.isnan(curve.low).all()
    assert '"low":[null' in explorer_section([curve]).script


def test_loops_beside_measured_curves_are_theirs(curves):
    loops = loops_beside(curves)
    assert [loop.measured in curves for loop in loops] == [True, True, True, False]
    assert len({type(loop.setting.cycle) for loop in loops[:3]}) == 3
    assert [loop.measured for loop in loops_beside([])] == [None, None]


def test_loops_with_reused_data_bring_no_bounds(tmp_path):
    """Some of the kernel-density bounds hold for fresh data only."""
    store = opened(tmp_path)
    store_loop(store, cycles.real_plus_synthetic(n=500, lam=1, data="reused"))
    (curve,) = measured_curves(store)
    assert curve.experiment is not None
    assert all(loop.measured is None for loop in loops_beside([curve]))
    assert '"speaks":[]' in explorer_section([curve]).script


def test_the_section_is_small_and_escaped(curves):
    section = explorer_section(curves)
    assert len(section.html) + len(section.style) + len(section.script) < _MOST_BYTES
    assert "</script" not in section.script
    assert "<!--" not in section.script
    assert "eval(" not in section.script.replace("_eval(", "")
    assert "innerHTML" not in section.script
    assert "http" not in section.script.replace("http://www.w3.org/2000/svg", "")
    assert section.html.isprintable() or "\n" in section.html


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.title)
def test_views_name_bounds_and_words_that_are_there(view):
    assert set(view.bounds) <= set(bounds.names())
    for word in (view.x, *view.values):
        assert word in NOTATION
    assert view.ends[0] < view.ends[1]


def test_a_bound_that_cannot_be_printed_is_listed_with_the_reason():
    own = replace(bounds.get("fresh-real"), name="own", expression=sp.besselj(0, a))
    section = explorer_section([], {"own": own})
    assert "the page has no function besselj" in section.script


def test_curves_of_ones_own_are_taken():
    curve = MeasuredCurve("mine <b>", {"n": 10}, (1.0,), (0.5,), (0.4,), (0.6,))
    assert "mine \\u003cb\\u003e" in explorer_section([curve]).script
