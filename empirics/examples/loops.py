"""Loops of models and data from elsewhere, in sizes from seconds to minutes."""

from __future__ import annotations

from bounds import cycles
from empirics.examples.ddpm import Ddpm
from empirics.examples.digits import digits
from empirics.examples.mixture import Mixture
from empirics.experiment import Experiment, Numerics
from empirics.models import Kde, Model
from empirics.targets import gaussian_mixture

__all__ = ["ddpm_loop", "digits_loop", "mixture_loop"]

_DIGITS = 1797


def ddpm_loop(
    dimension: int = 1, generations: int = 3, replicates: int = 2, steps: int = 400, n: int = 1000
) -> Experiment:
    """A sample-only diffusion model on the modes of a mixture, trained on its own samples."""
    centre = [1.5] * dimension
    means = [[-c for c in centre], centre] if dimension > 1 else [-1.5, 1.5]
    return Experiment(
        target=gaussian_mixture([0.5, 0.5], means, 0.5),
        model=Ddpm(steps=steps),
        cycle=cycles.fresh_real(n=n, share=0.2),
        generations=generations,
        replicates=replicates,
        numerics=Numerics(draws=4000),
    )


def mixture_loop(generations: int = 4, replicates: int = 8) -> Experiment:
    """A mixture of scikit-learn, whose density is known, trained on its own samples."""
    return Experiment(
        target=gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6]),
        model=Mixture(components=3),
        cycle=cycles.full_synthetic(n=500),
        generations=generations,
        replicates=replicates,
        numerics=Numerics(draws=4000),
    )


def digits_loop(
    model: str = "kde", components: int | None = None, generations: int = 5, replicates: int = 1
) -> Experiment:
    """Digits, learned by a kernel estimate or a mixture, with a fifth of fresh real images."""
    models: dict[str, Model] = {"kde": Kde(bandwidth=1.0), "mixture": Mixture(components=10)}
    return Experiment(
        target=digits(components, holdout=0.4),
        model=models[model],
        cycle=cycles.fresh_real(n=400, share=0.2),
        generations=generations,
        replicates=replicates,
        numerics=Numerics(draws=4000),
    )
