"""Total variation from samples alone: what can be certified, and what cannot."""

from verify.samples.auditing import Audit, AuditRow, audit
from verify.samples.interval import TVInterval, tv_interval

__all__ = ["Audit", "AuditRow", "TVInterval", "audit", "tv_interval"]
