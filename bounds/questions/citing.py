"""BibTeX of exactly the works on which bounds rest, their proofs included."""

from __future__ import annotations

from collections.abc import Iterator

from bounds.catalogue import get
from bounds.facts import FACTS
from bounds.questions.proving import Role, proof_tree
from bounds.references import REFERENCES
from bounds.statement import Statement

__all__ = ["cite"]


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
