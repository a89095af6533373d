"""The recursion past operators against loops: random ones, planted worst cases, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
from bounds import cycles
from empirics import Experiment, run, targets
from empirics.closed_form import Discrete
from empirics.models import Diffusion, Kde
from empirics.operators import (
    Along,
    BestOf,
    Composed,
    Exponential,
    KeepTop,
    MatrixChannel,
    Mixed,
    Noise,
    PerLetter,
    Rounding,
    Shrinking,
    Tilt,
    Toward,
)
from verify import Control, Runs, Verdict, check
from verify.operators import operator_values
from verify.verdict import Fate

RECURSION = bounds.get("operator-recursion")
LINE = targets.normal()


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


def on_letters(generator):
    size = int(generator.integers(2, 7))
    scores = PerLetter(tuple(generator.normal(0, 1, size)))
    rows = generator.dirichlet(np.ones(size), size)
    simple = (
        MatrixChannel(tuple(map(tuple, rows / rows.sum(axis=1, keepdims=True)))),
        Tilt(Exponential(scores)),
        BestOf(int(generator.integers(2, 4)), scores),
        BestOf(2, scores, "bradley-terry"),
        KeepTop(float(generator.uniform(0.3, 1)), scores),
    )
    first, second = (simple[i] for i in generator.integers(0, 5, 2))
    operator = (first, Mixed(first, 0.5), Composed((first, second)))[generator.integers(3)]
    return Discrete(
        real=tuple(generator.dirichlet(np.ones(size))),
        cycle=random_cycle(generator, int(generator.integers(20, 2000))),
        generations=int(generator.integers(2, 9)),
        replicates=20,
        seed=int(generator.integers(2**31)),
        between=operator,
    )


def on_line(generator, model):
    centre = float(generator.normal())
    simple = (
        Noise(float(generator.uniform(0.05, 0.5))),
        Shrinking(float(generator.uniform(0.6, 1.2)), 0.1),
        Rounding(float(generator.uniform(0.1, 0.6))),
        Tilt(Exponential(Toward(centre, 1.5))),
        BestOf(2, Along(1.0)),
        BestOf(2, Toward(centre), "bradley-terry"),
        KeepTop(float(generator.uniform(0.4, 1)), Toward(centre)),
    )
    first, second = (simple[i] for i in generator.integers(0, len(simple), 2))
    operator = (first, Mixed(first, 0.5), Composed((first, second)))[generator.integers(3)]
    return Experiment(
        target=LINE,
        model=model,
        cycle=random_cycle(generator, int(generator.integers(100, 2000))),
        generations=3,
        replicates=3,
        seed=int(generator.integers(2**31)),
        between=operator,
    )


def within(loop):
    """Whether TV of every run is at most the recursion, both with their numerical errors."""
    runs = Runs.of(run(loop)) if isinstance(loop, Experiment) else loop.run()
    found = operator_values(RECURSION, runs, {})
    return np.all(runs.tv - runs.tv_error <= found.value + found.error + 1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_random_loops_of_letters_stay_under_the_recursion(seed):
    assert within(on_letters(np.random.default_rng(seed)))


@pytest.mark.parametrize("seed", range(4))
def test_random_loops_on_the_line_stay_under_the_recursion(seed):
    assert within(on_line(np.random.default_rng(seed), Kde(0.3)))


@pytest.mark.slow
def test_three_hundred_random_loops_stay_under_the_recursion():
    diffusion = Diffusion(width=16, training_time=20.0)
    for seed in range(300):
        generator = np.random.default_rng([seed, 1])
        kind = seed % 10
        if kind < 6:
            loop = on_letters(generator)
        else:
            loop = on_line(generator, diffusion if seed % 30 == 29 else Kde(0.3))
        assert within(loop), loop


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
