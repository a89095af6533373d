"""The bounded quantities other than the total variation of a generation to real data."""

from __future__ import annotations

from bounds.statement import ONE_STEP_TV, Quantity

__all__ = [
    "BANDWIDTH",
    "CDF_ERROR",
    "CHI_SQUARE",
    "COLLAPSE_PROBABILITY",
    "COLLAPSE_TIME",
    "DIVERSITY",
    "EMPIRICAL_DRIFT",
    "ESTIMATE_ERROR",
    "HALLUCINATED",
    "L2_ERROR",
    "LIMIT_RATIO",
    "LOG_VARIANCE",
    "MEAN_SPREAD",
    "MINIMAX_ERROR",
    "MINIMAX_TV",
    "MIXED_CHI_SQUARE",
    "ONE_STEP_KL",
    "ONE_STEP_TV",
    "PARAMETER_ERROR",
    "POPULATION_DRIFT",
    "REAL_KL",
    "REAL_SHARE",
    "REAL_WEIGHT",
    "RECURSION",
    "REQUIRED_POINTS",
    "REWARD",
    "SAMPLING_TV",
    "SCORE_RISK",
    "SMOOTHING_TV",
    "STABILITY",
    "STATIONARY_TV",
    "SURVIVAL",
    "TEST_ERROR",
    "TRAIT_MEAN",
    "TRAIT_VARIANCE",
    "UNCHOSEN_TV",
    "VARIANCE_KEPT",
    "VARIANCE_RATIO",
    "WEIGHT_DRIFT",
]


def _tv(p: str, q: str, latex_p: str, latex_q: str) -> Quantity:
    latex = rf"\mathrm{{TV}}\left({latex_p}, {latex_q}\right)"
    return Quantity(f"TV({p}, {q})", latex, maximum=1.0)


SMOOTHING_TV = _tv("K_h * p_0", "p_0", "K_{h} * p_{0}", "p_{0}")
SAMPLING_TV = _tv("p_j", "K_h * mixture_{j-1}", "p_{j}", r"K_{h} * \tilde{p}_{j-1}")
MINIMAX_TV = Quantity(
    "sup over p_0 of E TV(p_j, p_0)",
    r"\sup_{p_{0}} \mathbb{E}\,\mathrm{TV}\left(p_{j}, p_{0}\right)",
    maximum=1.0,
)
ONE_STEP_KL = Quantity(
    "KL(mixture_{j-1} || p_j)", r"\mathrm{KL}\left(\tilde{p}_{j-1} \,\|\, p_{j}\right)"
)
REAL_KL = Quantity("KL(noised p_0 || p_j)", r"\mathrm{KL}\left(P_{t_0} p_{0} \,\|\, p_{j}\right)")
SCORE_RISK = Quantity("score risk of the population flow", r"\tilde{L}\left(\Theta(\tau)\right)")
WEIGHT_DRIFT = Quantity(
    "||Theta_hat - Theta||_F", r"\left\Vert \hat{\Theta} - \Theta \right\Vert_{F}"
)
EMPIRICAL_DRIFT = Quantity(
    "||(Theta_hat - Theta) Sigma_hat^(1/2)||_F",
    r"\left\Vert (\hat{\Theta} - \Theta) \hat{\Sigma}^{1/2} \right\Vert_{F}",
)
POPULATION_DRIFT = Quantity(
    "||(Theta_hat - Theta) Sigma^(1/2)||_F",
    r"\left\Vert (\hat{\Theta} - \Theta) \Sigma^{1/2} \right\Vert_{F}",
)
BANDWIDTH = Quantity("best bandwidth h*", "h^{*}")
REQUIRED_POINTS = Quantity("n required", r"n_{\mathrm{required}}", minimum=1.0)
RECURSION = Quantity(
    "smallest error-propagation bound within the budget",
    r"\min_{n_{1} + \dots + n_{j} = B} \sum_{k \le j} G_{jk} C n_{k}^{-\gamma}",
)
VARIANCE_RATIO = Quantity(
    "Var(mean of model j) / (s^2 / n)",
    r"\mathrm{Var}\left(\mu_{j}\right) / \left(s^{2} / n\right)",
)
LOG_VARIANCE = Quantity(
    "log(s_j^2 / s_0^2)", r"\log\left(s_{j}^{2} / s_{0}^{2}\right)", minimum=float("-inf")
)
L2_ERROR = Quantity("||p_j - p_0||_2^2", r"\left\Vert p_{j} - p_{0} \right\Vert_{2}^{2}")
COLLAPSE_PROBABILITY = Quantity(
    "P(p_j is one symbol)", r"\mathbb{P}\left(p_{j} \text{ is one symbol}\right)", maximum=1.0
)
COLLAPSE_TIME = Quantity("first generation of one symbol", r"T_{\mathrm{collapse}}", minimum=1.0)
STABILITY = Quantity("stability number (stable below 1/2)", r"S_{\lambda}")
PARAMETER_ERROR = Quantity(
    "||theta_j - theta*||", r"\left\Vert \theta_{j} - \theta^{*} \right\Vert"
)
TEST_ERROR = Quantity("||w_j - w*||^2", r"\left\Vert \hat{w}_{j} - w^{*} \right\Vert^{2}")
MINIMAX_ERROR = Quantity(
    "minimax E||p_hat - p_0||_2^2",
    r"\inf_{\hat{p}} \sup_{p_{0}} \mathbb{E}\left\Vert \hat{p} - p_{0} \right\Vert_{2}^{2}",
)
MIXED_CHI_SQUARE = Quantity(
    "chi^2(mixture_j || p_0)", r"\chi^{2}\left(\tilde{p}_{j} \,\|\, p_{0}\right)"
)
CHI_SQUARE = Quantity(
    "limsup chi^2(p_j || p_0)", r"\limsup_{j} \chi^{2}\left(p_{j} \,\|\, p_{0}\right)"
)
REAL_SHARE = Quantity("least real share that keeps the bound finite", r"a_{\min}", maximum=1.0)
REWARD = Quantity("E_{Tp} e^r", r"\mathbb{E}_{T p}\, e^{r}")
UNCHOSEN_TV = _tv("p_j", "p_0 on the best", "p_{j}", r"p_{0}(\cdot \mid r = \max r)")
STATIONARY_TV = _tv("p_j", "stationary law", "p_{j}", r"\pi")
TRAIT_MEAN = Quantity(
    "(mean of p_j - mean of p_0) / sd of p_0", r"(\mu_{j} - \mu_{0}) / \sigma_{0}"
)
TRAIT_VARIANCE = Quantity("variance of p_j / variance of p_0", r"\sigma_{j}^{2} / \sigma_{0}^{2}")
HALLUCINATED = Quantity(
    "mass of p_j where p_0 is low",
    r"p_{j}\left\{ p_{0} < \ell \right\}",
    maximum=1.0,
    column="hallucinated",
)
DIVERSITY = Quantity(
    "1 - ||p_j||_2^2",
    r"\left(1 - \left\Vert p_{j} \right\Vert_{2}^{2}\right)",
    maximum=1.0,
    column="diversity",
)
CDF_ERROR = Quantity(
    "integral of (F_j - F)^2 dF", r"\int \left(F_{j} - F\right)^{2} dF", maximum=1 / 3
)
VARIANCE_KEPT = Quantity("s_j^2 / s_0^2", r"s_{j}^{2} / s_{0}^{2}")
MEAN_SPREAD = Quantity("(mu_j - mu)^2 / s_0^2", r"\left(\mu_{j} - \mu\right)^{2} / s_{0}^{2}")
REAL_WEIGHT = Quantity("best real weight a*", "a^{*}", maximum=1.0)
SURVIVAL = Quantity(
    "P(a symbol of p_0's sample is left)", r"\mathbb{P}\left(N_{j}(x) > 0\right)", maximum=1.0
)
LIMIT_RATIO = Quantity(
    "lim Var(mean of model j) / (s^2 / n)",
    r"\lim_{j} \mathrm{Var}\left(\mu_{j}\right) / \left(s^{2} / n\right)",
)
ESTIMATE_ERROR = Quantity(
    "||p_hat_j - p_0||_2^2", r"\left\Vert \hat{p}_{j} - p_{0} \right\Vert_{2}^{2}"
)
