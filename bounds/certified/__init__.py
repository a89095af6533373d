"""Certified arithmetic: an exact walk of an expression in python-flint's balls.

Parameters enter as the rational numbers they are; sums, products and powers of rationals stay exact
while they are short; everything else is a ball that contains the true value. python-flint is
imported here and nowhere above, so that the package starts without it.
"""
