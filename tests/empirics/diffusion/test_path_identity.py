"""The path identity: its two sides agree within the error that is told for them."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
from empirics.diffusion.accuracy import LOOP, REPORT
from empirics.diffusion.path import path_terms
from empirics.diffusion.process import noised_score

IDENTITY, GIRSANOV = bounds.get("diffusion-path-identity"), bounds.get("diffusion-direct-kl")
FIELDS = {
    "scale": lambda x, t: -0.3 * x * np.exp(-t),
    "wave": lambda x, t: 0.6 * np.sin(3 * x) * np.exp(-t),
}


@pytest.mark.parametrize("field", FIELDS)
def test_both_sides_agree_and_the_error_covers_a_finer_solution(target, process, field):
    def score(x, t):
        return noised_score(target, t, x, process) + FIELDS[field](x, t)

    terms, finer = (path_terms(target, process, score, a) for a in (LOOP, REPORT))
    value = IDENTITY.evaluate(terms=terms)
    assert abs(value - IDENTITY.evaluate(terms=finer)) <= terms.error
    assert finer.error < terms.error < 0.05 * terms.kl
    assert finer.residual < 2e-4
    words = {w: v for w, v in terms.quantities().items() if w != "own_score_error"}
    girsanov = GIRSANOV.evaluate(**words)
    assert value < girsanov
    if field == "wave":  # most of its path error is not seen in the generated law
        assert value < 0.5 * girsanov


def test_a_score_of_its_own_laws_leaves_nothing(target, process):
    """A shift of the target: the model's process is its noising, so Girsanov's bound is exact."""
    moved = replace(target, means=tuple(m + 0.2 for m in target.means))
    terms = path_terms(target, process, lambda x, t: noised_score(moved, t, x, process), LOOP)
    assert terms.slack < 1e-3 * terms.risk
    assert terms.bound == pytest.approx(terms.kl, rel=0.01)
