"""Loops whose law is known in closed form: planted truth for bounds and for verdicts."""

from empirics.closed_form.discrete import Discrete
from empirics.closed_form.gaussian_mean import GaussianMean
from empirics.closed_form.known_shares import KnownShares
from empirics.closed_form.moments import error_variances
from empirics.closed_form.normal_fit import NormalFit

__all__ = ["Discrete", "GaussianMean", "KnownShares", "NormalFit", "error_variances"]
