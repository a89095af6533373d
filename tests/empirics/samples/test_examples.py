"""The examples run: sample-only diffusion, mixtures, digits; each with a plot and a verdict."""

import matplotlib as mpl
import numpy as np
import pytest

import bounds
from bounds.notation import C
from empirics import InputError, run
from empirics.examples.ddpm import Ddpm
from empirics.examples.digits import digits
from empirics.examples.loops import ddpm_loop, digits_loop, mixture_loop
from verify import Verdict, check

mpl.use("Agg")
PLANTED = bounds.define("planted", C, statement="TV is at most C.")
SMALL = {"generations": 2, "replicates": 1, "steps": 40, "n": 200}
QUICK = {
    "diffusion on the line": lambda: ddpm_loop(1, **SMALL),
    "diffusion in the plane": lambda: ddpm_loop(2, **SMALL),
    "diffusion in eight dimensions": lambda: ddpm_loop(8, **SMALL),
    "mixture": lambda: mixture_loop(generations=2, replicates=2),
    "digits, 16 components, kernels": lambda: digits_loop("kde", 16, generations=2),
    "digits, 16 components, mixture": lambda: digits_loop("mixture", 16, generations=2),
    "digits, mixture": lambda: digits_loop("mixture", generations=2),
}
WHOLE = {
    **{f"diffusion, d = {d}": lambda d=d: ddpm_loop(d) for d in (1, 2, 8)},
    "mixture": mixture_loop,
    **{
        f"digits, {model}, {count}": lambda model=model, count=count: digits_loop(model, count)
        for model in ("kde", "mixture")
        for count in (16, None)
    },
}


def seen(loop):
    """Run, draw, and find the planted violation: a bound at half of what is certain."""
    pytest.importorskip("sklearn")
    result = run(loop)
    least = result.matrix("tv_low" if result.limits_only else "tv")
    if not result.limits_only:
        least = least - result.matrix("tv_error")
    assert result.plot().axes
    violated = check(PLANTED, result, constant=float(least.max()) / 2)
    assert violated.verdict is Verdict.VIOLATED
    assert "is violated in generation" in violated.sentence
    above = check(PLANTED, result, constant=0.999)
    if result.limits_only:
        assert above.verdict is Verdict.INCONCLUSIVE
        assert "only lower limits are known" in above.sentence
    return result


@pytest.mark.parametrize("name", QUICK)
def test_an_example_runs_is_drawn_and_judged(name):
    seen(QUICK[name]())


@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE)
def test_an_example_in_full(name):
    result = seen(WHOLE[name]())
    last = result.matrix("tv_low" if result.limits_only else "tv").mean(axis=0)
    assert last[-1] > 0.05


def test_a_diffusion_model_repeats_itself_and_learns():
    """After 300 steps, modes at -1.5 and 1.5 with few points between."""
    generator = np.random.default_rng(0)
    points = np.concatenate([generator.normal(m, 0.3, 500) for m in (-1.5, 1.5)])
    one, two = (
        Ddpm(steps=300).fit(points, np.random.default_rng(1)).sample(2000, np.random.default_rng(2))
        for _ in range(2)
    )
    assert np.array_equal(one, two)
    assert one.shape == (2000,)
    assert np.mean(np.abs(one) < 0.5) < 0.1
    assert np.mean(one > 0) == pytest.approx(0.5, abs=0.15)


def test_digits_are_data_whole_and_by_components():
    pytest.importorskip("sklearn")
    assert "8 x 8, flattened to 64 coordinates" in repr(digits())
    assert digits(16).dimension == 16
    with pytest.raises(InputError, match="components"):
        digits(65)
