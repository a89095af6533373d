"""The textbook facts and definitions on which proofs rest: their leaves, each with a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["FACTS", "Fact"]


@dataclass(frozen=True)
class Fact:
    """A statement that proofs of the catalogue use without proving it.

    Args:
        name: as steps name it.
        statement: in a sentence; formulas in LaTeX between dollars.
        reference: where it is proved; empty for a definition.
        key: its entry of :data:`bounds.references.REFERENCES`.
    """

    name: str
    statement: str
    reference: str = ""
    key: str = ""

    @property
    def is_definition(self) -> bool:
        """Whether it only says what a word means."""
        return not self.key


def _table(*facts: Fact) -> Mapping[str, Fact]:
    return MappingProxyType({fact.name: fact for fact in facts})


FACTS = _table(
    Fact(
        "definition of total variation",
        r"$\mathrm{TV}(p, q) = \frac12 \|p - q\|_1 = \sup_A |p(A) - q(A)| = 1 - \int \min(p, q)$.",
    ),
    Fact(
        "definition of the loop",
        r"Model $j \ge 1$ is trained on $\tilde p_{j-1} = \sum_{k=0}^{j-1} w_{j-1,k} p_k$ with"
        r" weights $w \ge 0$ of sum one; $p_0$ is the real law. $W_{jk} = w_{j-1,k}$ for"
        r" $1 \le k < j$ and zero elsewhere, and $G = (I - W)^{-1}$.",
    ),
    Fact(
        "definition of the kernel density estimate",
        r"$\hat p(x) = \frac1n \sum_{l=1}^n K_h(x - X_l)$ of the training points $X_l$, with"
        r" $K_h(x) = h^{-d} K(x/h)$.",
    ),
    Fact(
        "definition of chi-square",
        r"$\chi^2(q \,\|\, p) = \int (q - p)^2 / p$, infinite unless $q$ vanishes where $p$ does.",
    ),
    Fact(
        "triangle inequality",
        r"$\mathrm{TV}(p, r) \le \mathrm{TV}(p, q) + \mathrm{TV}(q, r)$, as for every norm.",
        "Devroye and Lugosi, Combinatorial Methods in Density Estimation, chapter 5",
        "devroye2001",
    ),
    Fact(
        "convexity of TV",
        r"$\mathrm{TV}(\sum_k w_k p_k, q) \le \sum_k w_k \mathrm{TV}(p_k, q)$ for weights"
        r" $w_k \ge 0$ of sum one, as for every norm.",
        "Devroye and Lugosi, Combinatorial Methods in Density Estimation, chapter 5",
        "devroye2001",
    ),
    Fact(
        "contraction of TV",
        r"$\mathrm{TV}(S p, S q) \le \mathrm{TV}(p, q)$ for every Markov operator $S$ (data"
        " processing); Dobrushin's coefficient of S is the least such factor.",
        "Levin, Peres and Wilmer, Markov Chains and Mixing Times, chapter 4",
        "levin2009",
    ),
    Fact(
        "data processing",
        r"$\mathrm{KL}(S p \,\|\, S q) \le \mathrm{KL}(p \,\|\, q)$ for every Markov operator $S$.",
        "Cover and Thomas, Elements of Information Theory, sections 2.5 and 4.4",
        "cover2006",
    ),
    Fact(
        "chain rule of KL",
        r"$\mathrm{KL}(p_{XY} \,\|\, q_{XY}) = \mathrm{KL}(p_X \,\|\, q_X) + \mathbb{E}_{p_X}"
        r" \mathrm{KL}(p_{Y|X} \,\|\, q_{Y|X})$.",
        "Cover and Thomas, Elements of Information Theory, section 2.5",
        "cover2006",
    ),
    Fact(
        "Pinsker",
        r"$\mathrm{TV}(p, q)^2 \le \frac12 \mathrm{KL}(p \,\|\, q)$.",
        "Tsybakov, Introduction to Nonparametric Estimation, Lemma 2.5",
        "tsybakov2009",
    ),
    Fact(
        "Bretagnolle-Huber",
        r"$\mathrm{TV}(p, q)^2 \le 1 - e^{-\mathrm{KL}(p \,\|\, q)}$.",
        "Bretagnolle and Huber, Estimation des densites: risque minimax, 1979",
        "bretagnolle1979",
    ),
    Fact(
        "Le Cam two points",
        r"For laws $P_0, P_1$ of the data and a metric $D$ on what is estimated,"
        r" $\max_k \mathbb{E}_k D(\hat p, p_k) \ge \frac12 D(p_0, p_1)"
        r" (1 - \mathrm{TV}(P_0, P_1))$.",
        "Tsybakov, Introduction to Nonparametric Estimation, section 2.4",
        "tsybakov2009",
    ),
    Fact(
        "Jensen",
        r"$f(\mathbb{E} X) \le \mathbb{E} f(X)$ for convex $f$ and integrable $X$; for concave $f$"
        " the reverse.",
        "Rudin, Real and Complex Analysis, Theorem 3.3",
        "rudin1987",
    ),
    Fact(
        "Cauchy-Schwarz",
        r"$(\int f g)^2 \le \int f^2 \int g^2$; in particular"
        r" $\mathbb{E}|Z| \le \sqrt{\mathbb{E} Z^2}$.",
        "Rudin, Real and Complex Analysis, Theorem 3.5",
        "rudin1987",
    ),
    Fact(
        "Hoelder",
        r"$\sum x_k y_k \le (\sum x_k^p)^{1/p} (\sum y_k^q)^{1/q}$ for $x, y \ge 0$, $p, q > 1$ and"
        r" $1/p + 1/q = 1$; also for integrals.",
        "Rudin, Real and Complex Analysis, Theorem 3.5",
        "rudin1987",
    ),
    Fact(
        "Minkowski",
        r"$\|f + g\|_p \le \|f\|_p + \|g\|_p$ for $p \ge 1$, also for integrals of functions.",
        "Rudin, Real and Complex Analysis, Theorem 3.5",
        "rudin1987",
    ),
    Fact(
        "Fubini",
        "The order of two integrals may be exchanged for measurable functions that are nonnegative"
        " or integrable in both variables together.",
        "Rudin, Real and Complex Analysis, Theorem 8.8",
        "rudin1987",
    ),
    Fact(
        "Young",
        r"$\|K * f\|_1 \le \|f\|_1$ for a density $K$ and an integrable $f$.",
        "Rudin, Real and Complex Analysis, Theorem 8.14",
        "rudin1987",
    ),
    Fact(
        "McDiarmid",
        r"If changing the k-th of n independent points moves $f$ by at most $c_k$, then"
        r" $\mathbb{E} e^{s (f - \mathbb{E} f)} \le e^{s^2 \sum c_k^2 / 8}$, so $f \le \mathbb{E} f"
        r" + \sqrt{\log(1/\delta) \sum c_k^2 / 2}$ with probability at least $1 - \delta$.",
        "Boucheron, Lugosi and Massart, Concentration Inequalities, Theorem 6.2",
        "boucheron2013",
    ),
    Fact(
        "Azuma",
        r"If $\mathbb{E}[e^{s Z_k} | Z_1, \dots, Z_{k-1}] \le e^{s^2 v_k / 2}$ for all $s > 0$ and"
        r" numbers $v_k$, then $\sum_k Z_k \le \sqrt{2 \log(1/\delta) \sum_k v_k}$ with probability"
        r" at least $1 - \delta$.",
        "Boucheron, Lugosi and Massart, Concentration Inequalities, section 2.3",
        "boucheron2013",
    ),
    Fact(
        "union bound",
        r"$\mathbb{P}(\bigcup_k A_k) \le \sum_k \mathbb{P}(A_k)$.",
        "Boucheron, Lugosi and Massart, Concentration Inequalities, section 2.1",
        "boucheron2013",
    ),
    Fact(
        "law of total variance",
        r"$\mathrm{Var}\,X = \mathbb{E}\,\mathrm{Var}(X | Y) + \mathrm{Var}\,\mathbb{E}(X | Y)$.",
        "Grimmett and Stirzaker, Probability and Random Processes, chapter 3",
        "grimmett2001",
    ),
    Fact(
        "tail sum",
        r"$\mathbb{E}\,T = \sum_{j \ge 0} \mathbb{P}(T > j)$ for a random number of steps"
        r" $T \in \{0, 1, \dots, \infty\}$.",
        "Grimmett and Stirzaker, Probability and Random Processes, chapter 3",
        "grimmett2001",
    ),
    Fact(
        "normal laws are closed",
        "Sums of independent normal variables are normal, and so are variables that are normal with"
        " a fixed variance given their mean, if the mean is normal.",
        "Grimmett and Stirzaker, Probability and Random Processes, chapter 4",
        "grimmett2001",
    ),
    Fact(
        "sample variance",
        r"The sum of squared deviations of n points of $N(\mu, s^2)$ from their mean is $s^2$ times"
        " a chi-square variable with n - 1 degrees of freedom.",
        "Grimmett and Stirzaker, Probability and Random Processes, chapter 4",
        "grimmett2001",
    ),
    Fact(
        "inverse Wishart mean",
        r"$\mathbb{E} (X^T X)^{-1} = I / (n - d - 1)$ for n independent rows of $N(0, I_d)$,"
        r" $n > d + 1$.",
        "Muirhead, Aspects of Multivariate Statistical Theory, section 3.2",
        "muirhead1982",
    ),
    Fact(
        "Girsanov",
        r"If $dX = a\,ds + g\,dB$ and $dY = b\,ds + g\,dB$, with drifts that are functions of time"
        r" and of the own path so far and $g > 0$ of time, start alike, the second equation has one"
        r" solution in law, and Novikov's condition $\mathbb{E}_X \exp(\frac12 \int |a - b|^2 / g^2"
        r" \, ds) < \infty$ holds, then $\mathrm{KL}(\mathrm{law}\,X \,\|\, \mathrm{law}\,Y) ="
        r" \frac12 \mathbb{E}_X \int |a - b|^2 / g^2 \, ds$.",
        "Karatzas and Shreve, Brownian Motion and Stochastic Calculus, section 3.5",
        "karatzas1991",
    ),
    Fact(
        "time reversal",
        r"Run backwards from $T$ to any $t_0 > 0$, $dX = -f X\,dt + g\,dB$ with bounded $f$ and"
        r" $g > 0$ of time alone and marginals $p_t$, which are smooth for $t > 0$, solves"
        r" $dY = [f Y + g^2 \nabla \log p_t(Y)]\,ds + g\,dB$ with $s = T - t$.",
        "Anderson, Reverse-time diffusion equation models, 1982",
        "anderson1982",
    ),
    Fact(
        "heat equation",
        r"The density $G_v$ of $N(0, v I)$ solves $\partial_v G_v = \frac12 \Delta G_v$.",
        "Evans, Partial Differential Equations, section 2.3",
        "evans2010",
    ),
    Fact(
        "divergence theorem",
        r"$\int_U \Delta f = \int_{\partial U} \nabla f \cdot \nu$ for $f$ of class $C^2$ on the"
        r" closure of a bounded $U$ with smooth boundary and outer normal $\nu$.",
        "Evans, Partial Differential Equations, appendix C",
        "evans2010",
    ),
    Fact(
        "approximation by smooth functions",
        r"An integrable function is the limit in $L^1$ of its mollifications, which are smooth."
        r" Where a derivative of it, such as its gradient, Laplacian or Hessian, is integrable or a"
        r" finite measure, those of the mollifications have norms that are no larger and converge"
        " to its norm.",
        "Evans and Gariepy, Measure Theory and Fine Properties of Functions, chapters 4 and 5",
        "evans2015",
    ),
    Fact(
        "Taylor",
        r"$f(y) - f(0) - f'(0) y = \int_0^1 (1 - t) f''(t y) y^2 \, dt$.",
        "DLMF, section 1.4",
        "dlmf",
    ),
    Fact(
        "Gaussian integrals",
        r"$\int e^{-x^2/(2v)} dx = \sqrt{2 \pi v}$, and the moments"
        r" $\mathbb{E}|Z|^\beta = 2^{\beta/2} \Gamma(\frac{d+\beta}2) / \Gamma(\frac d2)$ of"
        r" $N(0, I_d)$ for $\beta > -d$.",
        "DLMF, section 5.9",
        "dlmf",
    ),
    Fact(
        "Carlson",
        r"$(\int \sqrt f)^4 \le 4 \pi^2 \int f \int x^2 f$ for $f \ge 0$ on the line.",
        "Carlson, Une inegalite, 1934",
        "carlson1934",
    ),
    Fact(
        "Hurwitz zeta",
        r"$\zeta(s, K) = \sum_{k \ge 0} (K + k)^{-s}$ for $s > 1$ and $K > 0$; $\zeta(s) ="
        r" \zeta(s, 1)$.",
        "DLMF, section 25.11",
        "dlmf",
    ),
    Fact(
        "Lambert W",
        r"$W_{-1}(x)$ is the solution $w \le -1$ of $w e^w = x$ for $-1/e \le x < 0$.",
        "Corless, Gonnet, Hare, Jeffrey and Knuth, On the Lambert W function, 1996",
        "corless1996",
    ),
    Fact(
        "Descartes' rule",
        "A real polynomial has as many positive roots, counted with multiplicity, as its"
        " coefficients have changes of sign, or fewer by an even number.",
        "Basu, Pollack and Roy, Algorithms in Real Algebraic Geometry, Theorem 2.33",
        "basu2006",
    ),
    Fact(
        "Stirling numbers",
        r"$\prod_{k=1}^{j} (z + k - 1) = \sum_m {j \brack m} z^m$ counts permutations by cycles.",
        "Graham, Knuth and Patashnik, Concrete Mathematics, section 6.1",
        "graham1994",
    ),
    Fact(
        "Basel",
        r"$\sum_{k \ge 1} k^{-2} = \pi^2/6$.",
        "DLMF, section 25.6",
        "dlmf",
    ),
    Fact(
        "Weyl",
        r"Ordered eigenvalues of symmetric matrices $A$ and $B$ differ by at most"
        r" $\|A - B\|_{op}$; in particular"
        r" $\mathrm{tr}(D (A - B) D^T) \le \|A - B\|_{op} \|D\|_F^2$.",
        "Horn and Johnson, Matrix Analysis, section 4.3",
        "horn2013",
    ),
    Fact(
        "Lieb-Tropp",
        r"For independent symmetric $X_i$ and a fixed symmetric $H$,"
        r" $\mathbb{E}\,\mathrm{tr} \exp(\sum_i X_i + H) \le"
        r" \mathrm{tr} \exp(\sum_i \log \mathbb{E} e^{X_i} + H)$.",
        "Tropp, An Introduction to Matrix Concentration Inequalities, chapter 3",
        "tropp2015",
    ),
    Fact(
        "variation of constants",
        r"$y' = -A y + f$ with a constant matrix $A$ has the one solution"
        r" $y(t) = e^{-t A} y(0) + \int_0^t e^{-(t-s) A} f(s)\,ds$.",
        "Coddington and Levinson, Theory of Ordinary Differential Equations, chapter 3",
        "coddington1955",
    ),
)
"""Every fact and definition by name."""
