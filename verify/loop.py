"""What is known of the loop behind runs, and how far a run's TV strays from its mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from bounds.loop_facts import LoopFacts, ModelKind
from bounds.propagation import influence
from empirics.experiment import Experiment, Sampling
from empirics.models import Diffusion, Gaussian, Kde, Kernel, TrainedDiffusion
from empirics.runs import Runs
from empirics.targets import GaussianMixture, MultivariateGaussianMixture, Target

__all__ = ["deviation_scale", "facts_of", "facts_of_experiment"]

Array = np.ndarray
_KERNEL_POINTS = 2001


def facts_of(runs: Runs) -> LoopFacts:
    """What the runs' experiment tells, or what their maker says of them."""
    if runs.experiment is None:
        return runs.facts or LoopFacts()
    return facts_of_experiment(runs.experiment)


def facts_of_experiment(experiment: Experiment) -> LoopFacts:
    """What an experiment tells, whether it has been run or not."""
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
        return _multivariate(np.array(target.covariances))
    return type(target).__name__


def _multivariate(covariances: Float[Array, "k d d"]) -> str:
    """A normal law is ``N(mu, sigma^2 I)``."""
    first = covariances[0]
    isotropic = len(covariances) == 1 and np.array_equal(first, first[0, 0] * np.eye(len(first)))
    return "normal" if isotropic else "mixture of normals"


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
