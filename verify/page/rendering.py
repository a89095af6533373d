"""Markup from templates: every text is escaped, and the page's policy names its scripts.

A strip shows a claim's cells on one line: how many times the measurement its bound is.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from math import isfinite, log
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bounds import Bound
from verify.page.proofs import fact_anchor, sentence
from verify.verdict import Fate, GenerationVerdict, Verdict

__all__ = ["Section", "document", "rendered", "scale_strip", "script", "strip"]

_SIGNS = {
    Verdict.SUPPORTED.value: "✓",
    Verdict.VIOLATED.value: "✕",
    Verdict.INCONCLUSIVE.value: "?",
    Verdict.VACUOUS.value: "○",
    Verdict.HYPOTHESES_UNMET.value: "–",
    "not verified": "…",
    Fate.CAUGHT.value: "✓",
    Fate.SURVIVED.value: "✕",
    Fate.IDLE.value: "–",
}
"""A sign beside every verdict, so that colour is never the only one."""
_SUBJECT = re.compile(r"<mtext>([^<]*)</mtext>")
_INDEXED = re.compile(r"\b([A-Za-z]+)_(\w|\{[^{}]*\})")
_WIDTH, _HEIGHT, _EDGE = 300, 26, 12
_LOW, _HIGH = 0.5, 20.0
_TICKS = (0.5, 1, 2, 5, 10, 20)
_OFF = 6
"""Half the size of the cross of a violated cell is half of this."""


@dataclass(frozen=True)
class Section:
    """Finished markup; whoever makes one has escaped every text in it.

    Args:
        html: markup, readable without its script.
        style: CSS, in the custom properties of the page.
        script: JavaScript, run once the page has been painted.
    """

    html: str
    style: str = ""
    script: str = ""


def rendered(template: str, **values: Any) -> str:
    """One template with its values; a value that it does not get is a mistake of ours."""
    return _environment().get_template(template).render(**values)


def document(
    title: str, lead: str, sections: Sequence[Section], links: Iterable[tuple[str, str]] = ()
) -> str:
    """A whole page made of sections, which may load nothing and run only its own scripts."""
    styles = [_sheet("page.css"), *(section.style for section in sections)]
    given = list(links)
    own = [script("contents.js")] if given else []
    scripts = [_closed(text) for text in (*own, *(s.script for s in sections)) if text]
    return rendered(
        "page.html",
        title=title,
        lead=lead,
        links=given,
        sections=[Markup(section.html) for section in sections],
        style=Markup("\n".join(filter(None, styles))),
        scripts=[Markup(script) for script in scripts],
        policy=Markup(_policy(scripts)),
    )


def _policy(scripts: Iterable[str]) -> str:
    digests = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
        f" script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def _closed(script: str) -> str:
    """A text inside a script must not end it."""
    return script.replace("\r\n", "\n").replace("</", "<\\/")


def script(name: str) -> str:
    """The text of a script beside the templates."""
    return _sheet(name)


def _sheet(name: str) -> str:
    return (files("verify.page") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("verify.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(mathml=_mathml, short=_short, strip=strip)
    environment.filters.update(sentence=sentence, fact_anchor=fact_anchor)
    environment.globals["signs"] = _SIGNS
    return environment


@lru_cache(maxsize=1024)
def _mathml(bound: Bound) -> Markup:
    """The formula, with what it bounds set as mathematics too."""
    return Markup(_SUBJECT.sub(lambda match: _with_indices(match[1]), bound.mathml(), count=1))


def _with_indices(text: str) -> str:
    """``p_j`` as an index; ``text`` is escaped already."""
    pieces = _INDEXED.split(text)
    words = [f"<mtext>{piece}</mtext>" for piece in pieces]
    words[1::3] = [
        f"<msub><mi>{name}</mi><mtext>{index.strip('{}')}</mtext></msub>"
        for name, index in zip(pieces[1::3], pieces[2::3], strict=True)
    ]
    del words[2::3]
    return f"<mrow>{''.join(words)}</mrow>"


def _short(value: float) -> str:
    """Three significant digits, or a dash for what is no number."""
    return f"{value:#.3g}".removesuffix(".") if isfinite(value) else "–"


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
