r"""One notation for all bounds: each symbol once, with its word, meaning, range and default.

Inside a formula stands the paper's symbol (``n``, ``lam``, ``epsilon[k]``); at the surface, in
keywords and on the command line, stands the word (``n``, ``lam``, ``one_step_error``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError
from bounds.values import FloatArray, as_floats, plain

__all__ = [
    "NOTATION",
    "C",
    "G",
    "N",
    "Notation",
    "V",
    "a",
    "b",
    "bias",
    "d",
    "delta",
    "epsilon",
    "gamma",
    "h",
    "j",
    "k",
    "lam",
    "n",
    "s",
    "size",
    "symbol_of",
    "v",
    "x",
]

n = sp.Symbol("n", positive=True, integer=True)
j = sp.Symbol("j", positive=True, integer=True)
a = sp.Symbol("a", nonnegative=True)
lam = sp.Symbol("lambda", nonnegative=True)
gamma = sp.Symbol("gamma", positive=True)
C = sp.Symbol("C", positive=True)
delta = sp.Symbol("delta", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
h = sp.Symbol("h", positive=True)
N = sp.Symbol("N", positive=True, integer=True)

k = sp.Symbol("k", positive=True, integer=True)
x = sp.Symbol("x", real=True)

G = sp.IndexedBase("G", nonnegative=True)
epsilon = sp.IndexedBase("epsilon", nonnegative=True)
size = sp.IndexedBase("n", positive=True)
b = sp.IndexedBase("b", nonnegative=True)
s = sp.IndexedBase("s", nonnegative=True)
bias = sp.Function("b", real=True)
V = sp.Function("V", nonnegative=True)
v = sp.Function("v", nonnegative=True)


@dataclass(frozen=True, kw_only=True)
class Notation:
    """A symbol of the formulas and the word, meaning and range that go with it.

    Args:
        word: the keyword under which a value is given.
        symbol: a SymPy ``Symbol``; an ``IndexedBase`` for a sequence over generations, given as
            an array whose last axis is ``k``; a ``Function`` of ``x``, given on a grid, its last
            axis.
        meaning: one phrase.
        minimum, maximum: the allowed range; an end is excluded if ``open_minimum`` /
            ``open_maximum``.
        integer: whether only integers make sense.
        unit: the unit, where there is one.
        default: the value taken when none is given; ``None``: a value must be given.
    """

    word: str
    symbol: Any
    meaning: str
    minimum: float = -np.inf
    maximum: float = np.inf
    open_minimum: bool = False
    open_maximum: bool = False
    integer: bool = False
    unit: str = ""
    default: Fraction | int | None = None

    @property
    def is_sequence(self) -> bool:
        """Whether the symbol is indexed by the generation ``k``."""
        return isinstance(self.symbol, sp.IndexedBase)

    @property
    def is_function(self) -> bool:
        """Whether the symbol is a function of ``x``."""
        return isinstance(self.symbol, sp.core.function.UndefinedFunction)

    @property
    def allowed(self) -> str:
        """The range in words, such as ``a number in (0, 1)``."""
        noun = "an integer" if self.integer else "a number"
        low, high = f"{self.minimum:g}", f"{self.maximum:g}"
        if np.isfinite(self.maximum):
            ends = "[("[self.open_minimum], "])"[self.open_maximum]
            return f"{noun} in {ends[0]}{low}, {high}{ends[1]}"
        if np.isfinite(self.minimum):
            return f"{noun} {'>' if self.open_minimum else '>='} {low}"
        return noun if self.integer else "a finite number"

    def expect(self, value: Any, required_by: str) -> FloatArray:
        """Return ``value`` as a float array, every entry in range.

        Args:
            value: a number, ``"1/4"``, or an array of such; its shape is kept.
            required_by: title of the theorem that needs the range, for the message.

        Raises:
            ParameterError: not a finite number, or out of range.
        """
        try:
            array = as_floats(value)
        except ValueError as error:
            raise self._refusal(str(error), required_by) from None
        outside = ~self._contains(array)
        if outside.any():
            raise self._refusal(f"{array[outside].flat[0]:.12g}", required_by)
        return array

    def expect_one(self, value: Any, required_by: str) -> Any:
        """Return ``value`` as one ``float``, or ``int`` where the notation is an integer.

        Raises:
            ParameterError: an array, not a finite number, or out of range.
        """
        array = self.expect(value, required_by)
        if array.ndim:
            raise self._refusal(f"an array of shape {array.shape}", required_by)
        return plain(array, integer=self.integer)

    def _contains(self, array: FloatArray) -> np.ndarray:
        above = array > self.minimum if self.open_minimum else array >= self.minimum
        below = array < self.maximum if self.open_maximum else array <= self.maximum
        return above & below & (np.equal(np.round(array), array) | (not self.integer))

    def _refusal(self, shown: str, required_by: str) -> ParameterError:
        return ParameterError(
            f"{self.word} = {shown}: must be {self.allowed}, required by {required_by!r}"
        )


_UNIT_INTERVAL: dict[str, Any] = {"minimum": 0.0, "maximum": 1.0}
_INSIDE: dict[str, Any] = {**_UNIT_INTERVAL, "open_minimum": True, "open_maximum": True}
_COUNT: dict[str, Any] = {"minimum": 1.0, "integer": True}


def _table(*entries: Notation) -> MappingProxyType[str, Notation]:
    return MappingProxyType({entry.word: entry for entry in entries})


NOTATION = _table(
    Notation(word="n", symbol=n, meaning="training points per generation", unit="points", **_COUNT),
    Notation(word="generation", symbol=j, meaning="generation of the model", **_COUNT),
    Notation(word="share", symbol=a, meaning="share of real points", **_UNIT_INTERVAL),
    Notation(word="lam", symbol=lam, meaning="synthetic points per real point", minimum=0.0),
    Notation(
        word="gamma",
        symbol=gamma,
        meaning="exponent of the one-step rate C n^-gamma",
        default=Fraction(1, 4),
        **_INSIDE,
    ),
    Notation(
        word="constant",
        symbol=C,
        meaning="constant of the one-step rate C n^-gamma",
        minimum=0.0,
        open_minimum=True,
        default=1,
    ),
    Notation(word="delta", symbol=delta, meaning="probability that the bound fails", **_INSIDE),
    Notation(word="dimension", symbol=d, meaning="dimension of the data", **_COUNT),
    Notation(
        word="bandwidth",
        symbol=h,
        meaning="standard deviation of the kernel",
        minimum=0.0,
        open_minimum=True,
        unit="unit of the data",
    ),
    Notation(word="horizon", symbol=N, meaning="number of generations covered at once", **_COUNT),
    Notation(
        word="influence",
        symbol=G,
        meaning="share of model k's one-step error that reaches model j",
        **_UNIT_INTERVAL,
    ),
    Notation(
        word="one_step_error",
        symbol=epsilon,
        meaning="TV between model k and the mixture it was trained on, or a bound on it",
        minimum=0.0,
    ),
    Notation(
        word="size", symbol=size, meaning="training points of model k", unit="points", **_COUNT
    ),
    Notation(
        word="smoothing_bias",
        symbol=b,
        meaning="TV between the real law and its smoothing by kernel k",
        **_UNIT_INTERVAL,
    ),
    Notation(
        word="noise",
        symbol=s,
        meaning="sampling error of model k, half the integral of its standard deviation",
        minimum=0.0,
    ),
    Notation(word="bias", symbol=bias, meaning="mean density of model j minus the real density"),
    Notation(word="variance", symbol=V, meaning="variance of the density of model j", minimum=0.0),
    Notation(
        word="kernel_variance",
        symbol=v,
        meaning="variance of the kernel at one training point, as a density",
        minimum=0.0,
    ),
)
r"""Every word's :class:`Notation`, in the order in which parameters are listed."""

_BY_SYMBOL = {entry.symbol: entry for entry in NOTATION.values()}


def symbol_of(symbol: Any) -> Notation | None:
    """Return the notation of a symbol, sequence or function; ``None`` if it has none."""
    return _BY_SYMBOL.get(symbol)
