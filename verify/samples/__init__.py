"""Total variation from samples alone: what can be certified, and what cannot."""

from empirics.distances import TVInterval, tv_interval
from verify.samples.auditing import Audit, AuditRow, audit

__all__ = ["Audit", "AuditRow", "TVInterval", "audit", "tv_interval"]
