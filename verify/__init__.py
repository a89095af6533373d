"""Bounds held against measurements: verdicts with a stated confidence."""

from verify.checking import check
from verify.intervals import MeanInterval
from verify.studies import check_study
from verify.values import kde_setting
from verify.verdict import GenerationVerdict, Verdict, Verdicts

__all__ = [
    "GenerationVerdict",
    "MeanInterval",
    "Verdict",
    "Verdicts",
    "check",
    "check_study",
    "kde_setting",
]
