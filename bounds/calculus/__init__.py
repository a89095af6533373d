"""Facts about an expression alone: signs, directions, leading terms, limits, certificates."""
