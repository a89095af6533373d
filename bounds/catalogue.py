"""All bounds by name; a theorem's file is imported when the catalogue is first asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from bounds.errors import UnknownNameError
from bounds.suggest import did_you_mean

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["catalogue", "get", "names"]

_THEOREMS = (
    "error_propagation",
    "full_synthetic",
    "fresh_real",
    "balanced",
    "accumulating",
    "phase_transition",
    "phase_transition_real_start",
    "kde_one_step",
    "kde_high_probability",
    "kde_sandwich",
    "kde_recursion",
    "kde_rate",
    "kde_bias",
    "kde_noise",
    "kde_bandwidth",
    "diffusion_rate",
    "diffusion_generalization",
    "diffusion_girsanov",
    "diffusion_gradient_flow",
    "diffusion_early_stopping",
    "growing",
    "accumulation_constant",
    "sample_size",
    "sample_size_kde",
    "budget_allocation",
    "gaussian_mean",
    "gaussian_variance",
    "discrete_resampling",
    "real_data_floor",
    "bertrand_stability",
    "seddik_collapse",
    "gerstgrasser",
    "kanabar_gastpar",
    "khelifa_forgetting",
)
"""Files of :mod:`bounds.theorems`, in the order of the catalogue."""


@cache
def catalogue() -> Mapping[str, Bound]:
    """Return every bound under its name, in order; the mapping cannot be changed."""
    return MappingProxyType({bound.name: bound for file in _THEOREMS for bound in _bounds(file)})


def names() -> tuple[str, ...]:
    """Return the names of all bounds, in order."""
    return tuple(catalogue())


def get(name: str) -> Bound:
    """Return the bound called ``name``.

    Raises:
        UnknownNameError: no bound has this name; the message offers the closest one.
    """
    if name not in catalogue():
        raise UnknownNameError(
            f"no bound is called {name!r}{did_you_mean(name, names())}; known are"
            f" {', '.join(names())}"
        )
    return catalogue()[name]


def _bounds(file: str) -> tuple[Bound, ...]:
    module = import_module(f"bounds.theorems.{file}")
    bounds: tuple[Bound, ...] = getattr(module, "BOUNDS", None) or (module.BOUND,)
    return bounds
