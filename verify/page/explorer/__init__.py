"""The live half of the page: curves of any bounds under sliders, measured points beside them.

Every number in it comes from functions printed from the bounds' own expressions
(:mod:`bounds.javascript`), from the notation, from data cycles, or from a store of finished loops.
"""

from verify.page.explorer.assembling import explorer_section
from verify.page.explorer.measured import MeasuredCurve, measured_curves

__all__ = ["MeasuredCurve", "explorer_section", "measured_curves"]
