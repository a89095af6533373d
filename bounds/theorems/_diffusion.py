"""Shared parts of the diffusion theorems: hypotheses, from KL to TV, words computed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import sympy as sp

from bounds.checks import Check, Law, enclosed, identity, over_laws
from bounds.enclosure import enclose_expression
from bounds.errors import ParameterError
from bounds.functions import OneMinusExp
from bounds.hypotheses import Hypothesis, ModelKind, known
from bounds.notation import b_0
from bounds.proof import Step
from bounds.worst_case import total_variation

__all__ = [
    "FLOW",
    "GIRSANOV",
    "INTEGRABLE",
    "SDE_SAMPLER",
    "STOPPING",
    "UNDER_REAL_LAW",
    "kl_steps",
    "response_quantities",
    "terms_quantities",
    "tv_of_kl",
    "tv_steps",
]

SDE_SAMPLER = Hypothesis(
    "SDE sampler",
    "the model is a diffusion whose points are drawn by the reverse SDE, not by the"
    " probability-flow ODE",
    loop=known(model=ModelKind.DIFFUSION, sampler="sde"),
)
INTEGRABLE = Hypothesis(
    "integrable score error",
    "the score error along the noising path satisfies Novikov's condition, as a truncated one does,"
    " and the reverse SDE of the model has one solution in law",
)
GIRSANOV = (SDE_SAMPLER, INTEGRABLE)
UNDER_REAL_LAW = Hypothesis(
    INTEGRABLE.name,
    "the score error along the real law's noising path satisfies a Novikov-type condition, or is"
    " truncated",
)
STOPPING = Hypothesis(
    "stopping", "b_0 is the TV between the real law and the real law noised until generation stops"
)
FLOW = Hypothesis(
    "frozen features",
    "only the output weights are trained, from zero, by gradient flow on half the g^2-weighted mean"
    " squared score error (up to a constant), which is quadratic in them",
    loop=known(model=ModelKind.DIFFUSION, frozen=True),
)


def _divergence(p: Law, q: Law) -> sp.Expr | None:
    """Return ``KL(p || q)`` as an exact expression; ``None`` where it is infinite or zero."""
    if p == q or any(u and not v for u, v in zip(p, q, strict=True)):
        return None
    terms = [
        sp.Rational(str(u)) * sp.log(sp.Rational(str(u / v)))
        for u, v in zip(p, q, strict=True)
        if u
    ]
    return sp.Add(*terms)


def _is_below(value: Callable[[sp.Expr], sp.Expr]) -> Callable[[Law, Law], bool]:
    """Whether ``TV^2 < value(KL)`` for different laws, the logarithms enclosed."""

    def statement(p: Law, q: Law) -> bool:
        kl = _divergence(p, q)
        if kl is None:
            return True
        square = sp.Rational(str(total_variation(p, q) ** 2))
        return enclose_expression(value(kl) - square).lower > 0

    return statement


def _compared(*values: Callable[[sp.Expr], sp.Expr]) -> Check:
    return over_laws(*map(_is_below, values), count=2)


def kl_steps() -> tuple[Step, ...]:
    """Return the steps from a KL divergence to total variation."""
    return (
        Step(
            "Total variation is at most the root of half the divergence.",
            r"\mathrm{TV} \le \sqrt{\mathrm{KL}/2}",
            ("Pinsker",),
            _compared(lambda kl: kl / 2, lambda kl: kl / 3, lambda kl: kl**2),
        ),
        Step(
            "It is also at most this, which never exceeds one.",
            r"\mathrm{TV} \le \sqrt{1 - e^{-\mathrm{KL}}}",
            ("Bretagnolle-Huber",),
            _compared(lambda kl: 1 - sp.exp(-kl), lambda kl: 1 - sp.exp(-kl / 4)),
        ),
        Step(
            "The second is the smaller one for a divergence above 1.594 and the first below 1.593:"
            " 1 - exp(-k) is concave and starts with the slope 1, so it meets the line k/2 once.",
            r"\min\bigl(\sqrt{k/2}, \sqrt{1 - e^{-k}}\bigr)",
            check=enclosed(
                [
                    sp.Rational(1594, 2000) - 1 + sp.exp(-sp.Rational(1594, 1000)),
                    1 - sp.exp(-sp.Rational(1593, 1000)) - sp.Rational(1593, 2000),
                ],
                [sp.Rational(1590, 2000) - 1 + sp.exp(-sp.Rational(1590, 1000))],
                [1 - sp.exp(-sp.Rational(1600, 1000)) - sp.Rational(1600, 2000)],
            ),
        ),
    )


def tv_steps(divergence: Step, kl: sp.Expr, bound: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from a divergence of the noised real law to ``bound`` on TV to the real one.

    Args:
        divergence: the step that bounds or names it.
        kl: what it is at most.
        bound: ``b_0`` plus what the divergence allows.
    """
    return (
        Step(
            "The model is no further from the real law than over the real law noised until"
            " generation stops.",
            r"\mathrm{TV}(p_j, p_0) \le \mathrm{TV}(p_j, P_{t_0} p_0) + b_0",
            ("triangle inequality", STOPPING.name),
            over_laws(_through, _through_the_larger, count=3),
        ),
        divergence,
        *kl_steps(),
        Step(
            "Put in the divergence.",
            bound,
            check=identity(
                bound - b_0 - tv_of_kl(kl), bound - tv_of_kl(kl), bound - b_0 - tv_of_kl(kl) / 2
            ),
        ),
    )


def _through(p: Law, q: Law, r: Law) -> bool:
    return total_variation(p, r) <= total_variation(p, q) + total_variation(q, r)


def _through_the_larger(p: Law, q: Law, r: Law) -> bool:
    return total_variation(p, r) <= max(total_variation(p, q), total_variation(q, r))


def tv_of_kl(kl: sp.Expr) -> sp.Expr:
    r"""Return the smaller of Pinsker's and Bretagnolle and Huber's bound.

    .. math:: \mathrm{TV} \le \min\bigl(\sqrt{\mathrm{KL}/2}, \sqrt{1 - e^{-\mathrm{KL}}}\bigr).

    Derived: the steps of :func:`kl_steps`; the second is smaller for KL > 1.594 and never vacuous.
    """
    return sp.Min(sp.sqrt(kl / 2), sp.sqrt(OneMinusExp(kl)), evaluate=False)


class _Terms(Protocol):
    """The terms of a bound on one generation."""

    def quantities(self) -> Mapping[str, Any]:
        """Their values, by word."""


class _Response(Protocol):
    """The response of a loop to the noise of its training sets."""

    def quantities(self, generation: int) -> Mapping[str, Any]:
        """The quantities that a theorem may ask for in one generation, by word."""


def terms_quantities(*, terms: _Terms) -> Mapping[str, Any]:
    """Return the words of a theorem on one generation.

    Args:
        terms: what :func:`empirics.diffusion.explicit.explicit_terms` returns for an experiment.

    Raises:
        ParameterError: another object.
    """
    _check("terms", terms)
    return terms.quantities()


def response_quantities(*, response: _Response, generation: Any = 1) -> Mapping[str, Any]:
    """Return the words of a prediction for one generation.

    Args:
        response: what :func:`empirics.diffusion.response.linear_response` returns.
        generation: the model, a single integer.

    Raises:
        ParameterError: another object, or a generation that it does not have.
    """
    _check("response", response)
    return response.quantities(int(generation))


def _check(word: str, value: Any) -> None:
    if not callable(getattr(value, "quantities", None)):
        raise ParameterError(f"{word} = {value!r}: must be an object with quantities()")
