"""A diffusion by words: one rule for when training stops, or none, and not two."""

import pytest

from empirics.diffusion.model import diffusion
from empirics.errors import InputError
from empirics.models import BestTv, Diffusion, FixedTime, PowerTime

RULES = [
    ({"training_time": 30.0}, FixedTime(30.0)),
    ({"constant": 0.5, "exponent": 1.0}, PowerTime(0.5, 1.0)),
    ({"oracle": "tv"}, BestTv()),
]


@pytest.mark.parametrize(("words", "rule"), [({}, Diffusion().rule), *RULES])
def test_one_rule_is_taken(words, rule):
    assert diffusion(**words).rule == rule


@pytest.mark.parametrize("second", [1, 2])
def test_two_rules_are_refused(second):
    with pytest.raises(InputError, match="are three rules for when training stops; give one"):
        diffusion(**RULES[0][0], **RULES[second][0])
