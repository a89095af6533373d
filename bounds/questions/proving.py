"""The tree below a proof: facts, definitions, hypotheses and works, and its BibTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bounds.catalogue import catalogue, get
from bounds.errors import ParameterError
from bounds.facts import FACTS
from bounds.references import REFERENCES
from bounds.statement import Statement

__all__ = ["Node", "Role", "cite", "proof_tree"]


class Role(StrEnum):
    """The role of a node in a proof's tree."""

    ENTRY = "entry"
    HYPOTHESIS = "hypothesis"
    DEFINITION = "definition"
    FACT = "fact"
    WORK = "work"


@dataclass(frozen=True)
class Node:
    """A name in a proof, and what its own proof uses.

    Args:
        name: of an entry, a hypothesis, a fact, a definition, or the key of a work.
        role: which of these.
        below: what the proof of an entry uses, in order.
    """

    name: str
    role: Role
    below: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, each name once, what is used before what uses it."""
        seen: dict[tuple[Role, str], Node] = {}
        for node in self._every():
            seen.setdefault((node.role, node.name), node)
        yield from seen.values()

    def _every(self) -> Iterator[Node]:
        for node in self.below:
            yield from node._every()
        yield self

    def _lines(self, indent: str = "") -> Iterator[str]:
        yield f"{indent}{self.name}" + ("" if self.role is Role.ENTRY else f" [{self.role}]")
        for node in self.below:
            yield from node._lines(indent + "    ")


def proof_tree(bound: Statement | str) -> Node:
    """Return the tree of what the proof of a bound uses, down to facts and hypotheses.

    Args:
        bound: an entry's name, or a bound of one's own.

    Raises:
        UnknownNameError: no bound has this name.
        ParameterError: a step uses a name that nothing has, or an entry that rests on itself.
    """
    return _node(get(bound) if isinstance(bound, str) else bound, ())


def _node(bound: Statement, above: tuple[str, ...]) -> Node:
    if bound.name in above:
        raise ParameterError(f"{' -> '.join((*above, bound.name))}: a proof rests on itself")
    names = bound.proof.uses if bound.proof else ()
    path = (*above, bound.name)
    return Node(bound.name, Role.ENTRY, tuple(_child(name, bound, path) for name in names))


def _child(name: str, bound: Statement, above: tuple[str, ...]) -> Node:
    if name in catalogue():
        return _node(get(name), above)
    if name in bound.assumed:
        return Node(name, Role.HYPOTHESIS)
    if name in FACTS:
        return Node(name, Role.DEFINITION if FACTS[name].is_definition else Role.FACT)
    if name in REFERENCES:
        return Node(name, Role.WORK)
    raise ParameterError(
        f"{name}: used by the proof of {bound.name!r}, is no hypothesis of it, no entry and no fact"
    )


def cite(*bounds: Statement) -> str:
    """Return the BibTeX entries of ``bounds`` and of everything their proofs use, each once.

    A source without a published entry, such as a user's, is named in a comment line, so that
    nothing that was used is missing.
    """
    keys = dict.fromkeys(key for bound in bounds for key in _keys(bound))
    entries = [REFERENCES[key] for key in keys if key in REFERENCES]
    entries += [f"% {key}: no entry in bounds.references" for key in keys if key not in REFERENCES]
    bare = dict.fromkeys(str(bound.source) for bound in bounds if not bound.source.keys)
    return "\n\n".join([*entries, *(f"% {source}" for source in bare)])


def _keys(bound: Statement) -> Iterator[str]:
    """The bound's own keys first, then those of entries, facts and works below it."""
    yield from bound.source.keys
    for node in proof_tree(bound).walk():
        if node.role is Role.ENTRY and node.name != bound.name:
            yield from get(node.name).source.keys
        elif node.role is Role.FACT:
            yield FACTS[node.name].key
        elif node.role is Role.WORK:
            yield node.name
