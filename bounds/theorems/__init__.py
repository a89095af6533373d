"""One theorem, one file; :mod:`bounds.catalogue` lists them by name."""
