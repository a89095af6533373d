"""Facts from runs about their loop: the spread of TV around its mean, a bound's parameters."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds import Bound, Statistic
from bounds.cycles import Custom, DataCycle, Protocol, RealPlusSynthetic
from bounds.errors import HypothesisError, ParameterError
from bounds.hypotheses import LoopFacts, ModelKind
from bounds.notation import NOTATION
from bounds.propagation import influence
from empirics.experiment import Experiment, Sampling
from empirics.models import Diffusion, Gaussian, Kde, Kernel, TrainedDiffusion
from empirics.runs import Runs
from empirics.targets import GaussianMixture, MultivariateGaussianMixture, Target

__all__ = [
    "DETERMINED",
    "deviation_scale",
    "facts_of",
    "facts_of_experiment",
    "refuse_contradictions",
    "refuse_determined",
    "words_of",
]

Array = np.ndarray
_KERNEL_POINTS = 2001
DETERMINED = ("generation", "influence", "size")
"""Words that nobody gives who has runs."""
_CYCLE = ("n", "share", "lam", "growth")
_SAME = 1e-12
"""Relative distance at which two parameters are one, written as text or as a float."""
_WHOLE = 1e-9
"""Relative distance at which a size is an integer."""


def facts_of(runs: Runs) -> LoopFacts:
    """The facts of the runs' experiment, or those that their maker states."""
    if runs.experiment is None:
        return runs.facts or LoopFacts()
    return facts_of_experiment(runs.experiment)


def facts_of_experiment(experiment: Experiment) -> LoopFacts:
    """The facts of an experiment, whether it has been run or not."""
    model, target = experiment.model, experiment.target
    common: dict[str, Any] = {
        "target": _target(target),
        "dimension": target.dimension,
        "population": experiment.sampling is Sampling.POPULATION,
        "between": _between(experiment),
    }
    if isinstance(model, Kde):
        widths = model.bandwidths(experiment.cycle, experiment.generations, target.dimension)
        density = _is_density(model.kernel)
        return LoopFacts(
            model=ModelKind.KDE,
            kernel="normal" if isinstance(model.kernel, Gaussian) else type(model.kernel).__name__,
            kernel_is_density=density,
            bandwidths=tuple(widths.tolist()),
            # How far a moved point moves what an operator makes of it is not known.
            moves_by_a_point=density if not common["between"] else None,
            **common,
        )
    if isinstance(model, Diffusion | TrainedDiffusion):
        frozen = isinstance(model, Diffusion)
        return LoopFacts(model=ModelKind.DIFFUSION, sampler=model.sampler, frozen=frozen, **common)
    return LoopFacts(model=type(model).__name__, **common)


def _between(experiment: Experiment) -> str | None:
    """The operators that samples pass on their way into a training set, in words."""
    rows = experiment.cycle.weight_matrix(experiment.generations)
    used = [experiment.operator(int(k)) for k in np.flatnonzero(rows.any(axis=0)) if k]
    words = dict.fromkeys(repr(operator) for operator in used if operator is not None)
    return ", ".join(words) or None


def _target(target: Target) -> str:
    if isinstance(target, GaussianMixture):
        return "normal" if len(target.weights) == 1 else "mixture of normals"
    if isinstance(target, MultivariateGaussianMixture):
        # A normal law is N(mu, sigma^2 I).
        first, *others = np.array(target.covariances)
        isotropic = not others and np.array_equal(first, first[0, 0] * np.eye(len(first)))
        return "normal" if isotropic else "mixture of normals"
    return type(target).__name__


def _is_density(kernel: Kernel) -> bool:
    u = np.linspace(0, kernel.reach, _KERNEL_POINTS)
    right, left = kernel.density(u), kernel.density(-u)
    return bool(np.all(right >= 0) and np.allclose(right, left, rtol=1e-9, atol=0))


def deviation_scale(runs: Runs) -> Float[Array, "generations"]:
    r"""``c_j`` with which a run's TV obeys McDiarmid's inequality; infinite where none is known.

    .. math:: P\bigl(\pm(\mathrm{TV} - \mathbb{E}\,\mathrm{TV}) \ge t\bigr)
              \le e^{-2 t^2 / c_j^2}, \qquad c_j^2 = \sum_k \frac{G_{jk}^2}{n_k},

    for fresh data, ``G`` the influence matrix: one point moves model ``k`` by ``1/n_k`` in TV and,
    later points coupled as closely as can be, model ``j`` by ``G_jk / n_k`` in expectation. Where
    batches are kept, one of the ``m_k`` points of batch ``k`` moves model ``j`` by
    ``sum_i G_ji w_ik / m_k``; points drawn from a pool add theirs to that. Batches that are drawn
    anew by every generation move less, each only the models after it.

    Derived: the martingale of the points, as for ``kde-high-probability-single``.
    """
    facts, steps = facts_of(runs), runs.generations
    unknown = facts.moves_by_a_point is not True or facts.population
    if unknown or runs.error_confidence < 1 or runs.cycle.data is Protocol.SUBSAMPLED:
        return np.full(steps, np.inf)
    G = influence(runs.cycle, steps)
    square = np.zeros(steps)
    if runs.cycle.data not in (Protocol.REUSED, Protocol.RENEWED):
        square += (G**2 / runs.cycle.sizes(steps)).sum(axis=1)
    if runs.cycle.data is not Protocol.FRESH:
        square += _of_batches(runs.cycle, G)
    return np.sqrt(square)


def _of_batches(cycle: DataCycle, G: Array) -> Float[Array, "generations"]:
    """Batches 0 (real) to the last; those without weight move nothing."""
    steps = len(G)
    moved = G @ cycle.weight_matrix(steps)
    sizes = np.array([max(float(cycle.batch_size(k)), 1.0) for k in range(steps)])
    return np.asarray((moved**2 / sizes).sum(axis=1))


def words_of(bound: Bound, runs: Runs, facts: LoopFacts) -> dict[str, Any]:
    """Values of the bound's words that the loop determines.

    Raises:
        HypothesisError: the sizes of the cycle are not those that the bound speaks of.
    """
    cycle, steps = runs.cycle, runs.generations
    words: dict[str, Any] = dict(facts.words)
    if facts.dimension is not None:
        words["dimension"] = facts.dimension
    words |= {"generation": np.arange(1, steps + 1), "horizon": steps, "size": cycle.sizes(steps)}
    words |= {w: v for w, v in _of_cycle(cycle).items() if w != "n"}
    if "n" in bound.parameters:
        words |= _points(bound, cycle, words["size"])
    _refuse_rounded(bound, cycle)
    return {word: value for word, value in words.items() if word in bound.parameters}


def _of_cycle(cycle: DataCycle) -> dict[str, Any]:
    return {f.name: getattr(cycle, f.name) for f in fields(cycle) if f.name in _CYCLE}


def _points(bound: Bound, cycle: DataCycle, sizes: Array) -> dict[str, Any]:
    """``n``, and the growth of the sizes where the bound has one."""
    if bound.statistic is Statistic.FIRST_GENERATION:
        return {"n": int(sizes[0])}
    if not isinstance(cycle, Custom):
        return {"n": cycle.n}
    if "growth" in bound.parameters:
        return {"n": int(sizes[0]), "growth": _growth(bound, sizes)}
    if np.ptp(sizes):
        raise HypothesisError(
            f"sizes: {bound.title!r} speaks of n points in every generation; these have"
            f" {_listed(sizes)}"
        )
    return {"n": int(sizes[0])}


def _growth(bound: Bound, sizes: Array) -> float:
    """The largest ``q`` with ``n k^q <= n_k`` for all k; sizes are that, rounded up.

    Raises:
        HypothesisError: they are not, for no ``q >= 0``.
    """
    k = np.arange(1, len(sizes) + 1)
    if len(sizes) == 1:
        return 0.0
    q = float((np.log(sizes[1:] / sizes[0]) / np.log(k[1:])).min())
    if q < 0 or np.any(sizes - sizes[0] * k**q >= 1):
        raise HypothesisError(
            f"sizes: {bound.title!r} requires n k^q points in generation k, rounded up; these have"
            f" {_listed(sizes)}"
        )
    return q


def _refuse_rounded(bound: Bound, cycle: DataCycle) -> None:
    """Refuse a closed form in lambda where the cycle rounds ``lambda n``."""
    if "lam" not in bound.parameters or not isinstance(cycle, RealPlusSynthetic):
        return
    synthetic = float(cycle.n * cycle.lam)
    if abs(synthetic - round(synthetic)) > _WHOLE * max(synthetic, 1.0):
        raise HypothesisError(
            f"sizes: {bound.title!r} requires that lambda n is an integer; it is {synthetic:.6g},"
            " which the loop rounds"
        )


def _listed(sizes: Array) -> str:
    shown = [str(n) for n in sizes[:4].tolist()]
    return ", ".join(shown) + (", ..." if len(sizes) > len(shown) else "")


def refuse_contradictions(words: dict[str, Any], params: dict[str, Any], runs: Runs) -> None:
    """Refuse parameters that are not those of the runs.

    Raises:
        ParameterError: names the first one.
    """
    for word in words.keys() & params.keys():
        given = NOTATION[word].expect(params[word], "the runs")
        if not np.allclose(given, np.asarray(words[word], dtype=float), rtol=_SAME, atol=0):
            raise ParameterError(f"{word} = {params[word]}: the runs were made with {runs.cycle!r}")


def refuse_determined(determined: Any, params: dict[str, Any]) -> None:
    """Refuse parameters that are computed from the runs.

    Raises:
        ParameterError: names them.
    """
    if given := [word for word in params if word in determined]:
        raise ParameterError(f"{', '.join(given)}: determined by the runs, must not be given")
