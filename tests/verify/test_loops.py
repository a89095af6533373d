"""Loops of claims come from the store, where figures find them too."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
import verify.loops
from bounds import cycles
from bounds.kde import along as along_setting
from empirics import InputError, targets
from empirics.closed_form import GaussianMean
from empirics.models import Kde
from empirics.sweeps import IncompleteError, Store, StoreError, cell_of
from paper_figures.catalogue import catalogue
from verify import along, kde_setting
from verify.__main__ import main
from verify.claim import Loop
from verify.claims import claims, sentences
from verify.loops import measure
from verify.scale import Scale
from verify.settings import kde, seeded
from verify.verifying import verify_claims

KERNEL = kde(targets.normal(), 1.06, cycles.fresh_real(n=50, share=0.1), 2, 3)
LOOPS = (
    Loop("kernels", KERNEL),
    Loop("mean", GaussianMean(cycle=cycles.full_synthetic(n=9), generations=2, replicates=5)),
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_a_stored_loop_has_the_numbers_of_a_run_one_and_is_not_run_again(store, monkeypatch):
    run = measure(LOOPS, seed=3)
    first = measure(LOOPS, seed=3, store=store)
    assert store.finished() == [cell_of(seeded(KERNEL, 3)).key]

    def refuse(*_):
        raise AssertionError("a loop was computed")

    monkeypatch.setattr("empirics.sweeps.sweeping.LocalProcesses", refuse)
    monkeypatch.setattr(verify.loops, "run", refuse)
    second = measure(LOOPS, seed=3, store=store)
    for loop in LOOPS:
        tv = run[loop.spec].runs.tv
        assert np.array_equal(tv, first[loop.spec].runs.tv)
        assert np.array_equal(tv, second[loop.spec].runs.tv)
    assert second[KERNEL].seconds == first[KERNEL].seconds
    with pytest.raises(AssertionError):
        measure(LOOPS, seed=4, store=store)


def test_progress_counts_runs_of_every_loop(store):
    for place in (None, store):
        told = []
        measure(LOOPS, progress=lambda *news, told=told: told.append(news), store=place)
        assert {label for label, _, _ in told} == {"kernels", "mean"}
        assert told[-1][1:] == (8, 8)


def test_a_loop_that_fails_is_named(store):
    wide = replace(KERNEL, model=Kde(1e300))
    with pytest.raises((IncompleteError, InputError)):
        measure((Loop("wide", wide),), store=store)


def test_what_no_file_can_describe_is_run(store):
    class Wider(targets.GaussianMixture):
        """Defined inside a function."""

    own = replace(KERNEL, target=Wider((1.0,), (0.0,), (1.5,)))
    assert measure((Loop("own", own),), store=store)[own].runs.replicates == 3
    assert not store.finished()


def test_a_figure_draws_the_loops_of_the_claims_that_it_shows():
    used = {
        cell_of(seeded(loop.spec)).key for loop in claims()["sandwich-above"].loops(Scale.QUICK)
    }
    drawn = {cell_of(e).key for e in catalogue()["R7"].loops(Scale.QUICK).values()}
    assert len(drawn) == 6
    assert drawn <= used


def test_a_bound_along_an_experiment_is_that_of_its_setting():
    bound = bounds.get("kde-high-probability")
    found = along(bound, KERNEL, delta=0.1)
    assert np.array_equal(found.value, along_setting(bound, kde_setting(KERNEL), delta=0.1).value)


def test_closed_form_claims_cite_the_catalogue():
    law = claims()["gaussian-mean"].statements[0]
    loops = claims()["gaussian-mean"].loops(Scale.QUICK)
    cited = {law.of(loop).name for loop in loops} & set(bounds.names())
    assert cited == {
        f"gaussian-mean{kind}-tv" for kind in ("", "-fresh", "-reused", "-accumulated", "-weighted")
    }
    upper, normal = (s.of(loops[0]) for s in claims()["discrete"].statements)
    assert upper == bounds.get("discrete-resampling-tv")
    assert normal.proof is None
    at = {"n": 100, "share": 0.1, "collision_probability": 0.05, "support_size": 20}
    ratio = normal.evaluate(generation=3, **at) / upper.evaluate(generation=3, **at)
    assert ratio == pytest.approx(np.sqrt(2 / np.pi))


def test_a_verification_is_answered_from_what_was_kept(tmp_path, monkeypatch, capsys):
    asked = ["discrete", "--seed", "5", "--json", "--figures", str(tmp_path)]
    assert main(asked) == 0
    first = capsys.readouterr()
    monkeypatch.setattr("verify.commands.verify_claims", lambda *_, **how: 1 / 0)
    assert main(asked) == 0
    second = capsys.readouterr()
    assert second.out == first.out
    assert "--again tests anew" in second.err
    for other in (["--again"], ["--seed", "6"], ["--scale", "paper"]):
        assert main([*asked, *other]) == 2
        assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"), [("code", lambda: "other"), ("library_versions", lambda: {"numpy": "0"})]
)
def test_other_code_or_libraries_are_verified_anew(name, value, tmp_path, monkeypatch, capsys):
    asked = ["discrete", "--figures", str(tmp_path)]
    assert main(asked) == 0
    monkeypatch.setattr("verify.commands.verify_claims", lambda *_, **how: 1 / 0)
    monkeypatch.setattr(f"verify.keeping.{name}", value)
    capsys.readouterr()
    assert main(asked) == 2


def test_a_store_that_cannot_be_used_loses_no_verdict(tmp_path, monkeypatch, capsys):
    loops = claims()["discrete"].loops(Scale.QUICK)
    monkeypatch.setattr(
        "verify.verifying.measure",
        lambda *given: _without_store(loops, *given),
    )
    assert main(["discrete", "--figures", str(tmp_path)]) == 0
    assert "loops are not kept: store full" in capsys.readouterr().err


def _without_store(loops, every, seed, progress, workers, store, seen):
    if store is not None:
        raise StoreError("store full")
    return measure(every, seed, progress, workers, None, seen)


def test_what_a_claim_needs_of_a_loop_is_computed_while_others_are_run(monkeypatch):
    claim, computed = claims()["discrete"], []
    values = verify.values._values

    def noted(bound, runs, params):
        computed.append(bound)
        return values(bound, runs, params)

    def measured(*given):
        found = measure(*given)
        computed.append("all loops are run")
        return found

    monkeypatch.setattr("verify.values._values", noted)
    monkeypatch.setattr("verify.verifying.measure", measured)
    verify_claims([claim])
    last = computed.index("all loops are run")
    stated = [s.of(loop) for s in claim.statements for loop in claim.loops(Scale.QUICK)]
    assert set(computed[:last]) == set(stated)
    assert not set(computed[last:]) & set(stated)


def test_sentences_are_read_as_the_claims_say_them():
    assert dict(sentences()) == {claim.name: claim.sentence for claim in claims().values()}


def test_what_a_bound_raises_costs_no_loop(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a fault of a bound")

    monkeypatch.setattr("verify.values._values", broken)
    done = []
    with pytest.raises(ZeroDivisionError):
        verify_claims([claims()["discrete"]], progress=lambda _, *count: done.append(count))
    assert done[-1][0] == done[-1][1]
