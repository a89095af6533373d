"""Claims as data: each can be read and run, and the catalogue finds them by their files."""

from pathlib import Path

import numpy as np
import pytest

import bounds
import verify.claims
from bounds import Side, cycles
from bounds.errors import ParameterError, UnknownNameError
from empirics.closed_form import GaussianMean
from verify import Control, Runs, Verdict
from verify.claim import Claim, Loop, Measured
from verify.claims import claims, select
from verify.estimates import Term, log_contrast, slope_weights
from verify.scale import Scale
from verify.statements import (
    Below,
    BoundHolds,
    EveryRatio,
    GrowthExponent,
    PeakAt,
    RateExponent,
    RiseAndFall,
    at_most,
)
from verify.statistics import MeanInterval
from verify.verdict import Fate, decide
from verify.verifying import verify_claims

FAST = ("discrete", "closed-propagation", "control-by-size")


def test_every_file_is_a_claim():
    files = [p.stem for p in Path(verify.claims.__file__).parent.glob("[a-z]*.py")]
    assert sorted(f.replace("_", "-") for f in files) == sorted(claims())


@pytest.mark.parametrize("claim", claims().values(), ids=lambda c: c.name)
def test_a_claim_says_everything(claim):
    assert claim.sentence.endswith(".")
    assert claim.controls
    assert claim.source
    assert claim.statistic
    for scale in Scale:
        loops = claim.loops(scale)
        assert len({(loop.label, loop.spec) for loop in loops}) == len(loops)


def test_claims_are_selected_by_name():
    assert [c.name for c in select(("clt", "clt"))] == ["clt"]
    assert len(select(())) == len(claims())
    with pytest.raises(UnknownNameError, match="did you mean 'growth'"):
        select(("grwth",))


def test_fast_claims_are_supported_and_their_controls_caught():
    """``gaussian-mean`` is run by the commands' tests, the rest by the slow test."""
    for finding in verify_claims(select(FAST), seed=1):
        assert finding.verdict is Verdict.SUPPORTED, finding.messages
        assert {c.fate for c in finding.controls} == {Fate.CAUGHT}


@pytest.mark.slow
def test_all_claims_are_supported_at_the_quick_scale():
    found = verify_claims(select(()))
    assert {f.claim.name: f.verdict for f in found} == dict.fromkeys(claims(), Verdict.SUPPORTED)
    assert all(f.controls_caught for f in found)


def test_a_false_claim_is_violated_and_nothing_else():
    loop = Loop("mean", GaussianMean(cycle=cycles.full_synthetic(n=100), generations=4))
    low, high = (
        Claim(
            name=f"below {level}",
            sentence="Mean TV is small.",
            source="nobody",
            loops=lambda scale: (loop,),
            statements=(BoundHolds(at_most(level)),),
            controls=(Control.SIDE,),
        )
        for level in (0.05, 0.2)
    )
    found = verify_claims((low, high))
    assert [f.verdict for f in found] == [Verdict.VIOLATED, Verdict.SUPPORTED]
    assert any("violated: mean, generation 4" in message for message in found[0].messages)


def curve(values, axis="lambda", runs=400, spread=0.1, generation=1):
    """Loops whose mean TV follows ``values``, a mapping from place to mean TV."""
    generator = np.random.default_rng(11)
    measured = []
    for x, mean in values.items():
        cycle = cycles.real_plus_synthetic(n=100, lam=4)
        noise = 1 + spread * generator.standard_normal((runs, generation))
        loop = Loop("planted", GaussianMean(cycle=cycle, generations=generation), x, axis)
        measured.append(Measured(loop, Runs(cycle=cycle, tv=np.clip(mean * noise, 0, 1))))
    return measured


def verdicts(statement, measured):
    cells = statement.size(measured)
    return {row.verdict for row in decide(statement.rows(measured, 0.05 / cells, 0.05), 0.05)}


BUMP = {0.0: 0.05, 1.0: 0.06, 4.0: 0.08, 16.0: 0.07, 64.0: 0.06}
FALL = {0.0: 0.05, 1.0: 0.045, 4.0: 0.04, 16.0: 0.03, 64.0: 0.02}


def test_a_planted_bump_rises_and_falls_and_a_planted_fall_does_not():
    statement = RiseAndFall((1,))
    assert verdicts(statement, curve(BUMP)) == {Verdict.SUPPORTED}
    assert Verdict.VIOLATED in verdicts(statement, curve(FALL))
    assert verdicts(EveryRatio((1,)), curve(FALL)) == {Verdict.SUPPORTED}
    assert Verdict.VIOLATED in verdicts(EveryRatio((1,)), curve(BUMP))


def test_a_place_named_beforehand_is_low_or_it_is_not():
    low = Below({"planted": (4.0, (0.0, 64.0))}, (1,))
    dip = {0.0: 0.05, 4.0: 0.03, 64.0: 0.06}
    assert verdicts(low, curve(dip)) == {Verdict.SUPPORTED}
    assert verdicts(low, curve(BUMP)) == {Verdict.VIOLATED}
    outcomes = low.outcomes((Control.SCALED, Control.SIDE), curve(dip), 0.01)
    assert [o.fate for o in outcomes] == [Fate.CAUGHT, Fate.CAUGHT]
    with pytest.raises(ParameterError, match="there is no loop at lambda = 4"):
        low.contrasts(curve({0.0: 0.1}))
    assert not Below({"other": (4.0, (0.0,))}, (1,)).contrasts(curve(dip))


def test_the_grid_must_reach_thirty_times_the_generation():
    with pytest.raises(ParameterError, match="must hold 0 and reach 30"):
        RiseAndFall((1,)).contrasts(curve({0.0: 0.1, 20.0: 0.1}))


def test_a_planted_peak_is_found():
    grid = 2.0 ** np.arange(8)
    measured = curve({x: 0.1 * np.exp(-(np.log(x / 10) ** 2) / 8) for x in grid.tolist()})
    for place, verdict in ((10, Verdict.SUPPORTED), (30, Verdict.VIOLATED)):
        statement = PeakAt(lambda loop, j, place=place: place, 1.5, (1,))
        assert verdicts(statement, measured) == {verdict}


def test_a_planted_rate_is_found_and_its_double_is_caught():
    measured = curve({n: n**-0.4 for n in (1e2, 1e3, 1e4)}, "n")
    exact = RateExponent(0.4, Side.PREDICTION, (1,), tolerance=0.02)
    assert verdicts(exact, measured) == {Verdict.SUPPORTED}
    assert verdicts(RateExponent(0.25, Side.LOWER, (1,)), measured) == {Verdict.SUPPORTED}
    assert verdicts(RateExponent(0.5, Side.LOWER, (1,)), measured) == {Verdict.VIOLATED}
    outcomes = exact.outcomes((Control.EXPONENT, Control.SCALED), measured, 0.01)
    assert [o.fate for o in outcomes] == [Fate.CAUGHT, Fate.CAUGHT]


def test_growth_is_held_against_the_bound_s_shape():
    runs = GaussianMean(cycle=cycles.full_synthetic(n=400), generations=20).run()
    loop = Loop("full", GaussianMean(cycle=runs.cycle, generations=20))
    measured = [Measured(loop, runs)]
    assert verdicts(GrowthExponent(1.0, Side.UPPER), measured) == {Verdict.SUPPORTED}
    assert verdicts(GrowthExponent(0.4, Side.UPPER), measured) == {Verdict.VIOLATED}
    row = GrowthExponent(0.5, Side.PREDICTION).rows(measured, 0.05, 0.05)[0]
    assert row.low < 0.5 < row.high  # sqrt of the generation
    assert "constant fitted to held-out runs" in row.detail


def test_a_contrast_of_logarithms_has_the_right_standard_error():
    """2000 slopes of planted means; their spread is what each says of itself."""
    generator = np.random.default_rng(0)
    weights, found = slope_weights(np.log([1, 10, 100])), []
    for _ in range(2000):
        terms = []
        for w, mean in zip(weights, (0.3, 0.1, 0.03), strict=True):
            tv = mean * generator.gamma(25, 1 / 25, (40, 1)).clip(0, 2)
            cycle = cycles.full_synthetic(n=10)
            terms.append(Term(Runs(cycle=cycle, tv=tv), np.array([w])))
        found.append(log_contrast(terms))
    values = np.array([e.value for e in found])
    assert values.mean() == pytest.approx(-0.5, abs=0.002)
    assert np.mean([e.error for e in found]) == pytest.approx(values.std(), rel=0.05)
    assert np.mean([e.freedom for e in found]) > 40


def test_a_statement_says_what_its_tests_assume():
    measured = curve({0.0: 0.1, 4.0: 0.1}, runs=50)
    assert BoundHolds(at_most(0.5)).assumes(measured) == ""
    student = BoundHolds(at_most(0.5), method=MeanInterval.STUDENT).assumes(measured)
    assert student.startswith("Student's test over 50 runs: assumes")
    ratio = Below({"planted": (4.0, (0.0,))}, (1,)).assumes(measured)
    assert "at least 50 per loop, are close to normal" in ratio


def test_a_finding_repeats_what_its_claim_assumes():
    assert verify_claims(select(("discrete",)))[0].assumptions == ()
    loops = tuple(m.loop for m in curve({1e2: 0.1, 1e3: 0.05}, "n"))
    claim = Claim(
        name="falls",
        sentence="Mean TV falls.",
        source="nobody",
        loops=lambda scale: loops,
        statements=(RateExponent(-1.0, Side.LOWER, (1,)),),
        controls=(),
    )
    (found,) = verify_claims((claim,))
    assert found.messages[0].startswith("Welch's test of logarithms of means: assumes")


def test_a_bound_of_the_catalogue_can_be_a_statement():
    assert BoundHolds("kde-sandwich").statistic == bounds.get("kde-sandwich").statistic
