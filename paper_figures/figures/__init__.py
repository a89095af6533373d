"""Figures, one file each; a new file with a ``FIGURE`` in it is a new figure."""
