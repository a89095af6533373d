"""Counts of points in cells have the multinomial law, whichever way they are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy import stats

from bounds import cycles
from empirics import Experiment, counts, run
from empirics.compiled import is_installed
from empirics.counts import MOST, drawn_counts, tables
from empirics.models import Kde

SIZES = {"inverted": 30, "tabulated": 200, "rejected": 20_000}
"""Points in ten cells, of which one expects at most 20, at most 256, and more."""
MASSES = np.array([0.0, 0.02, 0.3, 0.05, 0.0, 0.25, 0.1, 0.2, 0.08, 0.0])


def streams(count, seed=0):
    return [np.random.default_rng([seed, r]) for r in range(count)]


@pytest.fixture(params=["plain", "compiled"])
def lines(request, monkeypatch):
    """With plain and with compiled lines."""
    if request.param == "compiled" and not is_installed():
        pytest.skip("no numba")
    for work in (counts._INVERTED, counts._TABULATED):
        monkeypatch.setattr(work, "pays", lambda _: request.param == "compiled")


def test_tables_hold_poisson_laws():
    """To 5e-16 in each probability: what the slots give, added up, is the law of the mean."""
    made = tables()
    sizes = 2 ** (9 - made.shift.astype(int))
    means = np.ldexp(1 + np.arange(32) / 32, np.arange(-3, 8)[:, None]).ravel()
    assert made.start.tolist() == (np.cumsum(sizes) - sizes).tolist()
    assert means[-1] < MOST == 2 * means[-32]
    for mean, start, size in zip(means, made.start, sizes, strict=True):
        slots = slice(start, start + size)
        accept = made.accept[slots] / 2.0**55
        found = np.bincount(made.own[slots], accept) / size
        found += np.bincount(made.alias[slots], 1 - accept, minlength=len(found)) / size
        np.testing.assert_allclose(found, _poisson(mean, len(found)), rtol=0, atol=5e-16)


def _poisson(mean, count):
    """Its first probabilities, with 30 digits on the way."""
    with mp.workdps(30):
        law = [mp.exp(-mpf(mean))]
        for k in range(1, count):
            law.append(law[-1] * mean / k)
        return [float(p) for p in law]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_marginal_laws(size, lines):
    """Chi-square tests of every cell's binomial law; false alarms: 1e-4 in each of three runs."""
    drawn = drawn_counts(streams(20_000), size, np.tile(MASSES, (20_000, 1)))
    pvalues = [_pvalue(drawn[:, i], stats.binom(size, p)) for i, p in enumerate(MASSES) if p]
    assert min(pvalues) > 1e-4 / len(pvalues)


def _pvalue(values, law):
    """Of a chi-square test with bins that expect at least ten values."""
    edges = np.unique(law.ppf(np.linspace(0, 1, 25)[1:-1]))
    expected = np.diff(law.cdf(edges), prepend=0, append=1)
    found = np.bincount(np.searchsorted(edges, values), minlength=len(expected))
    return stats.chisquare(found, len(values) * expected).pvalue


def test_joint_law(lines):
    """Chi-square test of three cells' counts together against the multinomial law; false alarms
    1e-4."""
    size, masses = 24, np.array([0.85, 0.1, 0.05])
    drawn = drawn_counts(streams(50_000), size, np.tile(masses, (50_000, 1))).astype(int)
    assert drawn.sum(axis=1).tolist() == [size] * 50_000
    law = stats.multinomial(size, masses)
    cells = [(i, j) for i in range(size + 1) for j in range(size + 1 - i)]
    expected = np.array([law.pmf([i, j, size - i - j]) for i, j in cells]) * 50_000
    found = np.zeros((size + 1, size + 1))
    np.add.at(found, (drawn[:, 0], drawn[:, 1]), 1)
    found = np.array([found[cell] for cell in cells])
    often = expected > 10
    expected = [*expected[often], expected[~often].sum()]
    assert stats.chisquare([*found[often], found[~often].sum()], expected).pvalue > 1e-4


@pytest.mark.parametrize("size", [21, 10**4, 10**6])
def test_covariances(size, lines):
    """Of 512 cells, by the mean and the variance of a wave over them; false alarms: 1e-4 in each
    of three runs."""
    masses = np.exp(-(np.linspace(-4, 4, 512) ** 2) / 2)
    masses[100:110] = 0
    masses /= masses.sum()
    wave = np.cos(np.arange(512))
    values = drawn_counts(streams(4000, seed=1), size, np.tile(masses, (4000, 1))) @ wave
    mean = size * (masses @ wave)
    sd = np.sqrt(size * (masses @ wave**2 - (masses @ wave) ** 2))
    assert stats.norm.sf(abs(values.mean() - mean) / sd * np.sqrt(4000)) > 0.25e-4
    squares = 3999 * values.var(ddof=1) / sd**2
    assert min(stats.chi2(3999).cdf(squares), stats.chi2(3999).sf(squares)) > 0.25e-4


@given(
    masses=st.lists(st.sampled_from([0.0, 1e-30, 1e-17, 1e-9, 1e-3, 0.5, 1.0, 7.0]), max_size=40),
    size=st.integers(1, 5000),
    seed=st.integers(0, 2**32),
)
def test_points_are_where_mass_is(masses, size, seed):
    masses = np.array([1.0, *masses])
    (drawn,) = drawn_counts(streams(1, seed), size, masses[None])
    assert drawn.sum() == size
    assert not drawn[masses == 0].any()
    assert np.array_equal(drawn, np.rint(drawn))


@pytest.mark.skipif(not is_installed(), reason="no numba")
@given(size=st.integers(1, 10**5), cells=st.integers(1, 700), seed=st.integers(0, 2**32))
def test_compiled_lines_draw_the_same(size, cells, seed):
    rows = np.random.default_rng(seed).gamma(0.5, size=(3, cells)) * (np.arange(cells) % 5 > 0)
    rows[:, 0] += 1e-12
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for pays in (False, True):
            for work in (counts._INVERTED, counts._TABULATED):
                patch.setattr(work, "pays", lambda _, pays=pays: pays)
            used = streams(3, seed)
            twice = [drawn_counts(used, size, rows) for _ in range(2)]
            found.append((np.array(twice), [s.random() for s in used]))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    assert found[0][1] == found[1][1]


def test_half_a_number_is_not_lost(lines):
    """A stream that holds 32 bits back gives them next, however counts were drawn."""
    expected = None
    for _ in range(2):
        (used,) = streams(1)
        half = used.integers(2**31, dtype=np.uint32)
        drawn = drawn_counts([used], 30, MASSES[None]).tolist()
        found = (half, drawn, used.integers(2**31, dtype=np.uint32))
        assert expected in (None, found)
        expected = found
    assert not counts._can_go_back(_halved())


def _halved():
    (stream,) = streams(1)
    stream.integers(2**31, dtype=np.uint32)
    return stream


def test_one_cell_holds_all():
    for size in (1, 20, 21, 255, 300):
        assert drawn_counts(streams(1), size, np.array([[0.0, 3.0, 0.0]])).tolist() == [
            [0, size, 0]
        ]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_row_depends_on_its_own_stream_and_masses(size, lines):
    others = np.array([[0.0, 0, 0, 1, 0, 0, 0, 0, 0, 0], np.full(10, 0.1), np.arange(10.0)])
    (alone,) = drawn_counts(streams(1), size, MASSES[None])
    together = drawn_counts(streams(4), size, np.vstack([MASSES, others]))
    assert alone.tolist() == together[0].tolist()


@pytest.mark.parametrize("size", [200, 1000, 10_000])
def test_long_loops_do_not_depend_on_their_company(size, three):
    def loop(replicates):
        return Experiment(
            target=three,
            model=Kde(0.55 * size**-0.2),
            cycle=cycles.full_synthetic(n=size),
            generations=16,
            replicates=replicates,
        )

    few, many = (run(loop(replicates)).matrix("tv") for replicates in (2, 20))
    np.testing.assert_array_equal(few, many[:2])


def test_no_method_is_left_out():
    """The sizes above meet every way of drawing."""
    most = {name: size * MASSES.max() for name, size in SIZES.items()}
    assert most["inverted"] <= counts._FEW < most["tabulated"] < MOST < most["rejected"]
