"""Total-variation bounds for self-consuming loops, as symbolic objects."""
