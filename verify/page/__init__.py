"""The report a person reads: one page made of sections."""
