"""The record of planted laws: every error is in the sum, each with its own weight."""

from dataclasses import replace

import numpy as np
import pytest

from empirics.diffusion.cell_laws import Trained, divergence_to_tv
from empirics.diffusion.early_stopping import early_stopping
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.grid import Grid
from empirics.target_law import target_law

REAL = np.ones(1)
BOTH = np.array([0.4, 0.6])


@pytest.fixture
def loop(target, tables):
    def fresh():
        return LineLaws(target_law(target, Grid((tables.axis,))), 1, grid=tables.grid)

    return fresh


def planted(masses, error=0.0, defect=0.0):
    masses = np.atleast_2d(masses)
    ones = np.ones(len(masses))
    return SolvedLaw(masses, error * ones, defect * ones, 0 * masses)


def shifted(masses, share):
    """A law at TV ``share`` of itself mixed with its mirror."""
    return (1 - share) * masses + share * masses[::-1]


@pytest.mark.parametrize("row", [REAL, BOTH])
def test_the_laws_own_error_and_what_it_lost_are_part_of_every_distances_error(loop, masses, row):
    def measured(error, defect):
        one = loop()
        one.record(1, REAL, Trained(planted(masses)))
        return one.record(2, row, Trained(planted(shifted(masses, 0.2), error, defect)))

    plain, wrong, lost = measured(0, 0), measured(0.03, 0), measured(0, 0.02)
    for name in ("tv_error", "one_step_error"):
        least = getattr(plain, name)
        assert 0 <= least < 1e-5
        np.testing.assert_allclose(getattr(wrong, name) - least, 0.03, rtol=1e-12)
        np.testing.assert_allclose(getattr(lost, name) - least, 0.02, rtol=1e-12)
    np.testing.assert_allclose(lost.mass_defect - plain.mass_defect, 0.02, rtol=1e-12)


def test_a_planted_error_of_the_law_is_covered_and_half_of_it_is_not(loop, masses):
    """The law is off by 0.01 of TV in the direction that counts."""
    right, off = shifted(masses, 0.2), shifted(masses, 0.25)
    tv, away = (loop().record(1, REAL, Trained(planted(law))).tv for law in (right, off))
    gap = float(np.abs(away - tv)[0])
    covered = loop().record(1, REAL, Trained(planted(off, gap)))
    assert np.abs(covered.tv - tv) <= covered.tv_error
    short = loop().record(1, REAL, Trained(planted(off, gap / 2)))
    assert np.abs(short.tv - tv) > short.tv_error


def test_distances_are_those_of_the_masses(loop, masses):
    one = loop()
    first, second = shifted(masses, 0.3), shifted(masses, 0.1)
    one.record(1, REAL, Trained(planted(first)))
    record = one.record(2, BOTH, Trained(planted(second)))
    real, mixture = masses / masses.sum(), 0.4 * masses + 0.6 * first
    assert record.tv == pytest.approx(0.5 * np.abs(second - real).sum(), abs=1e-4)
    assert record.one_step_tv == pytest.approx(0.5 * np.abs(second - mixture).sum(), abs=1e-4)


def test_bounds_add_up_along_the_cycle_with_every_error(loop, masses):
    one = loop()
    first = one.record(1, REAL, Trained(planted(masses), 1.0, score_risk=lambda _: (0.02, 0.003)))
    second = one.record(2, BOTH, Trained(planted(masses), 1.0, score_risk=lambda _: (0.01, 0.002)))
    own = [
        divergence_to_tv(r.kl_prior + r.score_risk + r.score_risk_error) for r in (first, second)
    ]
    np.testing.assert_allclose(first.tv_bound, own[0], rtol=1e-12)
    np.testing.assert_allclose(second.tv_bound, own[1] + 0.6 * own[0], rtol=1e-12)
    np.testing.assert_allclose(second.kl_bound, second.kl_prior + 0.01, rtol=1e-12)
    assert first.score_risk_error == 0.003


def test_stopping_early_is_part_of_every_bound(target, tables):
    process = OrnsteinUhlenbeck(stop=0.02)
    grid = replace(
        tables.grid,
        process=process,
        stopping=replace(tables.grid.stopping, times=np.array([process.stop]), process=process),
    )
    loop = LineLaws(target_law(target, Grid((tables.axis,))), 1, grid=grid)
    masses = target.interval_mass(tables.axis.edges)
    record = loop.record(1, REAL, Trained(planted(masses), 1.0, score_risk=lambda _: (0.02, 0.003)))
    step = divergence_to_tv(record.kl_prior + 0.023)
    assert record.smoothing > 0.005
    np.testing.assert_allclose(
        record.tv_bound, record.smoothing + record.smoothing_error + step, rtol=1e-12
    )


def test_laws_that_are_not_finite_are_refused(masses):
    with pytest.raises(InputError, match="not finite"):
        Trained(planted(np.full_like(masses, np.nan)))


def test_measures_have_the_mean_of_the_law_and_not_of_its_binned_version(loop, target, tables):
    """Points at cell centres have a variance h^2/12 too large; putting right is of sixth order."""
    one, x, h = loop(), tables.axis.centres, tables.axis.step
    weights = one.measure(REAL, None)[0]
    parts = list(zip(target.weights, target.means, target.scales, strict=True))
    variance = sum(w * (m**2 + s**2) for w, m, s in parts)
    assert weights @ x**2 == pytest.approx(variance, abs=1e-9)
    binned = float(one.masses(REAL)[0] @ x**2)
    assert binned - variance == pytest.approx(h**2 / 12, rel=1e-3)
    fourth = sum(w * (m**4 + 6 * m**2 * s**2 + 3 * s**4) for w, m, s in parts)
    assert weights @ x**4 == pytest.approx(fourth, abs=1e-9)
    shares = np.zeros_like(weights)
    shares[len(x) // 2] = 1.0
    drawn = one.measure(REAL, shares[None])[0]
    np.testing.assert_allclose(drawn - shares, weights - one.masses(REAL)[0], atol=1e-15)


class _Doubtful:
    """Tables whose risk is wrong by a known amount."""

    def __init__(self, tables, error):
        self.tables, self.error = tables, error

    def __getattr__(self, name):
        return getattr(self.tables, name)

    def score_risk(self, theta, masses):
        risk, _ = self.tables.score_risk(theta, masses)
        return risk - self.error, np.full_like(risk, self.error)


def test_the_comparators_risk_is_taken_with_its_error(tables, masses, draw):
    nodes = masses @ tables.binning
    arguments = (masses, nodes, draw(50, 1)[0], np.array([30.0, 300.0]))
    exact = early_stopping(_Doubtful(tables, 0.0), *arguments)
    short = early_stopping(_Doubtful(tables, 0.01), *arguments)
    np.testing.assert_allclose(short.comparator_risk, exact.comparator_risk, rtol=1e-12)
    honest = early_stopping(tables, *arguments)
    assert np.all(honest.comparator_risk >= exact.comparator_risk)
