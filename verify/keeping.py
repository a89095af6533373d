"""Verifications kept as files: claims decided together, written whole, read with care.

The unit is the verification, not the claim: Holm's procedure runs over all cells of all claims
that were verified together, so a verdict is worth something only beside the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bounds.made_once import made_once
from empirics.sweeps.files import clear_leftovers, files_in, read_json, write_whole
from empirics.sweeps.versions import code_digest, commit, library_versions
from verify.claim import Rule
from verify.scale import Scale
from verify.verdict import ControlOutcome, Fate, GenerationVerdict, Verdict
from verify.verifying import Finding, least_supported

__all__ = [
    "Damage",
    "KeptFinding",
    "Verification",
    "code",
    "finding_in",
    "finding_record",
    "keep",
    "kept",
    "kept_of",
    "latest",
    "told",
]

_FORMAT = 1
_ROOT = Path(__file__).parents[1]
_FOLDERS = ("bounds", "empirics", "verify")
_APART = ("page", "planted.py", "__main__.py", "keeping.py", "javascript")
"""Parts that decide no verdict."""


class KeptFinding(Struct, frozen=True):
    """A claim and what became of it, as it was told when it was decided."""

    claim: str
    sentence: str
    source: str
    statistic: str
    quantifier: str
    rule: Rule
    verdict: Verdict
    seconds: float
    messages: tuple[str, ...]
    controls: tuple[ControlOutcome, ...]
    cells: tuple[GenerationVerdict, ...]

    @property
    def tested(self) -> tuple[GenerationVerdict, ...]:
        """Cells that could be tested."""
        return tuple(cell for cell in self.cells if cell.tested)

    @property
    def worst(self) -> GenerationVerdict:
        """The cell with the weakest support."""
        return least_supported(self.cells)

    @property
    def caught(self) -> int:
        """Number of false statements that were found violated."""
        return sum(control.fate is Fate.CAUGHT for control in self.controls)


def told(finding: Finding) -> KeptFinding:
    """The finding as it will be read: the same words the first time and every other."""
    claim = finding.claim
    whole = KeptFinding(
        claim.name,
        claim.sentence,
        claim.source,
        claim.statistic,
        claim.quantifier.value,
        claim.rule,
        finding.verdict,
        round(finding.seconds, 3),
        finding.messages,
        finding.controls,
        finding.rows,
    )
    return finding_in(finding_record(whole))


def finding_record(finding: KeptFinding) -> dict[str, Any]:
    """A finding as plain data; numbers that are not finite are ``None``."""
    record: dict[str, Any] = _plain(msgspec.to_builtins(finding))
    return record


def _plain(value: Any) -> Any:
    """Numbers that are not finite become null: JSON has none."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def finding_in(record: dict[str, Any]) -> KeptFinding:
    """The finding that plain data describes; what is missing takes the default.

    Raises:
        KeyError, ValueError: it is no finding, or one without cells.
    """
    cells = [{k: v for k, v in c.items() if v is not None} for c in record["cells"]]
    if not cells:
        raise ValueError("it has no cells")
    return msgspec.convert({**record, "cells": cells}, KeptFinding)


@dataclass(frozen=True)
class Damage:
    """A file, or a claim in one, that cannot be read; and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class _Content(Struct, frozen=True, kw_only=True):
    """The content of a kept verification besides its findings, which are read one by one."""

    scale: Scale
    seed: int
    code: str
    commit: str | None
    versions: dict[str, str]
    seconds: float
    made: str


class _Whole(_Content, frozen=True, kw_only=True):
    findings: list[dict[str, Any]]


class Verification(_Content, frozen=True, kw_only=True):
    """Claims that were decided together.

    Args:
        scale, seed: of their loops.
        findings: by the claims' names; of a claim that cannot be read, why.
        code: digest of what decided them, see :func:`code`.
        commit: of the code, where it is known.
        versions: of the libraries.
        seconds: run time of the loops, each counted once.
        made: when, in ISO 8601.
    """

    findings: Mapping[str, KeptFinding | Damage]

    @property
    def is_current(self) -> bool:
        """Whether the code has not changed since."""
        return self.code == code()

    @property
    def is_violated(self) -> bool:
        """Whether any claim is."""
        return any(
            isinstance(found, KeptFinding) and found.verdict is Verdict.VIOLATED
            for found in self.findings.values()
        )

    def covers(self, names: Iterable[str]) -> bool:
        """Whether every one of these claims was decided in it, and can be read."""
        return all(isinstance(self.findings.get(name), KeptFinding) for name in names)


@cache
def code() -> str:
    """Digest of the code that decides claims: bounds, loops and statistics, not documentation."""
    return made_once("code-of-claims", _digest)


def _digest() -> str:
    files = [p for folder in _FOLDERS for p in (_ROOT / folder).rglob("*.py")]
    own = [p for p in files if not set(p.relative_to(_ROOT).parts[1:]) & set(_APART)]
    return code_digest(sorted(own))[:16]


def keep(
    folder: Path, findings: Sequence[Finding], scale: Scale, seed: int, seconds: float
) -> Path:
    """Write a verification; one of the same claims by the same code is replaced.

    Args:
        folder: is made if it is not there.
        findings: of :func:`verify.verifying.verify_claims`.
        scale, seed: of their loops.
        seconds: that it took.

    Raises:
        OSError: it cannot be written; then nothing of it is there.
    """
    content = {
        "format": _FORMAT,
        "scale": scale.value,
        "seed": seed,
        "code": code(),
        "commit": commit(),
        "versions": library_versions(),
        "seconds": round(seconds, 3),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "findings": [finding_record(told(finding)) for finding in findings],
    }
    path = _path(folder, [finding.claim.name for finding in findings], scale, seed)
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    sealed = {"seal": _seal(content), "verification": content}
    write_whole(path, json.dumps(sealed, indent=1, allow_nan=False).encode())
    return path


def _path(folder: Path, names: Iterable[str], scale: Scale, seed: int) -> Path:
    text = _canonical([sorted(names), code()])
    return folder / f"{scale.value}-{seed}-{sha256(text).hexdigest()[:12]}.json"


def kept_of(folder: Path, names: Sequence[str], scale: Scale, seed: int) -> list[KeptFinding]:
    """Findings of exactly these claims, as the present code and libraries told them.

    None if there are none, if one cannot be read, or if they come of another scale or seed.
    """
    try:
        found = _read(_path(folder, names, scale, seed))
    except (OSError, ValueError, KeyError, TypeError):
        return []
    now = library_versions()
    same = found.is_current and {name: found.versions.get(name) for name in now} == now
    held = [found.findings.get(name) for name in names]
    findings = [f for f in held if isinstance(f, KeptFinding)]
    return findings if same and len(findings) == len(held) else []


def kept(folder: Path) -> tuple[list[Verification], list[Damage]]:
    """Every verification in a folder, the latest last, and the files that cannot be read.

    Raises:
        OSError: the folder is there and cannot be read.
    """
    found, damaged = [], []
    for path in files_in(folder, ".json"):
        try:
            found.append(_read(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            damaged.append(Damage(path.name, _reason(error)))
    return sorted(found, key=lambda v: v.made), damaged


def latest(
    found: Iterable[Verification], scale: Scale, seed: int, names: Iterable[str]
) -> Verification | None:
    """The best verification of a scale and seed.

    One of the present code goes before an older one, then the one with the most claims, then the
    latest.
    """
    wanted = set(names)
    fitting = [v for v in found if v.scale is scale and v.seed == seed]
    return max(
        fitting,
        key=lambda v: (v.is_current, len(wanted & set(v.findings)), v.made),
        default=None,
    )


def _read(path: Path) -> Verification:
    sealed = read_json(path.read_bytes())
    content = sealed["verification"]
    if sealed["seal"] != _seal(content):
        raise ValueError("its checksum is wrong")
    if content["format"] != _FORMAT:
        raise ValueError(f"format {content['format']!r} is not {_FORMAT}")
    told = msgspec.structs.asdict(msgspec.convert(content, _Whole))
    findings = dict(map(_finding, told.pop("findings")))
    return Verification(findings=findings, **told)


def _finding(record: dict[str, Any]) -> tuple[str, KeptFinding | Damage]:
    name = str(record["claim"])
    try:
        return name, finding_in(record)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        return name, Damage(name, _reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "cannot be read"
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return str(error)


def _seal(content: Any) -> str:
    return f"sha256:{sha256(_canonical(content)).hexdigest()}"


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, allow_nan=False).encode()
