"""Bounds held against measurements: verdicts with a stated confidence."""

from bounds.loop_facts import LoopFacts
from empirics.runs import Runs
from verify.checking import check
from verify.controls import Control
from verify.intervals import MeanInterval
from verify.samples import TVInterval, audit, tv_interval
from verify.studies import check_study
from verify.values import kde_setting
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
    "audit",
    "check",
    "check_study",
    "kde_setting",
    "tv_interval",
]
