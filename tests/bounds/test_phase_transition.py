"""Peaks of the two phase transitions, against golden and exact values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bounds.errors import ParameterError
from bounds.theorems import phase_transition as paper
from bounds.theorems import phase_transition_real_start as real_start
from bounds.theorems._peaks import leading

GAMMAS = st.floats(0.02, 0.98)
GENERATIONS = st.integers(2, 60)

# Golden values: gamma, c, 1/c, b, peak at generations 5, 10, 20.
TABLE = [
    ("1/5", 0.43084, 2.3210, -2.6660, (8.945, 20.547, 43.756)),
    ("1/4", 0.55020, 1.8175, -2.1656, (6.930, 16.013, 34.186)),
    ("1/3", 0.76269, 1.3112, -1.6645, (4.903, 11.452, None)),
    ("2/5", 0.94741, 1.0555, -1.4134, (3.878, 9.148, 19.700)),
    ("1/2", 1.25643, 0.7959, -1.1610, (2.838, 6.807, 14.761)),
]


@pytest.mark.parametrize(("exponent", "c", "inverse", "offset", "peaks"), TABLE)
def test_table_of_the_papers_peaks(exponent, c, inverse, offset, peaks):
    from fractions import Fraction

    assert leading(float(Fraction(exponent))) == pytest.approx(c, abs=6e-6)
    slope = paper.peak_asymptote(2, exponent) - paper.peak_asymptote(1, exponent)
    assert slope == pytest.approx(inverse, abs=6e-5)
    assert paper.peak_asymptote(1, exponent) - slope == pytest.approx(offset, abs=6e-5)
    for generation, peak in zip((5, 10, 20), peaks, strict=True):
        if peak is not None:  # the notes cut 34.18653 to 34.186
            assert paper.peak(generation, exponent) == pytest.approx(peak, abs=6e-4)


def test_table_of_the_peaks_with_a_real_start():
    """Golden values, gamma = 1/4."""
    peaks = [(2, 5.35, 1.473), (3, 7.54, 1.881), (5, 11.72, 2.602), (10, 21.73, 4.133)]
    for generation, ratio, height in [*peaks, (50, 97.5, 12.91)]:
        at = real_start.peak(generation, "1/4")
        assert at == pytest.approx(ratio, rel=1e-3)
        value = real_start.BOUND.evaluate(n=1, generation=generation, lam=at)
        assert value == pytest.approx(height, rel=5e-4)


@given(GAMMAS)
def test_exact_peaks_of_generation_two(g):
    assert paper.peak(2, g) == pytest.approx((1 - g) / (2 * g), rel=1e-12)
    assert real_start.peak(2, g) == pytest.approx(g ** (-1 / (1 - g)) - 1, rel=1e-11)


@given(GENERATIONS, GAMMAS)
def test_the_peak_is_the_maximum_of_the_expression(generation, g):
    for module in (paper, real_start):
        at = module.peak(generation, g)
        ratios = at * np.array([1, 0.5, 0.97, 1.03, 2.0])
        value = module.BOUND.evaluate(n=1, generation=generation, gamma=g, lam=ratios)
        assert (value[0] > value[1:]).all()


@given(GENERATIONS, GAMMAS)
def test_the_expression_rises_before_and_falls_after_the_peak(generation, g):
    for module in (paper, real_start):
        at = module.peak(generation, g)
        up, down = at * np.geomspace(1e-2, 1, 20), at * np.geomspace(1, 1e2, 20)
        values = [
            module.BOUND.evaluate(n=1, generation=generation, gamma=g, lam=part)
            for part in (up, down)
        ]
        # Near lambda = 0 the real-start bound is flat to rounding: h - 1 ~ lambda (j = 2: exact).
        assert (np.diff(values[0]) > -1e-15).all()
        assert (np.diff(values[1]) < 1e-15).all()


@given(GENERATIONS, GAMMAS, st.floats(0, 1e6))
def test_a_real_start_never_falls_below_the_real_only_level(generation, g, ratio):
    value = real_start.BOUND.evaluate(n=1, generation=generation, gamma=g, lam=ratio)
    assert value >= 1 - 1e-14


def test_return_to_the_real_only_level():
    """Golden values: the paper's bound is back at 616 and 9981."""
    for generation, ratio in ((5, 616), (10, 9981)):
        value = paper.BOUND.evaluate(n=1, generation=generation, lam=[ratio - 1, ratio + 1])
        assert value[0] > 1 > value[1]


@pytest.mark.parametrize("module", [paper, real_start])
def test_generation_one_has_no_ascent_and_bad_arguments_are_named(module):
    assert module.peak(1, "1/4") is None
    for arguments, word in (((0, 0.5), "generation"), ((2, 0), "gamma"), ((2, 1.0), "gamma")):
        with pytest.raises(ParameterError, match=f"^{word} = "):
            module.peak(*arguments)


@pytest.mark.parametrize("generation", [2, 10**3, 10**9])
@pytest.mark.parametrize("g", [1e-9, 1e-3, 0.5, 0.999, 1 - 1e-9])
def test_roots_are_found_at_the_extremes(generation, g):
    for module in (paper, real_start):
        assert 0 < module.peak(generation, g) < np.inf


@pytest.mark.parametrize("g", [1e-15, 1e-9, 1e-6])
def test_peaks_keep_their_digits_at_small_exponents(g):
    """The root is ``2 g + 2 g^2/3 + ...``, the offset ``-1/2 - 1/(2 g)`` and a bounded rest."""
    assert leading(g) == pytest.approx(2 * g + 2 * g**2 / 3, rel=1e-11)
    assert paper.peak_asymptote(2, g) == pytest.approx(1 / (2 * g), rel=3 * g + 1e-14)
    assert real_start.peak(2, g) == pytest.approx(np.exp(-np.log(g) / (1 - g)), rel=g + 1e-13)


def test_asymptotes_are_approached():
    gaps = [abs(paper.peak(i, "1/4") - paper.peak_asymptote(i, "1/4")) for i in (10, 100, 1000)]
    assert gaps[1] == pytest.approx(gaps[0] / 10, rel=0.2)
    assert gaps[2] == pytest.approx(gaps[1] / 10, rel=0.2)
    ratio = real_start.peak(10**6, "1/4") / real_start.peak_asymptote(10**6, "1/4")
    assert ratio == pytest.approx(1, abs=1e-3)
