"""Data cycles from words."""

from fractions import Fraction

import pytest

from bounds import cycles
from bounds.cycle_words import CYCLES, cycle_of
from bounds.discovery import modules_of
from bounds.errors import UserError


def test_names_and_parameters_make_a_cycle():
    assert cycle_of("balanced", n=5, share=None, lam=None) == cycles.balanced(n=5)
    made = cycle_of("fresh real", n="5", share="1/4", lam=None)
    assert made == cycles.fresh_real(n=5, share=Fraction(1, 4))
    assert cycle_of(made, n=None, share=None) is made


@pytest.mark.parametrize(
    ("cycle", "words", "message"),
    [
        ("balancd", {"n": 5}, "did you mean 'balanced'"),
        ("balanced", {"n": 5, "share": 0.5}, "share: not in 'balanced'"),
        ("fresh-real", {"n": 5, "share": None}, "share: missing"),
        (cycles.balanced(n=5), {"n": 5}, "has its own parameters"),
    ],
)
def test_mistakes_are_named(cycle, words, message):
    with pytest.raises(UserError, match=message):
        cycle_of(cycle, **words)


class Kept(cycles.Accumulating):
    """A cycle of one's own."""


def test_every_cycle_has_a_name():
    assert Kept(n=5).name == "kept"
    of_files = [kind for file in modules_of("bounds.cycles") for kind in file.KINDS]
    assert list(CYCLES.values()) == [*cycles.KINDS[:-1], *of_files]
    assert cycles.fresh_real(n=5, share=0.1).name == "fresh real share"
