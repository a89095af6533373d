"""Handwritten digits of scikit-learn as real data: 1797 images of 8 x 8 pixels."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, integer
from empirics.targets import Samples

__all__ = ["digits", "principal_components"]

Array = np.ndarray
_MOST = 64


def digits(components: int | None = None, holdout: float = 0.5) -> Samples:
    """The digits as a target, whole or by their leading principal components.

    The components are those of all images, pool and held-out ones: a fixed change of coordinates
    of the data set, chosen before any model is trained.

    Args:
        components: how many; all 64 pixels if ``None``.
        holdout: share of the images to measure against.

    Raises:
        InputError: scikit-learn is not installed, or no such number of components.
    """
    if find_spec("sklearn") is None:
        raise InputError("needs scikit-learn: pip install scikit-learn")
    from sklearn.datasets import load_digits

    images = load_digits().images
    if components is None:
        return Samples(images, holdout=holdout)
    integer("components", components, at_least=1, at_most=_MOST)
    return Samples(principal_components(images, components), holdout=holdout)


def principal_components(images: Float[Array, "size ..."], count: int) -> Float[Array, "size k"]:
    """Coordinates along the directions of largest variance."""
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(axis=0)
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    return rows @ directions[:count].T
