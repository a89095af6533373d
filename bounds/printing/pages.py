"""Bounds and proofs as pages of text and as LaTeX, alone or with everything below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bounds.audit import Audit
from bounds.bound import Bound
from bounds.catalogue import get
from bounds.facts import FACTS
from bounds.printing.typeset import unicode
from bounds.proof import Known, Step
from bounds.questions.proving import Node
from bounds.references import REFERENCES
from bounds.statement import Constants, Side, Statement

__all__ = [
    "audit_lines",
    "described",
    "proof_latex",
    "proof_lines",
    "properties",
    "snippet",
    "step_count",
    "tree_lines",
]

_RELATION = {
    Side.UPPER: "at most",
    Side.LOWER: "at least",
    Side.PREDICTION: "about",
    Side.EXACT: "exactly",
}
_FREE = "; values and pictures take the default, a verdict needs a constant of yours"


def snippet(bound: Statement) -> str:
    """Return LaTeX that compiles as it is: comments on what it needs and says, one equation."""
    hypotheses = (f"{item.name}: {item.text}" for item in bound.hypotheses)
    said = [f"% {line}" for line in (bound.title, *hypotheses, str(bound.source))]
    equation = [r"\begin{equation*}", f"  {bound.latex()}", r"\end{equation*}"]
    return "\n".join([r"% needs \usepackage{amsmath, amssymb}", *said, *equation])


def described(bound: Bound) -> Iterator[str]:
    """Yield the lines of ``show``, from the statement to the properties."""
    yield f"{bound.title} ({bound.name})"
    yield from (bound.statement, "")
    yield f"{bound.subject} is {_RELATION[bound.side]}"
    yield from (f"    {line.rstrip()}" for line in unicode(bound.formula).splitlines())
    yield from ("", "Hypotheses")
    yield from (f"    {item.name}: {item.text}" for item in bound.hypotheses)
    yield from ("Parameters", *(f"    {entry.description}" for entry in bound.symbols))
    if bound.inputs:
        yield f"    or computed from: {', '.join(bound.inputs)}"
    yield f"Side       {bound.side}"
    yield f"Statistic  {bound.statistic}"
    free = bound.constants is Constants.FREE
    yield f"Constants  {bound.constants}{_FREE if free else ''}"
    yield f"Tight      {bound.tight}"
    yield f"Source     {bound.source}"
    yield from _proof(bound)
    yield from ("Properties", *(f"    {line}" for line in properties(bound.audit())))


def _proof(bound: Bound) -> Iterator[str]:
    """The line on the proof, where there is one."""
    if bound.proof and bound.proof.steps:
        checked = sum(step.check is not None for step in bound.proof.steps)
        said = f"{len(bound.proof.steps)} steps, {checked} checked by machine"
        yield f"Proof      {said}; python -m bounds proof {bound.name}"


def properties(audit: Audit) -> Iterator[str]:
    """Yield one line per property: status, name, claim."""
    widest = max((len(item.name) for item in audit.properties), default=0)
    for item in audit.properties:
        yield f"{item.status:<6}  {item.name:<{widest}}  {item.claim}"


def audit_lines(audits: Iterable[Audit]) -> Iterator[str]:
    """Yield the table of the ``audit`` command: each property with how it is known."""
    for audit in audits:
        yield audit.bound
        for line, item in zip(properties(audit), audit.properties, strict=True):
            yield f"    {line}  [{item.how}]"


def proof_lines(bound: Statement) -> Iterator[str]:
    """Yield a proof as lines: the claim, each step with its formula, what it uses, how known."""
    yield f"{bound.title} ({bound.name})"
    yield bound.statement
    yield f"Claim: {bound.latex()}"
    if bound.proof is None:
        yield "No proof is given."
        return
    if bound.proof.scope:
        yield f"Scope: {bound.proof.scope}"
    for number, step in enumerate(bound.proof.steps, start=1):
        yield from _step_lines(number, step, bound.assumed)


def _step_lines(number: int, step: Step, assumed: frozenset[str]) -> Iterator[str]:
    yield f"{number:>2}. {step.text}"
    yield from (f"        {line.rstrip()}" for line in step.unicode.splitlines())
    used = f"; uses {', '.join(step.uses)}" if step.uses else ""
    yield f"    {step.how(assumed)}{used}"


def tree_lines(tree: Node) -> Iterator[str]:
    """Yield the tree, then the proofs of all its entries, what is used first, then the facts."""
    yield from (str(tree), "")
    for node in tree.walk():
        if node.role == "entry":
            yield from (*proof_lines(get(node.name)), "")
    yield "Facts, definitions and works"
    for node in tree.walk():
        if node.name in FACTS:
            fact = FACTS[node.name]
            reference = f" [{fact.reference}]" if fact.reference else ""
            yield f"    {fact.name}: {fact.statement}{reference}"
        elif node.name in REFERENCES:
            yield f"    {node.name}: see cite()"


def proof_latex(bounds: Iterable[Statement]) -> str:
    """Return proofs in LaTeX that compiles as it is with the two named packages."""
    blocks = [r"% needs \usepackage{amsmath, amssymb, amsthm}"]
    return "\n\n".join([*blocks, *(_latex_of(bound) for bound in bounds)])


def _latex_of(bound: Statement) -> str:
    lines = [rf"\paragraph{{{_plain(bound.title)}}} {_plain(bound.statement)}"]
    lines += [r"\begin{equation*}", f"  {bound.latex()}", r"\end{equation*}"]
    if bound.proof is None:
        return "\n".join(lines)
    lines += [_plain(bound.proof.scope)] if bound.proof.scope else []
    steps = [_latex_step(step, bound.assumed) for step in bound.proof.steps]
    if steps:
        steps = [r"\begin{proof}", r"\begin{enumerate}", *steps, r"\end{enumerate}", r"\end{proof}"]
    return "\n".join([*lines, *steps])


def _latex_step(step: Step, assumed: frozenset[str]) -> str:
    formula = rf" \[ {step.latex} \]" if step.latex else ""
    used = f"; uses {', '.join(step.uses)}" if step.uses else ""
    return rf"  \item {_plain(step.text)}{formula} \emph{{({_plain(step.how(assumed) + used)})}}"


def _plain(text: str) -> str:
    """Escape what LaTeX would take as a command outside formulas."""
    for mark in ("\\", "&", "%", "#", "_", "^", "~", "{", "}", "$", "<", ">"):
        text = text.replace(mark, _ESCAPED.get(mark, f"\\{mark}"))
    return text


_ESCAPED = {
    "\\": "/",
    "^": r"\textasciicircum ",
    "~": r"\textasciitilde ",
    "<": r"\textless ",
    ">": r"\textgreater ",
}


def step_count(bounds: Iterable[Statement]) -> dict[Known, int]:
    """Return how many steps of the bounds' proofs are checked, cited and argued."""
    found = [
        step.known(bound.assumed)
        for bound in bounds
        for step in (bound.proof.steps if bound.proof else ())
    ]
    return {kind: found.count(kind) for kind in Known}
