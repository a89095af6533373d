"""What is known of an expression alone: signs, directions, leading terms, limits, certificates."""
