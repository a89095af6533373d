"""Constants of operators over random pairs of exact laws: never exceeded, and attained.

Operators are written out here by themselves, in rational arithmetic, by their definitions.
"""

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest

from bounds import operators
from empirics.operators import (
    BestOf,
    Exponential,
    KeepTop,
    Letters,
    MatrixChannel,
    Mixed,
    PerLetter,
    Tilt,
)

WEIGHTS = (Fraction(2), Fraction(2), Fraction(1), Fraction(0))
RANKS = (3, 2, 1, 0)
SHARE, PASSED, DRAWS = Fraction(1, 3), Fraction(1, 4), 2
ROWS = (
    (Fraction(1, 2), Fraction(1, 2), Fraction(0), Fraction(0)),
    (Fraction(0), Fraction(1, 4), Fraction(3, 4), Fraction(0)),
    (Fraction(1, 4),) * 4,
    (Fraction(0), Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)),
)


def distance(p, q):
    return sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


def channel(p):
    return [sum(p[x] * ROWS[x][y] for x in range(4)) for y in range(4)]


def tilt(p):
    mean = sum(m * h for m, h in zip(p, WEIGHTS, strict=True))
    return [m * h / mean for m, h in zip(p, WEIGHTS, strict=True)]


def best(p):
    """The best of two draws, by all pairs; the first letter is the best."""
    out = [Fraction(0)] * 4
    for drawn in product(range(4), repeat=DRAWS):
        out[min(drawn)] += prod(p[x] for x in drawn)
    return out


def top(p):
    left, out = SHARE, []
    for mass in p:
        out.append(min(mass, left) / SHARE)
        left -= min(mass, left)
    return out


def in_part(p):
    return [PASSED * a + (1 - PASSED) * b for a, b in zip(top(p), p, strict=True)]


def composed(p):
    return tilt(top(p))


def _mean(q):
    return sum(m * h for m, h in zip(q, WEIGHTS, strict=True))


CASES = {
    "channel": (channel, lambda d, q: Fraction(3, 4) * d),
    "tilt": (tilt, lambda d, q: operators.tilt(WEIGHTS[0], _mean(q)) * d),
    "choice": (best, lambda d, q: operators.choice(d, DRAWS)),
    "keep top": (top, lambda d, q: operators.keep_top(SHARE) * d),
    "mixed": (in_part, lambda d, q: operators.mixture(PASSED, operators.keep_top(SHARE)) * d),
    "composed": (
        composed,
        lambda d, q: (
            operators.composition(
                operators.keep_top(SHARE), operators.tilt(WEIGHTS[0], _mean(top(q)))
            )
            * d
        ),
    ),
}
ACTING = {
    "channel": MatrixChannel([[float(m) for m in row] for row in ROWS]),
    "tilt": Tilt(PerLetter(tuple(map(float, WEIGHTS)))),
    "choice": BestOf(DRAWS, PerLetter(RANKS)),
    "keep top": KeepTop(float(SHARE), PerLetter(RANKS)),
    "mixed": Mixed(KeepTop(float(SHARE), PerLetter(RANKS)), float(PASSED)),
}


def pairs(count, seed):
    """Pairs of laws with small numerators; in half of them few letters differ."""
    generator = np.random.default_rng(seed)
    for i in range(count):
        first = generator.integers(0, 7, 4)
        second = generator.integers(0, 7, 4)
        if i % 2:
            second = first.copy()
            move = int(generator.integers(0, first.max() + 1))
            source, sink = int(first.argmax()), int(generator.integers(4))
            second[source] -= move
            second[sink] += move
        if first.sum() and second.sum():
            yield tuple([Fraction(int(m), int(law.sum())) for m in law] for law in (first, second))


def largest_ratio(name, count, seed=7):
    operator, most = CASES[name]
    largest = Fraction(0)
    for p, q in pairs(count, seed):
        if not (d := distance(p, q)) or not min(_mean(p), _mean(q), _mean(top(p)), _mean(top(q))):
            continue
        largest = max(largest, distance(operator(p), operator(q)) / most(d, q))
    return largest


@pytest.mark.parametrize("name", CASES)
def test_a_constant_is_never_exceeded_and_nearly_attained(name):
    assert Fraction(9, 10) <= largest_ratio(name, 300) <= 1


def counted(count, seed):
    """The same kind of pairs as integers, all at once: what is compared below is exact."""
    generator = np.random.default_rng(seed)
    p, q = generator.integers(0, 7, (2, count, 4))
    moved = p.copy()
    rows = np.arange(count)
    source, sink = p.argmax(axis=1), generator.integers(0, 4, count)
    move = generator.integers(0, p.max(axis=1) + 1)
    np.add.at(moved, (rows, source), -move)
    np.add.at(moved, (rows, sink), move)
    q = np.where(rows[:, None] % 2, moved, q)
    return p, q


def gap(p, q):
    """``2 A B TV`` of laws with these counts, ``A`` and ``B`` their sums; and the sums."""
    a, b = (law.sum(axis=1) for law in (p, q))
    return np.abs(p * b[:, None] - q * a[:, None]).sum(axis=1), a, b


def kept(p):
    """The best third, in counts of which all but the law's own sum are left out."""
    before = np.concatenate([np.zeros((len(p), 1), int), 3 * p.cumsum(axis=1)], axis=1)
    left = p.sum(axis=1, keepdims=True) - before
    return np.minimum(3 * p, np.maximum(left[:, :-1], 0))


H = np.array([2, 2, 1, 0])
K = np.array([[int(4 * m) for m in row] for row in ROWS])


def _first(p):
    """Best of two draws, in counts of pairs."""
    tail = p[:, ::-1].cumsum(axis=1)[:, ::-1]
    return tail**2 - np.concatenate([tail[:, 1:], np.zeros((len(p), 1), int)], axis=1) ** 2


def ratios(name, p, q):
    """Numerators and denominators of ``TV(Tp, Tq) / bound`` for every pair."""
    before, a, b = gap(p, q)
    if name == "channel":
        return gap(p @ K, q @ K)[0], 12 * before
    if name == "choice":
        return 2 * gap(_first(p), _first(q))[0], before * (4 * a * b - before)
    if name == "keep top":
        return gap(kept(p), kept(q))[0], 3 * before
    if name == "mixed":
        return gap(kept(p) + 3 * p, kept(q) + 3 * q)[0], 24 * before
    first = 1 if name == "tilt" else 3
    x, y = ((law if name == "tilt" else kept(law)) * H for law in (p, q))
    found, mean, _ = gap(x, y)
    return found * a, 2 * first * mean * before


@pytest.mark.parametrize("name", CASES)
def test_a_constant_over_a_hundred_thousand_exact_pairs(name):
    p, q = counted(130_000, seed=8)
    keep = (p.sum(axis=1) > 0) & (q.sum(axis=1) > 0) & (gap(p, q)[0] > 0)
    for law in (p, q):
        keep &= (law @ H > 0) & (kept(law) @ H > 0)
    top, bottom = ratios(name, p[keep], q[keep])
    assert keep.sum() > 10**5
    assert np.all(top <= bottom)
    assert np.any(100 * top >= 99 * bottom)


@pytest.mark.parametrize("name", ACTING)
def test_operators_act_on_letters_as_by_definition_and_tell_their_constant(name):
    operator, (exact, most) = ACTING[name], CASES[name]
    for p, q in list(pairs(60, 9)):
        if not min(_mean(p), _mean(q)):
            continue
        law, real = (np.array([float(m) for m in x]) for x in (p, q))
        np.testing.assert_allclose(
            operator.act(law[None], Letters(4))[0], [float(m) for m in exact(p)], atol=1e-13
        )
        linear = DRAWS if name == "choice" else float(most(Fraction(1), q))
        assert operator.constant(real, Letters(4)) == pytest.approx(linear)


def test_a_choice_by_bradley_and_terry_is_the_sum_over_all_tuples():
    rewards, law = (0.7, -1.3, 2.0, 0.1), (0.4, 0.3, 0.2, 0.1)
    operator = BestOf(3, PerLetter(rewards), "bradley-terry")
    expected, odds = np.zeros(4), np.exp(rewards)
    for drawn in product(range(4), repeat=3):
        chance = prod(law[x] for x in drawn)
        for x in drawn:
            expected[x] += chance * odds[x] / odds[list(drawn)].sum()
    found = operator.act(np.array(law)[None], Letters(4))[0]
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_a_weight_above_its_supremum_is_refused():
    class Wrong:
        supremum = 1.0

        def __call__(self, points):
            return 1 + np.abs(points)

    with pytest.raises(Exception, match="tilt-constant requires"):
        Tilt(Wrong()).act(np.ones((1, 3)) / 3, Letters(3))
    with pytest.raises(Exception, match="must be bounded"):
        Tilt(lambda points: points)


def test_curation_raises_the_mean_of_the_odds_by_what_is_proved():
    """Exact search over random alphabets."""
    generator = np.random.default_rng(11)
    for _ in range(300):
        size, draws = int(generator.integers(2, 6)), int(generator.integers(1, 7))
        law, reward = generator.dirichlet(np.ones(size)), generator.normal(0, 2, size)
        odds = np.exp(reward)
        operator = BestOf(draws, PerLetter(tuple(reward)), "bradley-terry")
        found = operator.act(law[None], Letters(size))[0] @ odds
        mean = law @ odds
        surplus = (draws - 1) / draws * (law @ odds**2 - mean**2) / odds.max()
        assert found >= mean + surplus - 1e-9 * mean


def test_the_exponential_of_a_reward_is_a_weight():
    weight = Exponential(PerLetter((0.0, -1.0)))
    assert weight.supremum == 1.0
    np.testing.assert_allclose(weight(np.array([0, 1, 1])), np.exp([0, -1, -1]))
