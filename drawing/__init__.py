"""Pictures of curves, loops, verdicts and laws; every figure of the project draws with it.

Matplotlib is imported when the first picture is drawn.
"""

from bounds.version import __version__

__all__ = ["__version__"]
