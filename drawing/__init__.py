"""Pictures of curves, loops, verdicts and laws; every figure of the project draws with it.

Matplotlib is imported when the first picture is drawn.
"""
