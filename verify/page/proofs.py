"""Proofs as the page shows them: steps with formulas, what each uses as links, how it is known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markupsafe import Markup, escape

from bounds import Bound, Step, proof_tree
from bounds.proof import Known
from bounds.questions.proving import Role
from bounds.references import REFERENCES

__all__ = [
    "ShownProof",
    "Used",
    "Work",
    "fact_anchor",
    "formula",
    "sentence",
    "shown_proof",
    "works",
]

_PART = re.compile(r"\s*(?=\b(?:Proved|Believed|Confirmed)\b[^.:]*:|\bBelieved, from\b)")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
_REFUSED = ("href", "style", "class", "id")
"""Attributes that LaTeX can ask for; none is part of a formula."""


@dataclass(frozen=True)
class Used:
    """An entry that a step uses.

    Args:
        name: of a hypothesis, an entry, a fact or definition, or the key of a work.
        role: which of these.
        address: where the page has it; empty if it does not.
    """

    name: str
    role: Role
    address: str


@dataclass(frozen=True)
class ShownStep:
    """A step: sentence, formula, what it uses, whether and how it is known."""

    text: str
    formula: Markup
    used: tuple[Used, ...]
    known: Known
    how: str


@dataclass(frozen=True)
class ShownProof:
    """The proof of a bound.

    Args:
        scope: what is proved and what is believed, one part each; empty if all is proved.
        steps: in order.
    """

    scope: tuple[str, ...]
    steps: tuple[ShownStep, ...]

    @property
    def checked(self) -> int:
        """Number of steps that a machine checks."""
        return sum(step.known is Known.CHECKED for step in self.steps)


@dataclass(frozen=True)
class Work:
    """A work that a proof cites: its key, and who wrote what and when."""

    key: str
    text: str

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"work-{self.key}"


def shown_proof(bound: Bound, listed: Collection[str]) -> ShownProof | None:
    """Return the proof of a bound; ``None`` if none is given.

    Args:
        bound: whose proof it is.
        listed: names of the entries that the page has.
    """
    if bound.proof is None:
        return None
    used = {node.name: node.role for node in proof_tree(bound).below}
    links = {name: Used(name, role, _address(name, role, bound)) for name, role in used.items()}
    absent = [n for n, role in used.items() if role is Role.ENTRY and n not in listed]
    links |= {name: Used(name, Role.ENTRY, "") for name in absent}
    steps = tuple(_shown(step, bound, links) for step in bound.proof.steps)
    return ShownProof(tuple(filter(None, _PART.split(bound.proof.scope))), steps)


def _shown(step: Step, bound: Bound, links: dict[str, Used]) -> ShownStep:
    return ShownStep(
        text=step.text,
        formula=formula(step),
        used=tuple(links[name] for name in step.uses),
        known=step.known(bound.assumed),
        how=step.how(bound.assumed),
    )


def _address(name: str, role: Role, bound: Bound) -> str:
    match role:
        case Role.ENTRY:
            return f"#bound-{name}"
        case Role.HYPOTHESIS:
            names = [hypothesis.name for hypothesis in bound.hypotheses]
            return f"#hypothesis-{bound.name}-{names.index(name) + 1}"
        case Role.WORK:
            return f"#work-{name}"
    return f"#{fact_anchor(name)}"


def fact_anchor(name: str) -> str:
    """Return the place of a fact on the page."""
    return f"fact-{_NO_NAME.sub('-', name.lower())}"


def works(proofs: Iterable[ShownProof]) -> list[Work]:
    """Return the works that proofs cite, each once."""
    used = (part for proof in proofs for step in proof.steps for part in step.used)
    keys = sorted({part.name for part in used if part.role is Role.WORK})
    return [Work(key, _told(REFERENCES[key])) for key in keys]


def _told(entry: str) -> str:
    """Authors, title and year of a BibTeX entry."""
    fields = dict(_FIELD.findall(entry))
    authors = fields["author"].replace(" and others", " et al.").replace(" and ", "; ")
    return f"{authors}: {fields['title']}, {fields['year']}".translate({123: None, 125: None})


@lru_cache(maxsize=1024)
def formula(step: Step) -> Markup:
    """Return the formula of a step, empty if it has none."""
    if step.mathml:
        return Markup(step.mathml)
    return _of_latex(step.latex, "block") if step.latex else Markup("")


def sentence(text: str) -> Markup:
    """Return a sentence with its formulas, which are LaTeX between dollars."""
    pieces = [_of_latex(p) if n % 2 else escape(p) for n, p in enumerate(text.split("$"))]
    return Markup("").join(pieces)


@lru_cache(maxsize=1024)
def _of_latex(text: str, display: str = "inline") -> Markup:
    """LaTeX as MathML; as it is written where it cannot be read."""
    try:
        element = Converter(display=display).convert_to_element(text)
    except Exception:  # the library has a plain Exception for every mistake
        return Markup("<code>{}</code>").format(text)
    element.set("display", "inline")  # a block stands in the middle; its limits are kept
    element.set("displaystyle", str(display == "block").lower())
    for part in element.iter():
        _mend(part)
    return Markup(tostring(element, encoding="unicode"))


def _mend(part: Element) -> None:
    """Undo the library's own escapes, which are made once more when it is written out."""
    part.text = unescape(part.text or "")
    for name in _REFUSED:
        part.attrib.pop(name, None)
    if part.text == "|":  # bars enclose: a conditioning one is written \mid
        part.attrib.update(lspace="0", rspace="0", stretchy="false")
