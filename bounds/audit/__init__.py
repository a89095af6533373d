"""The properties of a bound, each proved, tested or failing; proofs are data that re-check."""

from bounds.audit.properties import Audit, Property, Status, audit

__all__ = ["Audit", "Property", "Status", "audit"]
