"""Bounds as JavaScript: the expressions of the catalogue, computed in a browser to the same digits.

The functions are printed from the trees that :mod:`bounds.evaluate` compiles; ``runtime.js`` has
the special functions, and ``evaluating.js`` refuses values as :mod:`bounds.notation` does.
"""

from bounds.javascript.library import library, literal
from bounds.javascript.printer import UnprintableError, function_of

__all__ = ["UnprintableError", "function_of", "library", "literal"]
