"""The recursion past operators against loops: random ones, planted worst cases, what is refused."""

from dataclasses import replace
from inspect import isabstract
from itertools import product

import numpy as np
import pytest

import bounds
import empirics.operators
from bounds import cycles
from empirics import Experiment, run, targets
from empirics.closed_form import Discrete
from empirics.models import Diffusion, Kde, TrainedDiffusion
from empirics.operators import Acting, BestOf, Exponential, KeepTop, PerLetter, Shrinking
from empirics.quantities.reward import Reward
from tests.empirics.operators.every import certified, of_letters, of_points
from verify import Control, Runs, Verdict, check
from verify.claim import Loop, Measured
from verify.claims import past_operators
from verify.recorded import operator_values
from verify.scale import Scale
from verify.settings import every_cycle
from verify.statements import RewardRises
from verify.verdict import Fate

RECURSION = bounds.get("operator-recursion")
LINE = targets.normal()
PLANE = targets.gaussian_mixture([0.6, 0.4], [[-0.8, 0.3], [0.9, -0.2]], [0.4, 0.5])
TRAINED = TrainedDiffusion(width=8, steps=20, batch_size=16)


def random_cycle(generator, n):
    kind = generator.integers(6)
    share = round(float(generator.uniform()), 2)
    return (
        cycles.full_synthetic(n=n),
        cycles.fresh_real(n=n, share=share),
        cycles.balanced(n=n),
        cycles.accumulating(n=n),
        cycles.fresh_real(n=n, share=share, data="reused"),
        cycles.real_plus_synthetic(n=n, lam=1, data="reused"),
    )[kind]


def one_of(generator, operators):
    return certified(operators)[generator.integers(len(certified(operators)))]


def on_letters(generator):
    size = int(generator.integers(2, 7))
    return Discrete(
        real=tuple(generator.dirichlet(np.ones(size))),
        cycle=random_cycle(generator, int(generator.integers(20, 2000))),
        generations=int(generator.integers(2, 9)),
        replicates=20,
        seed=int(generator.integers(2**31)),
        between=one_of(generator, of_letters(generator, size, generator.uniform(0.1, 1))),
    )


def of_points_by(model, target, most, generations=3, replicates=3):
    """Random loops of a model on at most so many points."""

    def draw(generator):
        operators = of_points(generator, target.dimension, generator.uniform(0.1, 1))
        return Experiment(
            target=target,
            model=model,
            cycle=random_cycle(generator, int(generator.integers(50, most))),
            generations=generations,
            replicates=replicates,
            seed=int(generator.integers(2**31)),
            between=one_of(generator, operators),
        )

    return draw


FROZEN = Diffusion(width=16, training_time=20.0)
FAMILIES = {
    "letters": (on_letters, 140, 20),
    "kde, line": (of_points_by(Kde(0.3), LINE, 2000), 100, 4),
    "kde, plane": (of_points_by(Kde(0.4), PLANE, 1000, 2, 1), 25, 1),
    "diffusion, line": (of_points_by(FROZEN, LINE, 1000), 20, 1),
    "diffusion, plane": (of_points_by(FROZEN, PLANE, 500, 2, 1), 8, 0),
    "trained diffusion": (of_points_by(TRAINED, LINE, 200, 2, 1), 7, 0),
}
"""The draw of a random loop of a family, the number of loops, and the number by default."""


def closeness(loop):
    """Largest TV over the recursion, both with their numerical errors, after generation 1."""
    runs = Runs.of(run(loop)) if isinstance(loop, Experiment) else loop.run()
    found = operator_values(RECURSION, runs, {})
    ratio = (runs.tv - runs.tv_error) / (found.value + found.error + 1e-12)
    assert np.all(ratio[:, 0] <= 1 + 1e-9)
    return float(ratio[:, 1:].max())


def drawn(family, number):
    """Loop number ``number`` of a family."""
    return FAMILIES[family][0](np.random.default_rng([number, *family.encode()]))


@pytest.mark.parametrize(
    ("family", "number"), [(name, i) for name, (*_, few) in FAMILIES.items() for i in range(few)]
)
def test_random_loops_stay_under_the_recursion(family, number):
    assert closeness(drawn(family, number)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_three_hundred_random_loops_of_all_families_stay_under_the_recursion(family):
    assert sum(count for _, count, _ in FAMILIES.values()) == 300
    found = [closeness(drawn(family, number)) for number in range(FAMILIES[family][1])]
    assert max(found) <= 1


def test_an_operator_left_out_of_the_bound_is_noticed():
    """A recursion that does not know of the selection is refuted by the same runs."""
    loop = Discrete(
        real=(1e-3, 1 - 1e-3),
        cycle=cycles.fresh_real(n=100_000, share=0.2),
        generations=8,
        replicates=40,
        between=KeepTop(0.5, PerLetter((1.0, 0.0))),
    )
    runs = loop.run()
    found = check(RECURSION, runs)
    assert found.verdict is Verdict.SUPPORTED
    assert {c.fate for c in found.controls} <= {Fate.CAUGHT, Fate.IDLE}
    plain = replace(runs.facts, between=None, operators=None)
    forgotten = replace(runs, facts=plain)
    wrong = check(RECURSION, forgotten, controls=(Control.SCALED,))
    assert wrong.verdict is Verdict.VIOLATED


def test_an_operator_without_a_known_constant_leaves_the_hypotheses_unmet():
    loop = Experiment(
        target=LINE,
        model=Kde(0.3),
        cycle=cycles.full_synthetic(n=100),
        generations=2,
        replicates=5,
        between=Shrinking(0.8),
    )
    found = check(RECURSION, run(loop), controls=())
    assert {row.verdict for row in found.rows} == {Verdict.HYPOTHESES_UNMET}
    assert "no constant is known" in found.rows[0].detail


def test_the_claim_of_operators_takes_every_one_through_every_cycle():
    """Each on the line or on letters, whichever it acts on."""
    met = set()
    for loop in past_operators.CLAIM.loops(Scale.QUICK):
        operator = loop.spec.between
        inner = [operator, *getattr(operator, "parts", ()), getattr(operator, "operator", None)]
        met |= {(type(part), type(loop.spec.cycle)) for part in inner if part is not None}
    operators = {kind for kind in vars(empirics.operators).values() if _acts(kind)}
    assert met >= set(product(operators, {type(c) for c in every_cycle(10).values()}))


def _acts(kind):
    return isinstance(kind, type) and issubclass(kind, Acting) and not isabstract(kind)


def curated(between):
    scores = PerLetter((-2.0, -1.0, 0.0))
    return Discrete(
        real=(0.5, 0.3, 0.2),
        cycle=cycles.fresh_real(n=400, share=0.2),
        generations=3,
        replicates=400,
        between=BestOf(3, scores, "bradley-terry") if between else None,
        record=(Reward(Exponential(scores)),),
    )


def test_the_reward_of_curated_letters_rises_and_a_loop_that_does_not_curate_is_caught():
    """False-alarm rate of either part 1e-6 for a fresh seed."""
    told, plain = curated(True), curated(False)
    says = RewardRises(("letters",))
    for runs, caught in ((told.run(), False), (plain.run(), True)):
        measured = [Measured(Loop("letters", told), runs)]
        rows = says.rows(measured, 1e-6, 1e-6)
        assert [row.generation for row in rows] == [2, 3]
        assert all((row.p_violation < 1e-6) is caught for row in rows)
        assert all((row.p_support < 1e-6) is not caught for row in rows)
