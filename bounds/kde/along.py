"""The quantities of the kernel-density bounds along a loop, and a bound's values there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bounds.bound import Bound
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle, check_rows
from bounds.errors import ParameterError
from bounds.kde.moments import LoopMoments, loop_moments
from bounds.kde.setting import Normal, Setting
from bounds.propagation import influence

__all__ = ["Along", "along", "kde_quantities", "one_generation_quantities"]

_NOISY = {"variance", "kernel_variance", "noise"}
"""Words of a bound that contains the root of a variance."""


@dataclass(frozen=True)
class Along:
    """Values with the generation on the last axis, and a bound on their quadrature error.

    It is the sum of the change under halving of the step, of what cells hide of the bias (changes
    of sign, and the bend of the root near them), of what they cannot resolve of the target's
    density, and of the tail beyond the ends of the grid.
    """

    value: np.ndarray
    error: np.ndarray


def along(bound: Bound, setting: Setting, **params: Any) -> Along:
    """Evaluate a KDE bound for every generation of a loop.

    Args:
        bound: one of the catalogue's KDE bounds.
        setting: the loop.
        **params: further parameters such as ``delta``, or quantities that were recorded in runs
            and replace the computed ones, such as ``noise`` of shape ``(runs, generations)``.

    Raises:
        ParameterError: a parameter such as ``delta`` is missing, unknown or out of range, or the
            bound is infinite because of the target's tail.
    """
    fine, coarse = loop_moments(setting)
    value, halved, most = (
        _values(bound, setting, m, params)
        for m in (fine, coarse, fine.with_hidden_bias(not _NOISY & set(bound.parameters)))
    )
    error = np.abs(value - halved) + np.abs(most - value) + fine.unresolved
    if not _NOISY & set(bound.parameters):
        return Along(value, error)
    if not np.all(np.isfinite(fine.left_out)):
        raise ParameterError(
            f"target {setting.target!r}: {bound.title!r} is infinite, as is the integral of the"
            " root of a density whose tail is so heavy"
        )
    return Along(value, error + fine.left_out)


def _values(
    bound: Bound, setting: Setting, moments: LoopMoments, params: dict[str, Any]
) -> np.ndarray:
    values, whole = [], _of_the_loop(setting, moments)
    for j in range(1, setting.generations + 1):
        known = {"generation": j, **whole, **_of_generation(moments, whole, j)}
        words = {w: v for w, v in known.items() if w in bound.parameters} | params
        if missing := [w for w in bound.parameters if w not in words]:
            raise ParameterError(f"{', '.join(missing)}: missing, needed by {bound.title!r}")
        values.append(np.asarray(bound.evaluate(**words)))
    return np.stack(values, axis=-1)


def _of_the_loop(setting: Setting, moments: LoopMoments) -> dict[str, Any]:
    """The quantities of a KDE theorem that all generations share, with the influences of all."""
    sizes = setting.cycle.sizes(setting.generations)
    return {
        "cell": moments.cell,
        "influence": influence(setting.cycle, setting.generations),
        "smoothing_bias": moments.smoothing_bias,
        "noise": moments.noise / np.sqrt(sizes),
        "size": sizes,
        "horizon": setting.generations,
    }


def _of_generation(moments: LoopMoments, whole: dict[str, Any], generation: int) -> dict[str, Any]:
    """The quantities of a KDE theorem in one generation."""
    at = generation - 1
    return {
        "n": int(whole["size"][at]),
        "bias": moments.bias[at],
        "variance": moments.variance[at],
        "kernel_variance": moments.kernel_variance[at],
        "influence": whole["influence"][at],
    }


def kde_quantities(
    *,
    bandwidth: Any,
    generation: Any = 1,
    cycle: DataCycle | str | None = None,
    target: Any = None,
    kernel: Any = None,
    dimension: int = 1,
    n: int | None = None,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    """Return the quantities of a KDE theorem by quadrature.

    Args:
        bandwidth: standard deviation of the kernel, one number or one per generation.
        generation: the model, a single integer.
        cycle: a data cycle or the name of one; full synthetic data if only ``n`` is given, a
            fresh real share if ``share`` is, real plus synthetic data if ``lam`` is.
        target: an object with ``dimension``, ``density``, ``window``; ``N(0, I)`` if ``None``.
        kernel: an object with ``transform``; Gaussian if ``None``.
        dimension: of the reference target, 1 or 2.
        n, share, lam: parameters of a cycle given by name.
    """
    widths = _widths(bandwidth, generation)
    _check_methods("target", target, ("density", "window"))
    _check_methods("kernel", kernel, ("transform",))
    steps = int(generation)
    check_rows(steps)
    setting = Setting(
        cycle_of(cycle or _implied(share, lam), n=n, share=share, lam=lam),
        Normal(int(dimension)) if target is None else target,
        tuple(np.broadcast_to(widths, steps).tolist()),
        **({} if kernel is None else {"kernel": kernel}),
    )
    moments = loop_moments(setting)[0]
    whole = _of_the_loop(setting, moments)
    return whole | _of_generation(moments, whole, steps)


def _widths(bandwidth: Any, generation: Any) -> np.ndarray:
    """One bandwidth, or one for each generation."""
    widths = np.atleast_1d(np.asarray(bandwidth, dtype=float))
    if np.ndim(generation) or widths.ndim > 1 or len(widths) not in (1, int(generation)):
        raise ParameterError(
            f"generation = {generation}, bandwidth: {widths.size} given; a single generation, with"
            " one bandwidth or one for each generation up to it, is required by the quadrature"
        )
    return widths


def _check_methods(word: str, value: Any, methods: tuple[str, ...]) -> None:
    if value is not None and not all(callable(getattr(value, m, None)) for m in methods):
        raise ParameterError(f"{word} = {value!r}: must be an object with {', '.join(methods)}")


def one_generation_quantities(
    *,
    bandwidth: Any,
    n: int,
    target: Any = None,
    kernel: Any = None,
    dimension: int = 1,
) -> dict[str, Any]:
    """Return the quantities of one generation trained on ``n`` real points, by quadrature.

    Args:
        bandwidth: standard deviation of the kernel.
        n: training points.
        target: an object with ``dimension``, ``density``, ``window``; ``N(0, I)`` if ``None``.
        kernel: an object with ``transform``; Gaussian if ``None``.
        dimension: of the reference target, 1 or 2.
    """
    return kde_quantities(
        bandwidth=bandwidth, n=n, target=target, kernel=kernel, dimension=dimension
    )


def _implied(share: float | None, lam: float | None) -> str:
    if lam is not None:
        return "real_plus_synthetic"
    return "full_synthetic" if share is None else "fresh_real"
