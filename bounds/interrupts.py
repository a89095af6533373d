"""An interrupt before a command's first own line: one word and status 130, as after it.

Every package that is a command imports this first. Whoever uses the project as a library keeps his
own handlers.
"""

# ``signal`` would first import ``enum``, and an interrupt meanwhile would be Python's.
import _signal  # type: ignore[import-not-found]
import os
import sys

__all__ = ["INTERRUPTED", "leave"]

INTERRUPTED = 130
_COMMANDS = ("bounds", "empirics", "paper_figures", "verify")


def leave(*_: object) -> None:
    """End the process at once, wherever it is."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def _is_starting() -> bool:
    """Whether Python was asked to run one of our packages and is still looking for it."""
    if sys.argv[:1] != ["-m"]:
        return False
    return sys.orig_argv[-len(sys.argv)].removeprefix("-m") in _COMMANDS


if _is_starting():
    for _number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(_number, leave)
