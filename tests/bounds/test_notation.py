"""The notation table and its ranges."""

import numpy as np
import pytest
import sympy as sp

from bounds import notation
from bounds.errors import ParameterError
from bounds.notation import NOTATION, symbol_of


def test_every_symbol_has_one_word_and_every_exported_symbol_is_in_the_table():
    symbols = [entry.symbol for entry in NOTATION.values()]
    assert len(set(symbols)) == len(symbols)
    exported = {getattr(notation, name) for name in notation.__all__ if name not in _OTHERS}
    assert exported == set(symbols)


_OTHERS = {"NOTATION", "Notation", "symbol_of", "k", "x"}


def test_symbols_of_the_same_letter_stay_apart():
    assert symbol_of(notation.n).word == "n"
    assert symbol_of(notation.size).word == "size"
    assert symbol_of(notation.b).word == "smoothing_bias"
    assert symbol_of(notation.bias).word == "bias"
    assert symbol_of(sp.Symbol("n")) is None


@pytest.mark.parametrize(
    ("word", "good", "bad"),
    [
        ("n", [1, "12", 1e6], [0, 1.5, -1, "1/2"]),
        ("generation", [1, [1, 2, 3]], [0, [1, 0]]),
        ("share", [0, 1, "1/4"], [-1e-9, 1.1]),
        ("lam", [0, 1e9], [-1]),
        ("gamma", ["1/4", 0.999], [0, 1]),
        ("constant", [1e-9], [0]),
        ("delta", [0.05], [0, 1]),
        ("bandwidth", [0.1], [0]),
        ("variance", [np.zeros(3)], [np.array([0, -1e-3])]),
        ("bias", [np.array([-1.0, 1.0])], [np.array([np.nan])]),
    ],
)
def test_ranges(word, good, bad):
    for value in good:
        NOTATION[word].expect(value, "a theorem")
    for value in bad:
        with pytest.raises(ParameterError) as refused:
            NOTATION[word].expect(value, "a theorem")
        message = str(refused.value)
        assert message.startswith(f"{word} = ")
        assert "\n" not in message
        assert NOTATION[word].allowed in message
        assert "'a theorem'" in message


def test_a_refusal_shows_the_offending_entry():
    with pytest.raises(ParameterError, match=r"^share = 1.25: must be a number in \[0, 1\]"):
        NOTATION["share"].expect([0.5, 1.25], "t")
    with pytest.raises(ParameterError, match="gamma = 'x': must be a number in \\(0, 1\\)"):
        NOTATION["gamma"].expect("x", "t")
