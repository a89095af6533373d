"""A claim's cells on one line: how many times the measurement its bound is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite, log

from markupsafe import Markup

from verify.verdict import GenerationVerdict, Verdict

__all__ = ["scale_strip", "strip"]

_WIDTH, _HEIGHT, _EDGE = 300, 26, 12
_LOW, _HIGH = 0.5, 20.0
_TICKS = (0.5, 1, 2, 5, 10, 20)
_OFF = 6
"""Half the size of the cross of a violated cell is half of this."""


def strip(cells: Sequence[GenerationVerdict]) -> Markup:
    """Dots for cells at bound over measured; crosses where the claim is violated."""
    ratios = [c.tightness for c in cells if isfinite(c.tightness) and c.tightness > 0]
    if not ratios:
        return Markup("")
    label = (
        f"Claimed value over measured value in {len(ratios)} cells:"
        f" from {min(ratios):.3g} to {max(ratios):.3g}"
    )
    marks = dict.fromkeys(_mark(c) for c in cells if isfinite(c.tightness) and c.tightness > 0)
    return _svg(label, "".join(marks))


def scale_strip() -> Markup:
    """The ticks that belong above the strips."""
    texts = "".join(f'<text x="{_x(tick):.0f}" y="18">{_word(tick)}</text>' for tick in _TICKS)
    return _svg("Scale from one half to twenty, logarithmic", texts)


def _svg(label: str, marks: str) -> Markup:
    ticks = "".join(
        f'<line class="{"one" if tick == 1 else "tick"}" x1="{_x(tick):.0f}" x2="{_x(tick):.0f}"'
        f' y1="0" y2="{_HEIGHT}"/>'
        for tick in _TICKS
    )
    return Markup(
        f'<svg class="strip" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(label)}">{ticks}{marks}</svg>'
    )


def _mark(cell: GenerationVerdict) -> str:
    x, y = round(_x(cell.tightness)), _HEIGHT // 2
    if cell.verdict is Verdict.VIOLATED:
        arms = f"M{x - _OFF // 2} {y - _OFF // 2}l{_OFF} {_OFF}m0 -{_OFF}l-{_OFF} {_OFF}"
        return f'<path class="violated" d="{arms}"/>'
    return f'<circle class="{cell.verdict.value}" cx="{x}" cy="{y}" r="4"/>'


def _x(ratio: float) -> float:
    place = log(min(max(ratio, _LOW), _HIGH) / _LOW) / log(_HIGH / _LOW)
    return _EDGE + place * (_WIDTH - 2 * _EDGE)


def _word(tick: float) -> str:
    return "½" if tick == _LOW else f"{tick:g}"
