"""Total variation from samples alone: what can be certified, and what cannot."""

from empirics.distances import TVInterval, tv_interval
from verify.samples.auditing import AuditRow, SampleAudit, audit

__all__ = ["AuditRow", "SampleAudit", "TVInterval", "audit", "tv_interval"]
