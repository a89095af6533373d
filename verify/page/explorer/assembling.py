"""The explorer as a section of the page: its markup, its data and its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files
from math import isfinite
from typing import Any

import sympy as sp
from sympy.printing.pretty.pretty_symbology import greek_unicode

from bounds.bound import Bound
from bounds.catalogue import catalogue
from bounds.cycle_words import CYCLES
from bounds.cycles import DataCycle
from bounds.javascript import UnprintableError, function_of, library, literal
from bounds.javascript.library import cycles_script
from bounds.made_once import made_once
from bounds.notation import NOTATION
from bounds.spans import Spacing, Span, spans
from bounds.statement import TOTAL_VARIATION, Constants, Statistic
from verify.page.explorer.loops import GRIDS, KernelLoop, loop_data, loops_beside
from verify.page.explorer.measured import MeasuredCurve, speaks_of
from verify.page.explorer.views import views_data
from verify.page.rendering import Section

__all__ = ["explorer_section"]

_SCRIPTS = (
    "settings.js",
    "state.js",
    "asking.js",
    "chart.js",
    "plotting.js",
    "overlay.js",
    "saving.js",
    "controls.js",
    "cards.js",
    "panel.js",
    "loops.js",
    "link.js",
    "toolbar.js",
    "explorer.js",
)
"""Parts of one script; each uses constants of those before it only."""
_STYLES = ("explorer.css", "picture.css", "table.css")
_SHARES = ("component_weight",)
"""Sequences of weights that sum to one."""
_DECAY = Span(0.0, 3.0, 0.0, Spacing.LINEAR)
_DIGITS = 5


def explorer_section(
    measured: Sequence[MeasuredCurve], bounds: Mapping[str, Bound] | None = None
) -> Section:
    """Return the explorer of ``bounds`` with measured curves beside them.

    Args:
        measured: curves of finished loops; may be empty.
        bounds: by name; the catalogue if ``None``. A bound that a page cannot compute is listed
            with the reason.
    """
    shown = catalogue() if bounds is None else bounds
    ordered = dict(sorted(shown.items(), key=lambda item: _rank(item[1])))
    if shown is catalogue():
        printed = made_once("explorer", lambda: _printed(ordered))
    else:
        printed = _printed(ordered)
    script = "\n".join(
        (
            '"use strict";',
            *printed["scripts"],
            f"const DATA = {literal(_data(ordered, printed['bounds'], measured))};",
            *(_source(name) for name in _SCRIPTS),
        )
    )
    return Section(
        printed["markup"], "\n".join(map(_source, _STYLES)), f"(() => {{\n{script}\n}})();\n"
    )


def _printed(bounds: Mapping[str, Bound]) -> dict[str, Any]:
    """The part that is printed from the bounds alone, whatever was measured."""
    printable = {name: bound for name, bound in bounds.items() if not _unprintable(bound)}
    return {
        "scripts": [library(printable), cycles_script()],
        "bounds": [_described(name, bound, i) for i, (name, bound) in enumerate(bounds.items())],
        "markup": _markup(bounds),
    }


def _source(name: str) -> str:
    return (files("verify.page.explorer") / name).read_text(encoding="utf-8")


def _rank(bound: Bound) -> int:
    """Total variation to real data first, then what else is at most one, then the rest."""
    if bound.quantity == TOTAL_VARIATION:
        return 0
    return 1 if isfinite(bound.quantity.maximum) else 2


def _data(
    bounds: Mapping[str, Bound],
    described: Sequence[Mapping[str, Any]],
    measured: Sequence[MeasuredCurve],
) -> dict[str, Any]:
    loops = loops_beside(measured)
    return {
        "bounds": described,
        "views": views_data(bounds, loops, measured),
        "spans": spans(),
        "shares": _SHARES,
        "decay": {
            "span": {"low": _DECAY.low, "high": _DECAY.high, "scale": _DECAY.scale},
            "entry": {
                "minimum": _DECAY.low,
                "maximum": _DECAY.high,
                "openMinimum": False,
                "openMaximum": False,
                "integer": False,
                "allowed": f"a number in [{_DECAY.low:g}, {_DECAY.high:g}]",
            },
        },
        "loops": [loop_data(loop) for loop in loops],
        "symbols": {word: _symbol(entry.symbol) for word, entry in NOTATION.items()},
        "measured": [_curve_data(curve, bounds, loops) for curve in measured],
    }


def _symbol(symbol: Any) -> str:
    """A symbol as one writes it, an index after ``_``."""
    name = str(getattr(symbol, "label", symbol))
    base, _, index = name.partition("_")
    return (
        f"{greek_unicode.get(base, base)}_{{{index}}}" if index else greek_unicode.get(base, base)
    )


def _described(name: str, bound: Bound, place: int) -> dict[str, Any]:
    return {
        "name": name,
        "place": place,
        "title": bound.title,
        "group": bound.subject if bound.quantity != TOTAL_VARIATION else bound.quantity.text,
        "side": bound.side,
        "free": bound.constants is Constants.FREE,
        "maximum": _finite(bound.quantity.maximum),
        "minimum": _finite(bound.quantity.minimum),
        "sums": bound.expression.has(sp.Sum),
        "loop": _is_of_loop(bound),
        "loopGeneration": _follows_generation(bound),
        "reason": _unprintable(bound) or _without_grid(bound),
    }


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _is_of_loop(bound: Bound) -> bool:
    """Whether sequences and grids of a bound are those of a kernel-density loop."""
    return "bandwidth" in bound.inputs or bool(set(GRIDS) & set(bound.parameters))


def _follows_generation(bound: Bound) -> bool:
    """Whether grids of the loop's later generations go into a bound."""
    is_of_first = bound.statistic is Statistic.EVERY_LOOP or "kernel_variance" in bound.parameters
    return _is_of_loop(bound) and "generation" in bound.inputs and not is_of_first


@lru_cache(maxsize=1024)
def _unprintable(bound: Bound) -> str:
    try:
        function_of(bound.expression)
    except UnprintableError as error:
        return str(error)
    return ""


def _without_grid(bound: Bound) -> str:
    missing = [
        word
        for word in bound.parameters
        if word in NOTATION and NOTATION[word].is_function and word not in GRIDS
    ]
    return f"takes {', '.join(missing)} on a grid, which this page does not hold" * bool(missing)


def _curve_data(
    curve: MeasuredCurve, bounds: Mapping[str, Bound], loops: Sequence[KernelLoop]
) -> dict[str, Any]:
    numbers = {
        w: v for w, v in curve.params.items() if w in NOTATION and isinstance(v, int | float)
    }
    at = [i for i, loop in enumerate(loops) if loop.measured is curve]
    return {
        "label": curve.label,
        "kind": curve.kind or curve.label,
        "model": str(curve.params.get("model", "own")),
        "target": curve.target or "own",
        "kindOfCycle": str(curve.params.get("cycle", "own")),
        "family": curve.family,
        "params": numbers,
        "cycle": _cycle_word(curve.cycle),
        "loop": at[0] if at else None,
        "speaks": [name for name, bound in bounds.items() if speaks_of(bound, curve.cycle)],
        **{
            part: [_short(v) for v in getattr(curve, part)] for part in ("x", "mean", "low", "high")
        },
    }


def _cycle_word(cycle: DataCycle | None) -> str | None:
    """The name of the cycle among those that the page offers."""
    if not getattr(cycle, "real_start", True):
        return None
    return next((word for word, kind in CYCLES.items() if type(cycle) is kind), None)


def _short(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if isfinite(value) else None


def _markup(bounds: Mapping[str, Bound]) -> str:
    rows = "\n".join(_row(name, bound, i) for i, (name, bound) in enumerate(bounds.items()))
    return f"""<section class="explorer" id="explorer" aria-labelledby="explorer-title">
<h2 id="explorer-title">Explore the bounds</h2>
<p>Every curve is computed here, in the browser, from the bound's own expression.</p>
<p class="explorer-needs">Curves and sliders need scripts, which are off; the table does not.</p>
<div class="explorer-live" hidden></div>
<details class="explorer-table" open><summary>All {len(bounds)} bounds</summary>
<table><thead><tr><th scope="col">bound</th><th scope="col">says</th></tr></thead>
<tbody>
{rows}
</tbody></table></details>
</section>"""


def _row(name: str, bound: Bound, place: int) -> str:
    return (
        f'<tr><th scope="row">{escape(bound.title)}<br><code>{escape(name)}</code></th>'
        f"<td>{escape(bound.statement)}"
        f'<div><span id="explorer-formula-{place}">{bound.mathml()}</span></div></td></tr>'
    )
