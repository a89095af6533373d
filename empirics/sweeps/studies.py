"""The places of studies: a path, or the studies that come with the project."""

from __future__ import annotations

from pathlib import Path

from bounds.errors import did_you_mean
from empirics.errors import InputError

__all__ = ["SpecError", "path_of_study"]

_STUDIES = Path(__file__).parents[1] / "studies"


class SpecError(InputError):
    """A study that cannot be run as it is written."""


def path_of_study(spec: str) -> Path:
    """The file of a study: the one at this path, or the project's own of this name.

    Raises:
        SpecError: it looks like a name, and no study of the project has it.
    """
    path, shipped = Path(spec), _STUDIES / f"{spec}.toml"
    if path.exists() or path.name != spec or path.suffix:
        return path
    if not shipped.exists():
        known = sorted(study.stem for study in _STUDIES.glob("*.toml"))
        raise SpecError(
            f"{spec}: no such file, nor a study of the project{did_you_mean(spec, known)}"
        )
    return shipped
