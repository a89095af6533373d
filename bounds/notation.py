r"""One notation for all bounds: each symbol once, with its word, meaning, range and default.

Inside a formula stands the paper's symbol (``n``, ``lam``, ``epsilon[k]``); at the surface, in
keywords and on the command line, stands the word (``n``, ``lam``, ``one_step_error``).
"""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.parameters import Notation, OwnSymbol

__all__ = [
    "D_0",
    "E_0",
    "I_1",
    "I_2",
    "I_K",
    "K_0",
    "K_T",
    "L_0",
    "L_H",
    "NOTATION",
    "N_R",
    "R_K",
    "V_0",
    "W_1",
    "B",
    "C",
    "C_m",
    "C_tau",
    "D",
    "D_j",
    "Delta",
    "E_star",
    "G",
    "H",
    "K",
    "K_c",
    "L",
    "L_bar",
    "L_beta",
    "L_c",
    "L_tau",
    "Lambda",
    "Lambda_1",
    "Lambda_2",
    "M",
    "N",
    "Notation",
    "R",
    "R_mean",
    "R_sup",
    "R_var",
    "S",
    "S_lambda",
    "S_q",
    "T_d",
    "V",
    "a",
    "alpha",
    "b",
    "b_0",
    "beta",
    "bias",
    "c",
    "c_b",
    "c_s",
    "chi2",
    "component_sd",
    "d",
    "delta",
    "delta_0",
    "dobrushin",
    "ell",
    "epsilon",
    "eta",
    "f",
    "g_lambda",
    "gamma",
    "h",
    "h_0",
    "h_mean",
    "h_sup",
    "i_s",
    "j",
    "k",
    "kappa",
    "kappa_s",
    "kept",
    "lam",
    "m",
    "mixture_bias",
    "n",
    "nu",
    "omega",
    "operator_bias",
    "q",
    "q_0",
    "r",
    "r_gap",
    "real_shares",
    "retention",
    "rho",
    "rho_lambda",
    "s",
    "s_1",
    "sigma",
    "sigma_y",
    "size",
    "symbol_of",
    "t",
    "tau",
    "u",
    "v",
    "v_1",
    "v_g",
    "varepsilon",
    "x",
    "x_0",
    "z",
]

n = sp.Symbol("n", positive=True, integer=True)
j = sp.Symbol("j", positive=True, integer=True)
a = sp.Symbol("a", nonnegative=True)
lam = sp.Symbol("lambda", nonnegative=True)
gamma = sp.Symbol("gamma", positive=True)
C = sp.Symbol("C", positive=True)
delta = sp.Symbol("delta", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
h = sp.Symbol("h", positive=True)
N = sp.Symbol("N", positive=True, integer=True)

k = sp.Symbol("k", positive=True, integer=True)
x = sp.Symbol("x", real=True)

G = sp.IndexedBase("G", nonnegative=True)
epsilon = sp.IndexedBase("epsilon", nonnegative=True)
size = sp.IndexedBase("n", positive=True)
b = sp.IndexedBase("b", nonnegative=True)
s = sp.IndexedBase("s", nonnegative=True)
bias = sp.Function("b", real=True)
V = sp.Function("V", nonnegative=True)
v = sp.Function("v", nonnegative=True)

m = sp.Symbol("m", positive=True, integer=True)
tau = sp.Symbol("tau", positive=True)
C_m = sp.Symbol("C_m", positive=True)
C_tau = sp.Symbol("C_tau", positive=True)
K_T = sp.Symbol("K_T", nonnegative=True)
L = sp.Symbol("L", nonnegative=True)
L_c = sp.Symbol("L_c", nonnegative=True)
R = sp.Symbol("R", nonnegative=True)
M = sp.Symbol("M", nonnegative=True)
Delta = sp.Symbol("Delta", nonnegative=True)
kappa = sp.IndexedBase("kappa", nonnegative=True)

beta = sp.Symbol("beta", positive=True)
L_beta = sp.Symbol("L_beta", nonnegative=True)
I_1 = sp.Symbol("I_1", nonnegative=True)
I_2 = sp.Symbol("I_2", nonnegative=True)
I_K = sp.Symbol("I_K", nonnegative=True)
sigma = sp.Symbol("sigma", positive=True)
c = sp.Symbol("c", positive=True, integer=True)
omega = sp.IndexedBase("omega", nonnegative=True)
component_sd = sp.IndexedBase("sigma", positive=True)
R_K = sp.Symbol("R_K", positive=True)
V_0 = sp.Symbol("V_0", positive=True)
f = sp.Function("f", nonnegative=True)
c_b = sp.Symbol("c_b", positive=True)
c_s = sp.Symbol("c_s", positive=True)

varepsilon = sp.Symbol("varepsilon", positive=True)
q = sp.Symbol("q", nonnegative=True)
r = sp.IndexedBase("r", positive=True)
B = sp.Symbol("B", positive=True)

z = sp.Symbol("z", nonnegative=True)
nu = sp.Symbol("nu", positive=True, integer=True)
S = sp.Symbol("S", positive=True)
K = sp.Symbol("K", positive=True, integer=True)
N_R = sp.Symbol("N_R", positive=True, integer=True)
t = sp.Symbol("t", positive=True)

alpha = sp.Symbol("alpha", positive=True)
L_H = sp.Symbol("L_H", nonnegative=True)
W_1 = sp.Symbol("W_1", nonnegative=True)
S_lambda = sp.Symbol("S_lambda", nonnegative=True)
E_0 = sp.Symbol("E_0", nonnegative=True)
T_d = sp.Symbol("T_d", positive=True, integer=True)
sigma_y = sp.Symbol("sigma_y", positive=True)
real_shares = sp.IndexedBase("alpha", positive=True)
chi2 = sp.Symbol("chi^2", nonnegative=True)
S_q = sp.Symbol("S_q", nonnegative=True)
K_0 = sp.Symbol("K_0", nonnegative=True)
L_0 = sp.Symbol("L_0", nonnegative=True)
b_0 = sp.Symbol("b_0", nonnegative=True)
L_bar = sp.Symbol("Lbar_0", nonnegative=True)
delta_0 = sp.Symbol("delta_0", nonnegative=True)
L_tau = sp.Symbol("L_tau", nonnegative=True)
v_1 = sp.Symbol("v_1", nonnegative=True)
v_g = sp.Symbol("v_g", nonnegative=True)
g_lambda = sp.Symbol("g_lambda", nonnegative=True)
rho = sp.Symbol("rho", nonnegative=True)
rho_lambda = sp.Symbol("rho_lambda", nonnegative=True)
eta = sp.Symbol("eta", nonnegative=True)
D_j = sp.Symbol("D_j", nonnegative=True)
D_0 = sp.Symbol("D_0", nonnegative=True)
h_0 = sp.Symbol("h_0", nonnegative=True)
x_0 = sp.Symbol("x_0", positive=True, integer=True)
s_1 = sp.Symbol("s_1", nonnegative=True)
E_star = sp.Symbol("E_*", nonnegative=True)
Lambda = sp.Symbol("Lambda", nonnegative=True)
operator_bias = sp.Symbol("beta_T", nonnegative=True)
H = sp.IndexedBase("H", nonnegative=True)
mixture_bias = sp.IndexedBase("beta", nonnegative=True)
D = sp.Symbol("D", nonnegative=True)
dobrushin = sp.Symbol("delta_K", nonnegative=True)
h_sup = sp.Symbol("h_sup", positive=True)
h_mean = sp.Symbol("h_mean", positive=True)
K_c = sp.Symbol("K_c", positive=True, integer=True)
kept = sp.Symbol("s_+", positive=True)
u = sp.Symbol("u", nonnegative=True)
Lambda_1 = sp.Symbol("Lambda_1", nonnegative=True)
Lambda_2 = sp.Symbol("Lambda_2", nonnegative=True)
R_mean = sp.Symbol("R_mean", positive=True)
R_var = sp.Symbol("R_var", nonnegative=True)
R_sup = sp.Symbol("R_sup", positive=True)
q_0 = sp.Symbol("q_0", positive=True)
r_gap = sp.Symbol("r_gap", nonnegative=True)
i_s = sp.Symbol("i_s", nonnegative=True)
kappa_s = sp.Symbol("kappa_s", nonnegative=True)
ell = sp.Symbol("ell", positive=True)
retention = sp.Symbol("v", nonnegative=True)


_Range = dict[str, Any]
_UNIT_INTERVAL: _Range = {"minimum": 0.0, "maximum": 1.0}
_INSIDE: _Range = {**_UNIT_INTERVAL, "open_minimum": True, "open_maximum": True}
_SHARE: _Range = {**_UNIT_INTERVAL, "open_minimum": True}
_BELOW_HALF: _Range = {"minimum": 0.0, "maximum": 0.5, "open_maximum": True}
_COUNT: _Range = {"minimum": 1.0, "integer": True}
_AT_LEAST_ZERO: _Range = {"minimum": 0.0}
_POSITIVE: _Range = {"minimum": 0.0, "open_minimum": True}
_FREE: _Range = {**_POSITIVE, "default": 1}


def _entry(word: str, symbol: Any, meaning: str, allowed: _Range, **more: Any) -> Notation:
    return Notation(word=word, symbol=symbol, meaning=meaning, **allowed, **more)


def _table(*entries: Notation) -> MappingProxyType[str, Notation]:
    return MappingProxyType({entry.word: entry for entry in entries})


NOTATION = _table(
    _entry("n", n, "training points per generation", _COUNT, unit="points"),
    _entry("generation", j, "generation of the model", _COUNT),
    _entry("share", a, "share of real points", _UNIT_INTERVAL),
    _entry("lam", lam, "synthetic points per real point", _AT_LEAST_ZERO),
    _entry(
        "gamma", gamma, "exponent of the one-step rate C n^-gamma", _INSIDE, default=Fraction(1, 4)
    ),
    _entry("constant", C, "constant of the one-step rate C n^-gamma", _FREE),
    _entry("delta", delta, "probability that the bound fails", _INSIDE),
    _entry("dimension", d, "dimension of the data", _COUNT),
    _entry("bandwidth", h, "standard deviation of the kernel", _POSITIVE, unit="unit of the data"),
    _entry("horizon", N, "number of generations covered at once", _COUNT),
    _entry(
        "influence", G, "share of model k's one-step error that reaches model j", _UNIT_INTERVAL
    ),
    _entry(
        "one_step_error",
        epsilon,
        "TV between model k and the mixture it was trained on, or a bound on it",
        _AT_LEAST_ZERO,
    ),
    _entry("size", size, "training points of model k", _COUNT, unit="points"),
    _entry(
        "smoothing_bias", b, "TV between the real law and its smoothing by kernel k", _UNIT_INTERVAL
    ),
    _entry(
        "noise",
        s,
        "sampling error of model k, half the integral of its standard deviation",
        _AT_LEAST_ZERO,
    ),
    _entry("bias", bias, "mean density of model j minus the real density", {}),
    _entry("variance", V, "variance of the density of model j", _AT_LEAST_ZERO),
    _entry(
        "kernel_variance",
        v,
        "variance of the kernel at one training point, as a density",
        _AT_LEAST_ZERO,
    ),
    _entry("neurons", m, "neurons of the score network's hidden layer", _COUNT),
    _entry("training_time", tau, "time of the gradient flow that trains the score", _POSITIVE),
    _entry("width_constant", C_m, "constant of the width term", _FREE),
    _entry("time_constant", C_tau, "constant of the training-time term", _FREE),
    _entry("prior_kl", K_T, "KL of the fully noised data to the prior", _AT_LEAST_ZERO),
    _entry(
        "score_risk",
        L,
        "half the g^2-weighted mean squared score error along the noising path",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "comparator_risk",
        L_c,
        "score risk of a comparator, such as the best network",
        _AT_LEAST_ZERO,
    ),
    _entry("comparator_norm", R, "Frobenius norm of the comparator's weights", _AT_LEAST_ZERO),
    _entry(
        "gradient_gap",
        M,
        "largest gap between empirical and population gradient up to the training time",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "covariance_gap",
        Delta,
        "operator norm of empirical minus population feature covariance",
        _AT_LEAST_ZERO,
    ),
    _entry("real_prior_kl", K_0, "KL of the fully noised real law to the prior", _AT_LEAST_ZERO),
    _entry(
        "real_score_risk",
        L_0,
        "half the g^2-weighted mean squared score error along the real law's noising path",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "stopping_bias",
        b_0,
        "TV between the real law and the real law noised until generation stops",
        _UNIT_INTERVAL,
    ),
    _entry(
        "own_score_error",
        S_q,
        "squared error of the score against that of its own process, along the real law's path",
        _AT_LEAST_ZERO,
    ),
    _entry("real_kl", D_0, "KL of the noised real law to a generated law", _AT_LEAST_ZERO),
    _entry(
        "mean_real_score_risk",
        L_bar,
        "mean over runs of the score risk along the real law's noising path",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "rare_samples",
        delta_0,
        "probability of a sample whose feature covariance is too small for the argument",
        _UNIT_INTERVAL,
    ),
    _entry(
        "population_risk",
        L_tau,
        "score risk of the flow on the law itself, stopped at the training time",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "first_order_noise",
        v_1,
        "root mean square of the score's first-order error from sampling",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "gradient_noise",
        v_g,
        "standard deviation of the first-order change of the score risk",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "whitened_gradient",
        g_lambda,
        "norm of the score risk's gradient, whitened by the feature covariance plus lambda",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "whitened_remainder",
        rho_lambda,
        "bound on what first order leaves out, measured by the covariance plus lambda",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "remainder",
        rho,
        "bound on what first order leaves out of the score error",
        _AT_LEAST_ZERO,
    ),
    _entry("path_kl", kappa, "prior KL plus score risk of model k", _AT_LEAST_ZERO),
    _entry(
        "smoothness", beta, "order of smoothness of the real density", {**_POSITIVE, "maximum": 2.0}
    ),
    _entry(
        "hoelder_constant",
        L_beta,
        "constant L of ||p_0(. - z) - p_0||_1 <= L |z|^beta",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "gradient_norm",
        I_1,
        "integral of the norm of the gradient of the real density",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "laplacian_norm",
        I_2,
        "integral of the absolute Laplacian of the real density",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "hessian_norm",
        I_K,
        "mean over kernel points z of the integral of |z' Hess p_0 z|",
        _AT_LEAST_ZERO,
    ),
    _entry("target_sd", sigma, "standard deviation of the real law", _POSITIVE),
    _entry("components", c, "components of the Gaussian mixture", _COUNT),
    _entry("component_weight", omega, "weight of component k", _UNIT_INTERVAL),
    _entry("component_sd", component_sd, "standard deviation of component k", _POSITIVE),
    _entry("kernel_energy", R_K, "integral of the squared kernel of scale one", _POSITIVE),
    _entry("support_volume", V_0, "volume of the support of the smoothed law", _POSITIVE),
    _entry(
        "smoothed_density", f, "density of the mixture smoothed by N(0, h^2/2 I)", _AT_LEAST_ZERO
    ),
    _entry("bias_constant", c_b, "constant of the smoothing bias c_b h^beta", _POSITIVE),
    _entry("noise_constant", c_s, "constant of the sampling error c_s n^-1/2 h^-d/2", _POSITIVE),
    _entry("target_error", varepsilon, "total variation that is to be kept", _INSIDE),
    _entry("growth", q, "exponent of growing training sizes n k^q", _AT_LEAST_ZERO),
    _entry("relative_size", r, "training size of model k over that of model 1", _POSITIVE),
    _entry("budget", B, "training points of all generations together", _COUNT),
    _entry(
        "mean_shift",
        z,
        "distance of the fitted mean from the real one, in standard deviations",
        _AT_LEAST_ZERO,
    ),
    _entry("degrees_of_freedom", nu, "training points per generation minus one", _COUNT),
    _entry("collision_probability", S, "chance that two real points are the same symbol", _SHARE),
    _entry("support_size", K, "number of symbols", {**_COUNT, "minimum": 2.0}),
    _entry("real_points", N_R, "real points that ever enter the loop", _COUNT),
    _entry(
        "separation",
        t,
        "distance of the two hypothetical means, in standard errors of N_R points",
        _POSITIVE,
        default=Fraction(3, 2),
    ),
    _entry("curvature", alpha, "strong concavity of the expected log-likelihood", _POSITIVE),
    _entry(
        "hessian_lipschitz",
        L_H,
        "Lipschitz constant of the log-likelihood's Hessian in the data",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "model_distance",
        W_1,
        "Wasserstein-1 distance of the best model to the real law",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "stability_number",
        S_lambda,
        "synthetic ratio times one plus the relative curvature error",
        _BELOW_HALF,
    ),
    _entry("initial_error", E_0, "distance of the first parameter to the best one", _AT_LEAST_ZERO),
    _entry("excess_points", T_d, "training points minus dimension minus one", _COUNT),
    _entry("label_noise", sigma_y, "standard deviation of the labels' noise", _POSITIVE),
    _entry("real_shares", real_shares, "known real share of the points of generation k", _SHARE),
    _entry(
        "chi_square",
        chi2,
        "chi-square divergence of the last model to the real law",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "observability",
        eta,
        "share of the score error that shows in the generated law",
        _UNIT_INTERVAL,
    ),
    _entry(
        "error_floor",
        E_star,
        "level that the squared score error never falls below in the long run",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "operator_constant",
        Lambda,
        "constant of the operator that samples pass: TV(Tp, Tp_0) <= Lambda TV(p, p_0)",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "operator_bias",
        operator_bias,
        "TV between the real law and what it passes to",
        _UNIT_INTERVAL,
    ),
    _entry(
        "operator_influence",
        H,
        "weight of model k's one-step error in model j, operators between them counted",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "mixture_bias",
        mixture_bias,
        "weights of model k's training mixture times the biases of the operators",
        _UNIT_INTERVAL,
    ),
    _entry("law_distance", D, "TV between two laws before an operator", _UNIT_INTERVAL),
    _entry(
        "dobrushin", dobrushin, "largest TV between two rows of a Markov kernel", _UNIT_INTERVAL
    ),
    _entry("weight_supremum", h_sup, "supremum of a weight", _POSITIVE),
    _entry("weight_mean", h_mean, "mean of a weight under the real law", _POSITIVE),
    _entry("draws", K_c, "independent draws from which one is chosen", _COUNT),
    _entry("kept_share", kept, "share of a law that is kept, the best by a score", _SHARE),
    _entry("passed_share", u, "share of the samples that pass an operator", _UNIT_INTERVAL),
    _entry("first_constant", Lambda_1, "constant of the operator that acts first", _AT_LEAST_ZERO),
    _entry("second_constant", Lambda_2, "constant of the one that acts next", _AT_LEAST_ZERO),
    _entry("reward_mean", R_mean, "mean of e^r under the law that is curated", _POSITIVE),
    _entry("reward_variance", R_var, "variance of e^r under it", _AT_LEAST_ZERO),
    _entry("reward_supremum", R_sup, "supremum of e^r", _POSITIVE),
    _entry("best_share", q_0, "real mass where the reward is largest", _SHARE),
    _entry(
        "reward_gap", r_gap, "how far the reward is below its largest elsewhere", _AT_LEAST_ZERO
    ),
    _entry(
        "selection_intensity",
        i_s,
        "mean of the best share of a standard normal law, in standard deviations",
        _AT_LEAST_ZERO,
    ),
    _entry(
        "selection_variance", kappa_s, "variance of the best share of a standard normal law", _SHARE
    ),
    _entry(
        "retention",
        retention,
        "synthetic share of the data times the constant of the operator that it passes",
        {**_UNIT_INTERVAL, "open_maximum": True},
    ),
    _entry("sampling_bias", ell, "factor on the variance of what is sampled", _POSITIVE),
    _entry("total_variation", D_j, "distance of the model to the real law", _UNIT_INTERVAL),
    _entry(
        "scarce_mass",
        h_0,
        "mass of the real law where its density is below the level",
        _UNIT_INTERVAL,
    ),
    _entry("count", x_0, "times that a symbol occurs in the real sample", _COUNT),
    _entry("line_survival", s_1, "chance that one point has descendants left", _UNIT_INTERVAL),
)
r"""Every word's :class:`Notation`, in the order in which parameters are listed."""

_BY_SYMBOL = {entry.symbol: entry for entry in NOTATION.values()}


def symbol_of(symbol: Any) -> Notation | None:
    """Return the notation of a symbol, sequence or function; ``None`` if it has none."""
    return symbol.entry if isinstance(symbol, OwnSymbol) else _BY_SYMBOL.get(symbol)
