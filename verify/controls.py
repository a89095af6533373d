"""Negative controls: statements that are false, and must be found violated by the same runs.

One half of the runs tells that a control is false (it is off by a tenth or more), or makes it so;
the other half must refute it at the error rate of the verification itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds import Bound, Side, Statistic
from bounds.kde import Along
from bounds.notation import V, gamma, n, s, size, v, x
from bounds.notation import k as index
from verify.judging import Case, judge
from verify.statistics import (
    REACH,
    MeanInterval,
    runs_for_bets,
    runs_for_every,
    runs_for_mean,
    runs_for_share,
)
from verify.values import bound_values
from verify.verdict import ControlOutcome, Fate, Verdict, decide

__all__ = ["Control", "control_outcomes", "together"]

Array = np.ndarray
_OFF = 0.1
_LEAST_RUNS = 4
_EVERY = (Statistic.EVERY_RUN, Statistic.ONE_TRAINING)
_EXTREMES = (Statistic.ALL_GENERATIONS, *_EVERY)
"""One generation that refutes is enough: the statement is about all of them, or about extremes."""
_HELD_OUT, _TESTED = slice(0, None, 2), slice(1, None, 2)


class Control(StrEnum):
    """The way in which a bound is made false.

    ``SCALED``: ten percent beyond the truth, which one half of the runs estimates (exponents and
    peaks: as much as their statement says).
    ``EXPONENT``: the noise falls like ``1/n`` instead of ``n^(-1/2)``, a rate ``n^-gamma`` like
    its square. ``GENERATION``: the value of generation 1 is claimed for every generation.
    ``SIDE``: the upper bound is claimed to be a lower bound, and conversely.
    """

    SCALED = "scaled"
    EXPONENT = "exponent swapped"
    GENERATION = "generation dropped"
    SIDE = "side flipped"


def control_outcomes(
    case: Case,
    bound: Bound,
    params: dict[str, Any],
    tested: Sequence[bool],
    controls: Sequence[Control] = tuple(Control),
) -> tuple[ControlOutcome, ...]:
    """Run every control on the generations that were ``tested``."""
    if not any(tested):
        return ()
    if case.runs.replicates < _LEAST_RUNS:
        enough = f"{_LEAST_RUNS} replicates would be the least, {case.runs.replicates} were given"
        return tuple(ControlOutcome(c.value, Fate.SURVIVED, enough) for c in controls[:1])
    mask = np.asarray(tested)
    return tuple(_outcome(control, case, bound, params, mask) for control in controls)


def _outcome(
    control: Control, case: Case, bound: Bound, params: dict[str, Any], mask: Array
) -> ControlOutcome:
    false = _falsified(control, case, bound, params)
    if false is None:
        return ControlOutcome(control.value, Fate.IDLE)
    if control is Control.SCALED:
        wrong = mask
    else:
        wrong = mask & _is_off(false, _ratio(_part(false, _HELD_OUT)))
    if not wrong.any():
        return ControlOutcome(control.value, Fate.IDLE)
    test = replace(_part(false, _TESTED), limits=False)
    chain = case.statistic is Statistic.ALL_GENERATIONS
    rows = judge(test)
    rows = decide(rows, case.alpha * (1 if chain else sum(row.tested for row in rows)))
    caught = np.array([row.verdict is Verdict.VIOLATED for row in rows])
    every = control is Control.SCALED and case.statistic not in _EXTREMES
    if caught[wrong].all() if every else caught[wrong].any():
        return ControlOutcome(control.value, Fate.CAUGHT)
    needed = [_needed(false, control, j) for j in np.flatnonzero(wrong & ~caught).tolist()]
    return ControlOutcome(control.value, Fate.SURVIVED, _enough(needed, every))


def _falsified(control: Control, case: Case, bound: Bound, params: dict[str, Any]) -> Case | None:
    """The case with a false bound, or ``None`` where the control does not apply."""
    if control is Control.SCALED:
        return _scaled(case)
    if control is Control.SIDE:
        other = {Side.UPPER: Side.LOWER, Side.LOWER: Side.UPPER}.get(case.side)
        return replace(case, side=other) if other else None
    if control is Control.GENERATION:
        first = Along(*(np.broadcast_to(a[..., :1], a.shape) for a in _arrays(case.values)))
        return replace(case, values=first)
    swapped = _exponent_swapped(bound)
    if swapped.expression == bound.expression:
        return None
    return replace(case, values=bound_values(swapped, case.runs, params))


def together(
    control: Control, outcomes: Sequence[ControlOutcome], idle: str = ""
) -> ControlOutcome:
    """One outcome of several: caught if every one of them that is false is caught.

    Args:
        control: whose outcomes they are.
        outcomes: of statements, or of loops.
        idle: what is said where none of them is false.
    """
    for fate in (Fate.SURVIVED, Fate.CAUGHT):
        if found := [o for o in outcomes if o.fate is fate]:
            return found[0]
    return ControlOutcome(control.value, Fate.IDLE, idle)


def _scaled(case: Case) -> Case:
    """A tenth beyond the truth; of a prediction, the nearest value that it tolerates."""
    ratio = _ratio(_part(case, _HELD_OUT))
    if case.statistic is Statistic.ALL_GENERATIONS:
        ratio = np.full_like(ratio, ratio[-1])
    factor = ratio * (1 + _OFF if case.side is Side.LOWER else 1 - _OFF)
    if case.side is Side.PREDICTION:
        factor = factor / (1 + case.tolerance)
    return replace(case, values=Along(*(a * factor for a in _arrays(case.values))))


def _exponent_swapped(bound: Bound) -> Bound:
    faster = {
        V(x): V(x) / n,
        v(x): v(x) / n,
        s[index]: s[index] / size[index] ** 0.5,
        size[index]: size[index] ** 2,
        gamma: 2 * gamma,
    }
    return replace(bound, expression=bound.expression.xreplace(faster))


def _ratio(case: Case) -> Float[Array, "generations"]:
    """The truth over the bound: of means, of quantiles over runs, or of extreme runs."""
    tv, value = case.runs.tv, np.maximum(case.values.value, 1e-300)
    if case.statistic.is_mean:
        return np.asarray(tv.mean(axis=0) / value)
    lower = case.side is Side.LOWER
    ratio = np.broadcast_to(tv / value, tv.shape)
    if case.statistic in _EVERY:
        return np.asarray(ratio.min(axis=0) if lower else ratio.max(axis=0))
    if case.statistic is Statistic.ALL_GENERATIONS:
        ratio = (np.minimum if lower else np.maximum).accumulate(ratio, axis=1)
    return np.quantile(ratio, case.delta if lower else 1 - case.delta, axis=0)


def _is_off(case: Case, ratio: Array) -> Array:
    above, below = ratio >= 1 / (1 - _OFF), ratio <= 1 / (1 + _OFF)
    either = above | below
    sides = {
        Side.UPPER: above,
        Side.LOWER: below,
        Side.PREDICTION: either,
        Side.EXACT: either,
    }
    return np.asarray(sides[case.side])


def _part(case: Case, half: slice) -> Case:
    values = case.values
    if np.ndim(values.value) == 2:
        values = Along(*(a[half] for a in _arrays(values)))
    return replace(case, runs=case.runs.only(half), values=values)


def _arrays(values: Along) -> tuple[Array, Array]:
    return np.asarray(values.value), np.asarray(values.error)


def _enough(needed: Sequence[int | None], every: bool) -> str:
    """Number of replicates that would catch the control, in words."""
    known = [number for number in needed if number is not None]
    if not known or (every and len(known) < len(needed)):
        return "no number of replicates is enough; the numerical error must fall"
    return f"about {2 * (max(known) if every else min(known))} replicates would be enough"


def _needed(false: Case, control: Control, j: int) -> int | None:
    """Runs in the tested half that would refute generation ``j``."""
    if false.statistic.is_mean:
        return _needed_for_mean(false, control, j)
    share = _share_beyond(_part(false, _TESTED), j)
    if false.statistic in _EVERY:
        return runs_for_every(share)
    return runs_for_share(share, false.delta, false.alpha)


def _needed_for_mean(false: Case, control: Control, j: int) -> int | None:
    """A tenth of the mean is to be seen against a truth that is itself estimated, or a gap."""
    tv, error = false.runs.tv[:, j], float(false.runs.tv_error[:, j].mean())
    if control is Control.SCALED:
        return _runs_for_gap(false, j, np.sqrt(2) * tv, _OFF * tv.mean() - error)
    off = abs(tv.mean() - false.values.value[j]) - false.margin[j]
    return _runs_for_gap(false, j, tv, off - error)


def _runs_for_gap(false: Case, j: int, values: Array, gap: float) -> int | None:
    if false.method is MeanInterval.STUDENT:
        return runs_for_mean(values, gap, false.alpha)
    mean = float(false.runs.tv[:, j].mean())
    room = 1 - mean if false.side is Side.LOWER else mean
    reach = np.inf if false.scale is None else REACH * float(false.scale[j])
    return runs_for_bets(values, gap, false.alpha, min(room, reach))


def _share_beyond(false: Case, j: int) -> float:
    beyond = false.distance - false.margin > false.runs.tv_error
    if false.statistic is Statistic.ALL_GENERATIONS:
        beyond = np.logical_or.accumulate(beyond, axis=1)
    return float((beyond[:, j].sum() + 1) / (len(beyond) + 2))
