"""Points pass an operator as laws do: two samples tested for equality.

Every test of this file has a false-alarm rate of 1e-4 for a fresh seed; the seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from empirics import targets
from empirics.grid import make_grid
from empirics.operators import Letters, drawn, settled
from empirics.target_law import target_law
from tests.empirics.operators.every import of_letters, of_points

ON_LINE = of_points(np.random.default_rng(1), 1)
IN_PLANE = of_points(np.random.default_rng(2), 2)
ON_LETTERS = of_letters(np.random.default_rng(3), 5)
RATE = 1e-4
LINE = targets.gaussian_mixture([0.5, 0.5], [-0.8, 0.9], [0.4, 0.5])
PLANE = targets.gaussian_mixture([0.6, 0.4], [[-0.8, 0.3], [0.9, -0.2]], [0.4, 0.5])
SIZE = 4000


def passed(operator, draw, size, seed=1):
    generator = np.random.default_rng(seed)

    def draws(count):
        return draw(count, generator)

    return drawn(settled(operator, draws, 16 * size, generator), draws, size, generator)


def fits(counts, law):
    """Whether counts are those of independent draws from a law, by Pearson's test."""
    expected = counts.sum() * law / law.sum()
    order = np.argsort(-expected)
    groups = np.minimum(np.cumsum(expected[order]) // 60, counts.sum() // 60 - 1).astype(int)
    seen, due = (np.bincount(groups, part[order]) for part in (counts, expected))
    return stats.chisquare(seen[due > 0], due[due > 0]).pvalue > RATE


@pytest.mark.parametrize("name", ON_LINE)
def test_points_on_the_line_have_the_law_of_the_grid(name):
    operator = ON_LINE[name]
    grid = make_grid([(-6.0, 6.0)], 0.0, 0.02, LINE.support)
    (law,) = operator.act(target_law(LINE, grid).masses[None], grid)
    points = passed(operator, LINE.sample, SIZE)
    (axis,) = grid.axes
    below = np.interp(points, axis.edges, np.concatenate([[0], law.cumsum()]))
    assert stats.kstest(below, "uniform").pvalue > RATE
    plain = LINE.sample(SIZE, np.random.default_rng(2))
    moved = np.interp(plain, axis.edges, np.concatenate([[0], law.cumsum()]))
    assert stats.kstest(moved, "uniform").pvalue < RATE, "the test must see an operator left out"


@pytest.mark.parametrize("name", IN_PLANE)
def test_points_in_the_plane_have_the_law_of_the_grid(name):
    operator = IN_PLANE[name]
    grid = make_grid([(-4.5, 4.5)] * 2, 0.0, 0.03, PLANE.support)
    (fine,) = operator.act(target_law(PLANE, grid).masses[None], grid)
    blocks = fine.reshape(grid.shape[0] // 5, 5, -1, 5).sum(axis=(1, 3)).ravel() + 1e-9
    edges = [a.edges[::5] for a in grid.axes]

    def counts(points):
        return np.histogramdd(points, edges)[0].ravel()

    assert fits(counts(passed(operator, PLANE.sample, SIZE)), blocks)
    assert not fits(counts(PLANE.sample(SIZE, np.random.default_rng(2))), blocks)


@pytest.mark.parametrize("name", ON_LETTERS)
def test_letters_have_the_law_of_the_alphabet(name):
    operator, law = ON_LETTERS[name], np.array([0.3, 0.1, 0.15, 0.25, 0.2])
    (expected,) = operator.act(law[None], Letters(5))

    def draw(count, generator):
        return generator.choice(5, count, p=law).astype(float)

    points = passed(operator, draw, SIZE)
    counts = np.bincount(points.astype(int), minlength=5)
    alive = expected > 0
    assert counts[~alive].sum() <= 0.002 * SIZE, "a threshold from draws may miss by that much"
    due = expected[alive] / expected[alive].sum() * counts[alive].sum()
    assert stats.chisquare(counts[alive], due).pvalue > RATE


@pytest.mark.parametrize("name", ON_LINE)
def test_an_operator_used_by_itself_keeps_the_law(name):
    """``samples`` alone, on a batch that is large against what is kept of it."""
    generator = np.random.default_rng(4)
    points = ON_LINE[name].samples(LINE.sample(60_000, generator), generator)
    other = passed(ON_LINE[name], LINE.sample, 3000, seed=5)
    assert stats.ks_2samp(generator.permutation(points)[:3000], other).pvalue > RATE


def test_one_that_keeps_nothing_is_refused():
    class Nothing:
        def samples(self, points, generator):
            return points[:0]

        def __repr__(self):
            return "Nothing()"

    with pytest.raises(Exception, match=r"between = Nothing\(\): kept 0 of"):
        passed(Nothing(), LINE.sample, 10)
