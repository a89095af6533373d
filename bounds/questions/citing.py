"""BibTeX of exactly the works on which bounds rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["cite"]


def cite(*bounds: Bound) -> str:
    """Return the BibTeX entries of the sources of ``bounds``, each once.

    A source without a published entry, such as the project's own notes or a user's, is named in a
    comment line, so that nothing that was used is missing.
    """
    from bounds.references import REFERENCES

    keys = dict.fromkeys(key for bound in bounds for key in bound.source.keys)
    entries = [REFERENCES[key] for key in keys if key in REFERENCES]
    entries += [f"% {key}: no entry in bounds.references" for key in keys if key not in REFERENCES]
    bare = dict.fromkeys(str(bound.source) for bound in bounds if not bound.source.keys)
    return "\n\n".join([*entries, *(f"% {source}" for source in bare)])
