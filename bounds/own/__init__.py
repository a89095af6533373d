"""Bounds of a user's own: text and expressions that are accepted, made stable, and defined."""
