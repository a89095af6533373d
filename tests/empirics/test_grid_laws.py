"""Faults that a law on a grid reports: mass at the ends, and all of it in the error."""

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError
from empirics.kde.engine import smoothers
from empirics.kde.laws import GridLaws, Source
from empirics.models import Kde
from empirics.target_law import target_law
from empirics.targets import normal

_LIMIT = 1e-3


def _laws(h=0.3):
    experiment = Experiment(
        target=normal(), model=Kde(h), cycle=cycles.full_synthetic(n=1), generations=1
    )
    (smoother,) = smoothers(experiment)
    grid = smoother.grid
    return GridLaws(target_law(normal(), grid), grid), smoother


def _learn(at_the_end):
    """A law with this mass at the first edge of the grid, the rest that of the target."""
    laws, smoother = _laws()
    masses = (1 - at_the_end) * laws.target.masses.copy()
    masses[0] += at_the_end
    source = Source(laws.grid.transform(masses)[None], 0.0, None)
    return laws.learn(1, np.array([1.0]), source, smoother)


def _share():
    """Part of a kernel at the first cell that stays in the four cells at each end."""
    return float(_learn(1e-6).mass_defect[0] - _learn(0.0).mass_defect[0]) / 1e-6


def test_a_law_at_the_ends_of_its_grid_is_refused_from_a_thousandth_on():
    share = _share()
    assert 0.3 < share < 1
    _learn(0.95 * _LIMIT / share)
    with pytest.raises(InputError, match=r"^window .*too narrow for the loop"):
        _learn(1.05 * _LIMIT / share)


@pytest.mark.parametrize("planted", [1e-5, 5e-4])
def test_mass_at_the_ends_is_in_every_error(planted):
    record, clean = _learn(planted), _learn(0.0)
    assert record.mass_defect[0] > 0.3 * planted
    for name in ("tv_error", "one_step_error"):
        added = getattr(record, name)[0] - getattr(clean, name)[0]
        assert added > 0.9 * record.mass_defect[0]


def test_binning_of_points_is_in_every_error():
    laws, smoother = _laws()
    source = Source(laws.target.spectrum[None], 1e-2, 100, finer=16)
    binned = laws.learn(1, np.array([1.0]), source, smoother)
    exact = laws.learn(1, np.array([1.0]), Source(source.spectrum, 1e-2, 100), smoother)
    for name in ("tv_error", "one_step_error"):
        added = getattr(binned, name)[0] - getattr(exact, name)[0]
        assert added == pytest.approx(smoother.aliasing(1e-2), rel=1e-6)
