"""Which properties of a bound are proved, tested, or fail; proofs are data that re-check."""

from bounds.audit.properties import Audit, Property, Status, audit

__all__ = ["Audit", "Property", "Status", "audit"]
