"""Every figure of the project: one module each, data first, then drawing."""

# First, so that an interrupt is answered from here on.
import bounds.interrupts  # noqa: F401
from bounds.version import __version__

__all__ = ["__version__"]
