"""One law suite for every bound of the catalogue."""

from fractions import Fraction

import numpy as np
import pytest

import bounds
from bounds.errors import ParameterError, UnknownNameError
from bounds.notation import NOTATION
from bounds.references import REFERENCES

_VALUES = {
    "n": 10_000,
    "generation": 3,
    "share": "1/4",
    "lam": 2,
    "gamma": Fraction(1, 4),
    "constant": 1,
    "delta": 0.05,
    "dimension": 1,
    "bandwidth": 0.1,
    "horizon": 10,
    "influence": np.array([0.25, 0.5, 1.0]),
    "one_step_error": np.array([0.01, 0.02, 0.03]),
    "size": np.array([100, 200, 300]),
    "smoothing_bias": np.array([0.01, 0.01, 0.02]),
    "noise": np.array([0.02, 0.01, 0.01]),
    "bias": np.linspace(-0.1, 0.2, 5),
    "cell": 0.1,
    "neurons": 1000,
    "training_time": 50,
    "width_constant": 1,
    "time_constant": 1,
    "prior_kl": 0.01,
    "score_risk": 0.02,
    "real_prior_kl": 0.01,
    "real_score_risk": 0.03,
    "stopping_bias": 0.01,
    "mean_real_score_risk": 0.03,
    "own_score_error": 0.005,
    "real_kl": 0.03,
    "rare_samples": 0.001,
    "population_risk": 0.02,
    "first_order_noise": 0.05,
    "gradient_noise": 0.001,
    "whitened_gradient": 0.05,
    "whitened_remainder": 0.03,
    "remainder": 0.03,
    "comparator_risk": 0.01,
    "comparator_norm": 2,
    "gradient_gap": 0.01,
    "covariance_gap": 0.05,
    "path_kl": np.array([0.01, 0.02, 0.03]),
    "smoothness": 1,
    "hoelder_constant": 2,
    "gradient_norm": 0.8,
    "laplacian_norm": 0.97,
    "hessian_norm": 0.97,
    "target_sd": 1,
    "components": 3,
    "component_weight": np.array([0.25, 0.25, 0.5]),
    "component_sd": np.array([1, 2, 0.5]),
    "kernel_energy": 0.6,
    "support_volume": 2,
    "bias_constant": 0.25,
    "noise_constant": 0.5,
    "target_error": 0.5,
    "growth": 2,
    "relative_size": np.array([1, 2, 3]),
    "budget": 30_000,
    "mean_shift": 0.5,
    "degrees_of_freedom": 100,
    "collision_probability": 0.5,
    "support_size": 4,
    "real_points": 1000,
    "separation": "3/2",
    "curvature": 2,
    "hessian_lipschitz": 1,
    "model_distance": 0.5,
    "stability_number": 0.25,
    "initial_error": 1,
    "excess_points": 80,
    "label_noise": 1,
    "real_shares": np.array([0.5, 0.25, 0.125]),
    "chi_square": 0.5,
    "observability": 0.5,
    "error_floor": 0.25,
    "operator_constant": "5/4",
    "operator_bias": "1/10",
    "operator_influence": np.array([1.5, 2.0, 1.0]),
    "mixture_bias": np.array([0, 0.05, 0.05]),
    "law_distance": 0.25,
    "dobrushin": 0.5,
    "weight_supremum": 2,
    "weight_mean": 1,
    "draws": 3,
    "kept_share": 0.5,
    "passed_share": 0.5,
    "first_constant": 2,
    "second_constant": 0.5,
    "reward_mean": 1,
    "reward_variance": 0.25,
    "reward_supremum": 2,
    "best_share": 0.25,
    "reward_gap": 1,
    "selection_intensity": 0.8,
    "selection_variance": 0.4,
    "sampling_bias": 0.8,
    "retention": 0.5,
    "total_variation": 0.2,
    "scarce_mass": 0.01,
    "count": 3,
    "line_survival": 0.25,
}
_GROWS_WITH_THE_SIZE = {
    "accumulation-product",
    "accumulation-product-variance",
    "seddik-collapse-time",
    "seddik-collapse-time-lower",
}
_DENSITY = np.linspace(0.01, 0.02, 5)


@pytest.fixture(params=bounds.names())
def bound(request):
    return bounds.get(request.param)


@pytest.fixture
def params(bound):
    return {word: _VALUES.get(word, _DENSITY) for word in bound.parameters}


def _scalars(bound):
    return [e.word for e in bound.symbols if not (e.is_sequence or e.is_function)]


def test_it_has_a_value(bound, params):
    value = bound.evaluate(**params)
    assert type(value) is float
    assert np.isfinite(value)
    assert bound.capped(**params) == min(bound.quantity.maximum, value)
    says_nothing = {
        bounds.Side.UPPER: value >= bound.quantity.maximum,
        bounds.Side.LOWER: value <= bound.quantity.minimum,
    }
    assert bound.is_vacuous(**params) is says_nothing.get(bound.side, False)


def test_it_broadcasts_over_every_parameter(bound, params):
    expected = bound.evaluate(**params)
    for axis, word in enumerate(_scalars(bound)):
        shape = [1] * axis + [2]
        params[word] = np.full(shape, float(Fraction(params[word])))
    value = np.asarray(bound.evaluate(**params))
    assert value.ndim == len(_scalars(bound))
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    assert np.shape(bound.is_vacuous(**params)) == value.shape


def test_it_takes_fractions_and_text(bound, params):
    exact = {w: Fraction(v) if w in _scalars(bound) else v for w, v in params.items()}
    text = {w: str(v) if w in _scalars(bound) else v for w, v in exact.items()}
    assert bound.evaluate(**exact) == bound.evaluate(**text) == bound.evaluate(**params)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "many", -1, True, None])
def test_it_refuses_bad_values_by_name(bound, params, bad):
    for word in _scalars(bound):
        with pytest.raises(ParameterError, match=f"^{word} = .*{bound.title}") as refused:
            bound.evaluate(**params | {word: bad})
        assert "\n" not in str(refused.value)


def test_it_refuses_unknown_and_missing_words(bound, params):
    with pytest.raises(ParameterError, match=r"^tempo: unknown to"):
        bound.evaluate(**params, tempo=1)
    if bound.quantities is not None:
        return
    for word in (w for w in params if getattr(NOTATION.get(w), "default", None) is None):
        with pytest.raises(ParameterError, match=f"^{word}: missing"):
            bound.evaluate(**{w: v for w, v in params.items() if w != word})


def test_defaults_are_those_of_the_notation(bound, params):
    bare = {w: v for w, v in params.items() if getattr(NOTATION.get(w), "default", None) is None}
    assert bound.evaluate(**bare) == bound.evaluate(**bare, **bound.defaults(**bare))


def test_it_falls_as_the_sizes_grow(bound, params):
    word = next((w for w in ("n", "size") if w in params), None)
    if word is None:
        pytest.skip("does not depend on a size")
    grown = params | {word: 4 * np.asarray(params[word])}
    falls = bound.evaluate(**grown) < bound.evaluate(**params)
    assert falls is (bound.name not in _GROWS_WITH_THE_SIZE)


def test_its_latex_is_balanced(bound):
    text = bound.latex()
    relation = {
        "upper bound": r"\le",
        "lower bound": r"\ge",
        "prediction": r"\approx",
        "exact value": "=",
    }[bound.side]
    assert text.removeprefix(r"\mathbb{E}\,").startswith(f"{bound.quantity.latex} {relation} ")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") - text.count(r"\leq") == text.count(r"\right")
    assert bound._repr_latex_() == rf"$\displaystyle {text}$"
    assert text.startswith(r"\mathbb{E}\,") is bound.statistic.is_mean


def test_it_says_what_it_is(bound):
    shown = repr(bound)
    for part in (bound.name, bound.title, bound.side, bound.statistic, bound.source.reference):
        assert part in shown
    assert bound.statement.endswith(".")
    assert bound.hypotheses
    assert bound.parameters
    assert isinstance(bound.tight, bounds.Tightness)
    assert (bound.source.keys and set(bound.source.keys) <= set(REFERENCES)) is True


def test_titles_and_statements_tell_the_bounds_apart():
    titles = [bound.title for bound in bounds.catalogue().values()]
    assert len(set(titles)) == len(titles)


def test_a_proved_bound_has_its_proof_here_and_a_reconstructed_one_its_paper(bound):
    is_proved = bound.source.evidence is bounds.Evidence.PROVED
    assert not is_proved or "project" in bound.source.keys
    if bound.source.evidence is bounds.Evidence.RECONSTRUCTED:
        assert set(bound.source.keys) - {"project"}


def test_it_is_immutable(bound):
    with pytest.raises(AttributeError):
        bound.name = "other"
    with pytest.raises(TypeError):
        bounds.catalogue()["other"] = bound


def test_unknown_names_get_a_suggestion():
    with pytest.raises(UnknownNameError, match="did you mean 'fresh-real'") as refused:
        bounds.get("fresh-rel")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200
    assert "python -m bounds list" in str(refused.value)


def test_names_that_hold_what_was_typed_are_offered():
    with pytest.raises(UnknownNameError, match="'kde-sandwich'"):
        bounds.get("sandwich")
    with pytest.raises(UnknownNameError, match=r"'zzz'; python -m bounds list names all \d+"):
        bounds.get("zzz")
