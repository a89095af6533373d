"""Bounds held against measurements: verdicts with a stated confidence.

What a name needs is imported when it is first used, so that commands answer an interrupt from their
start.
"""

# First, so that an interrupt is answered from here on.
import bounds.interrupts  # noqa: F401

# isort: split

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bounds.version import __version__

if TYPE_CHECKING:
    from bounds.hypotheses import LoopFacts
    from empirics.distances import TVInterval, tv_interval
    from empirics.runs import Runs
    from verify.checking import check, check_study
    from verify.comparing import comparison
    from verify.controls import Control
    from verify.samples import audit
    from verify.statistics import MeanInterval
    from verify.values import along, kde_setting
    from verify.verdict import ControlOutcome, GenerationVerdict, Verdict, Verdicts

__all__ = [
    "Control",
    "ControlOutcome",
    "GenerationVerdict",
    "LoopFacts",
    "MeanInterval",
    "Runs",
    "TVInterval",
    "Verdict",
    "Verdicts",
    "__version__",
    "along",
    "audit",
    "check",
    "check_study",
    "comparison",
    "kde_setting",
    "tv_interval",
]

_HOMES = {
    "LoopFacts": "bounds.hypotheses",
    "Runs": "empirics.runs",
    **dict.fromkeys(("check", "check_study"), "verify.checking"),
    "comparison": "verify.comparing",
    "Control": "verify.controls",
    "MeanInterval": "verify.statistics",
    **dict.fromkeys(("TVInterval", "tv_interval"), "empirics.distances"),
    "audit": "verify.samples",
    **dict.fromkeys(("along", "kde_setting"), "verify.values"),
    **dict.fromkeys(
        ("ControlOutcome", "GenerationVerdict", "Verdict", "Verdicts"), "verify.verdict"
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
