"""The special functions of the runtime against mpmath, at 40 digits."""

import mpmath
import numpy as np
import pytest
import sympy as sp

_FEW_ULP = 2e-14
_POINTS = 200
_CALL = """
const [name, points] = arguments;
const plain = (value) => (Number.isFinite(value) ? value : String(value));
return points.map((p) => plain(window.library.runtime[name](...p)));
"""


def _decades(low, high, generator):
    return 10 ** generator.uniform(low, high, _POINTS)


def _signed(low, high, generator):
    return generator.choice([-1, 1], _POINTS) * _decades(low, high, generator)


def _zeta(s, a):
    # Its accuracy is absolute, and values of 1e-200 come up.
    small = max(0.0, float(s * mpmath.log10(a)))
    with mpmath.workdps(60 + int(small)):
        return mpmath.zeta(s, a)


CASES = {
    "logGamma": (lambda g: [_decades(-8, 8, g)], mpmath.loggamma),
    "gamma": (lambda g: [_decades(-8, 2.2, g)], mpmath.gamma),
    "digamma": (lambda g: [_decades(-6, 8, g)], mpmath.digamma),
    "polygamma": (lambda g: [g.integers(1, 6, _POINTS), _decades(-2, 4, g)], mpmath.polygamma),
    "zeta": (lambda g: [1 + _decades(-3, 1.8, g), _decades(-2, 4, g)], _zeta),
    "erf": (lambda g: [_signed(-8, 1.5, g)], mpmath.erf),
    "erfc": (lambda g: [_signed(-8, 1.4, g)], mpmath.erfc),
    "factorial": (lambda g: [g.integers(0, 170, _POINTS)], mpmath.factorial),
    "oneMinusExp": (lambda g: [_decades(-12, 2, g)], lambda x: -mpmath.expm1(-x)),
    "harmonic": (lambda g: [g.integers(1, 10**6, _POINTS)], mpmath.harmonic),
    "lambertW": (lambda g: [_decades(-8, 8, g)], mpmath.lambertw),
    "logMinusDigamma": (
        lambda g: [(x := _decades(-1, 7, g)) + g.choice([0, 0.5], _POINTS), x],
        lambda y, x: mpmath.log(y) - mpmath.digamma(x),
    ),
    "gammaQuotient": (
        lambda g: [2 + np.floor(_decades(0, 9, g)), g.uniform(0, 1, _POINTS)],
        lambda x, d: mpmath.exp(mpmath.loggamma(x - d) - mpmath.loggamma(x)),
    ),
    "geometricSum": (
        lambda g: [
            1 + (gap := _signed(-12, -0.01, g)),
            np.zeros(_POINTS),
            g.choice([0.5, 1], _POINTS),
            np.floor(_decades(0, 2, g) / abs(gap)),
        ],
        lambda q, rest, s, m: mpmath.expm1(m * s * mpmath.log(q)) / mpmath.expm1(s * mpmath.log(q)),
    ),
    "geometricDepth": (
        lambda g: [_decades(-15, -0.01, g), g.integers(1, 10**4, _POINTS)],
        lambda a, j: (1 - (1 - a) ** j) / a,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_special_functions(name, js):
    draw, reference = CASES[name]
    arguments = [np.asarray(a, dtype=float) for a in draw(np.random.default_rng(7))]
    points = np.stack(arguments, axis=-1).tolist()
    found = np.array([float(v) for v in js(_CALL, name, points)])
    with mpmath.workdps(40):
        true = np.array([float(mpmath.re(reference(*map(mpmath.mpf, p)))) for p in points])
    # Where a function of large argument is the exponential of a sum, rounding grows with the sum.
    np.testing.assert_allclose(found, true, rtol=_FEW_ULP, atol=_FEW_ULP * (name == "digamma"))


def test_zeros_of_log_gamma_keep_their_digits(js):
    points = [[centre + step] for centre in (1, 2) for step in (-1e-7, 1e-9, 1e-3, 0.1)]
    found = js(_CALL, "logGamma", points)
    with mpmath.workdps(40):
        true = [float(mpmath.loggamma(p)) for (p,) in points]
    np.testing.assert_allclose(found, true, rtol=_FEW_ULP)


def test_lower_branch_of_lambert(js):
    x = -np.exp(-1 - 10 ** np.random.default_rng(3).uniform(-4, 2, _POINTS))
    found = js(_CALL, "lambertW", [[v, -1] for v in x.tolist()])
    with mpmath.workdps(40):
        true = [float(mpmath.lambertw(v, -1).real) for v in x.tolist()]
    np.testing.assert_allclose(found, true, rtol=1e-9)  # ill-conditioned at the branch point


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("logGamma", [0], np.inf),
        ("gamma", [172], np.inf),
        ("gamma", [-1], np.nan),
        ("gamma", [-1.5], 4 * np.sqrt(np.pi) / 3),
        ("digamma", [-0.5], 0.03648997397857652),
        ("zeta", [1], np.inf),
        ("zeta", [0.5], np.nan),
        ("zeta", [1000, 1], 1),
        ("harmonic", [3, 2], 49 / 36),
        ("erf", [np.inf], 1),
        ("erfc", [-np.inf], 2),
        ("erfc", [np.inf], 0),
        ("lambertW", [0], 0),
        ("lambertW", [-1], np.nan),
        ("power", [1, np.nan], 1),
        ("power", [-1, -np.inf], 1),
        ("geometricDepth", [0, 7], 7),
        ("geometricDepth", [1, 7], 1),
        ("geometricDepth", [1, 0], 0),
    ],
)
def test_ends_and_poles(name, point, value, js):
    words = {np.inf: "Infinity", -np.inf: "-Infinity"}
    shown = [p if p not in words and p == p else words.get(p, "NaN") for p in point]
    revive = "const [name, point] = arguments; const given = point.map(Number);"
    found = js(f"{revive} return String(window.library.runtime[name](...given));", name, shown)
    np.testing.assert_allclose(float(found.replace("Infinity", "inf")), value, rtol=_FEW_ULP)


def test_bernoulli_numbers(js):
    found = js("return window.library.runtime.BERNOULLI;")
    assert found == [float(sp.bernoulli(2 * i)) for i in range(1, len(found) + 1)]


def test_sums_do_not_lose_small_terms(js):
    total = js("return window.library.runtime.sum(1, 1e6, (k) => (k === 1 ? 1 : 1e-17));")
    assert total == pytest.approx(1 + (10**6 - 1) * 1e-17, rel=1e-16)


def test_an_empty_sum_is_zero(js):
    assert js("return window.library.runtime.sum(1, 0, (k) => NaN);") == 0
