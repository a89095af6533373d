"""What training costs: counted, so that a count that is wrong by less than a factor shows."""

import pytest

from empirics.diffusion.costs import fitting
from empirics.models import Diffusion

ROWS = 40_000
SECONDS_PER_UNIT, SECONDS_PER_MULTIPLICATION = 1e-8, 7e-11


def _per_row_and_unit(width):
    """Seconds that one more row costs, over its times and units."""
    model = Diffusion(width=width)
    more, fewer = (fitting(model, 3, [n])[0] for n in (ROWS // 2, ROWS // 4))
    return (more - fewer) / (ROWS * model.accuracy.training_times * width)


def test_a_row_costs_every_unit_its_value_and_its_slope_and_a_product_with_each():
    narrow, wide = _per_row_and_unit(100), _per_row_and_unit(300)
    assert (wide - narrow) / 200 == pytest.approx(SECONDS_PER_MULTIPLICATION, rel=1e-6)
    assert narrow - 100 * (wide - narrow) / 200 == pytest.approx(2 * SECONDS_PER_UNIT, rel=1e-6)
