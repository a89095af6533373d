"""What the runs of a loop determine of a bound's parameters: sizes, shares, the generation."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from bounds import Bound, Statistic
from bounds.cycles import Custom, DataCycle, RealPlusSynthetic
from bounds.errors import HypothesisError, ParameterError
from bounds.loop_facts import LoopFacts
from bounds.notation import NOTATION
from empirics.runs import Runs

__all__ = ["DETERMINED", "refuse_contradictions", "refuse_determined", "words_of"]

Array = np.ndarray
DETERMINED = ("generation", "influence", "size")
"""Words that nobody gives who has runs."""
_CYCLE = ("n", "share", "lam", "growth")
_SAME = 1e-12
"""Relative distance at which two parameters are one, written as text or as a float."""
_WHOLE = 1e-9
"""Relative distance at which a size is an integer."""


def words_of(bound: Bound, runs: Runs, facts: LoopFacts) -> dict[str, Any]:
    """Values of the bound's words that the loop determines.

    Raises:
        HypothesisError: the sizes of the cycle are not those that the bound speaks of.
    """
    cycle, steps = runs.cycle, runs.generations
    words: dict[str, Any] = dict(facts.words)
    if facts.dimension is not None:
        words["dimension"] = facts.dimension
    words |= {"generation": np.arange(1, steps + 1), "horizon": steps, "size": cycle.sizes(steps)}
    words |= {w: v for w, v in _of_cycle(cycle).items() if w != "n"}
    if "n" in bound.parameters:
        words |= _points(bound, cycle, words["size"])
    _refuse_rounded(bound, cycle)
    return {word: value for word, value in words.items() if word in bound.parameters}


def _of_cycle(cycle: DataCycle) -> dict[str, Any]:
    return {f.name: getattr(cycle, f.name) for f in fields(cycle) if f.name in _CYCLE}


def _points(bound: Bound, cycle: DataCycle, sizes: Array) -> dict[str, Any]:
    """``n``, and the growth of the sizes where the bound has one."""
    if bound.statistic is Statistic.FIRST_GENERATION:
        return {"n": int(sizes[0])}
    if not isinstance(cycle, Custom):
        return {"n": cycle.n}
    if "growth" in bound.parameters:
        return {"n": int(sizes[0]), "growth": _growth(bound, sizes)}
    if np.ptp(sizes):
        raise HypothesisError(
            f"sizes: {bound.title!r} speaks of n points in every generation; these have"
            f" {_listed(sizes)}"
        )
    return {"n": int(sizes[0])}


def _growth(bound: Bound, sizes: Array) -> float:
    """The largest ``q`` with ``n k^q <= n_k`` for all k; sizes are that, rounded up.

    Raises:
        HypothesisError: they are not, for no ``q >= 0``.
    """
    k = np.arange(1, len(sizes) + 1)
    if len(sizes) == 1:
        return 0.0
    q = float((np.log(sizes[1:] / sizes[0]) / np.log(k[1:])).min())
    if q < 0 or np.any(sizes - sizes[0] * k**q >= 1):
        raise HypothesisError(
            f"sizes: {bound.title!r} requires n k^q points in generation k, rounded up; these have"
            f" {_listed(sizes)}"
        )
    return q


def _refuse_rounded(bound: Bound, cycle: DataCycle) -> None:
    """Refuse a closed form in lambda where the cycle rounds ``lambda n``."""
    if "lam" not in bound.parameters or not isinstance(cycle, RealPlusSynthetic):
        return
    synthetic = float(cycle.n * cycle.lam)
    if abs(synthetic - round(synthetic)) > _WHOLE * max(synthetic, 1.0):
        raise HypothesisError(
            f"sizes: {bound.title!r} requires that lambda n is an integer; it is {synthetic:.6g},"
            " which the loop rounds"
        )


def _listed(sizes: Array) -> str:
    shown = [str(n) for n in sizes[:4].tolist()]
    return ", ".join(shown) + (", ..." if len(sizes) > len(shown) else "")


def refuse_contradictions(words: dict[str, Any], params: dict[str, Any], runs: Runs) -> None:
    """Refuse parameters that are not those of the runs.

    Raises:
        ParameterError: names the first one.
    """
    for word in words.keys() & params.keys():
        given = NOTATION[word].expect(params[word], "the runs")
        if not np.allclose(given, np.asarray(words[word], dtype=float), rtol=_SAME, atol=0):
            raise ParameterError(f"{word} = {params[word]}: the runs were made with {runs.cycle!r}")


def refuse_determined(determined: Any, params: dict[str, Any]) -> None:
    """Refuse parameters that are computed from the runs.

    Raises:
        ParameterError: names them.
    """
    if given := [word for word in params if word in determined]:
        raise ParameterError(f"{', '.join(given)}: determined by the runs, must not be given")
