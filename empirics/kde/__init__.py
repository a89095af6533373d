"""Kernel density estimates: the model, its laws on a grid, and what runs its loops."""
