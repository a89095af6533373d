"""The end of every command of this project: one line for a mistake, and the exit status.

Nothing heavy is imported here, so an interrupt that comes while libraries load is met already.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import unicodedata
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from bounds.errors import ParameterError, UserError
from bounds.interrupts import INTERRUPTED, leave

__all__ = [
    "INTERRUPTED",
    "MISTAKE",
    "Parser",
    "answer",
    "existing_file",
    "pairs_of",
    "path_of",
    "path_text",
    "plain",
    "run_command",
    "say",
    "warn",
]

MISTAKE = 2
_OUTPUT = "the standard output"
_CUT_OFF = 141
"""Status that a shell reports of a program whose reader has gone, such as ``head``."""
_SHOWN = {"L", "M", "N", "P", "S", "Zs"}
"""Unicode categories that steer no terminal: not control, format, surrogate or line separator."""
_heard: list[int] = []
"""Signals that asked this process to stop."""


class Parser(ArgumentParser):
    """A parser whose mistakes are errors, told like any other."""

    def error(self, message: str) -> NoReturn:
        """Raise a mistake in the arguments as the project's own error."""
        raise ParameterError(f"{self.prog}: {message}")


def path_text(text: str) -> str:
    """The path of a file or folder as it was given: what a parser makes of such an argument.

    Raises:
        ArgumentTypeError: nothing was given, which would stand for the folder one is in.
    """
    if not text:
        raise ArgumentTypeError("'': must be the path of a file or folder")
    return text


def path_of(text: str) -> Path:
    """The path that an argument names.

    Raises:
        ArgumentTypeError: nothing was given.
    """
    return Path(path_text(text))


def existing_file(option: str, path: Path) -> Path:
    """The path of a file that is there.

    Raises:
        ParameterError: it is not.
    """
    if not path.is_file():
        raise ParameterError(f"{option} {path}: no such file")
    return path


def plain(text: object) -> str:
    r"""A text on one line, with everything that would steer a terminal made visible.

    >>> print(plain("two\nlines \x1b[2J"))
    two\nlines \x1b[2J
    """
    return "".join(c if _is_shown(c) else c.encode("unicode_escape").decode() for c in str(text))


def _is_shown(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind in _SHOWN or kind[0] in _SHOWN


def say(text: object) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{plain(text)}\n")


def warn(text: object) -> None:
    """A line about how it went."""
    sys.stderr.write(f"{plain(text)}\n")


def answer(command: Callable[[], int]) -> int:
    """Run a command and return its status; whatever it raises becomes one line and a status.

    A mistake of the user, and an error that nobody foresaw, end with 2; an interrupt with 130; a
    reader of the output that has gone, with 141 and no line. ``python -X dev`` shows where an
    unforeseen error came from.
    """
    try:
        return command()
    except SystemExit:
        raise
    # Libraries turn an interrupt within their imports into errors of their own, and may panic.
    except BaseException as error:
        if _heard or isinstance(error, KeyboardInterrupt):
            warn("interrupted")
            return INTERRUPTED
        if isinstance(error, OSError) and error.filename == _OUTPUT:
            return _without_output(error)
        return _mistaken(error)


def _mistaken(error: BaseException) -> int:
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror or text}"
    elif not isinstance(error, UserError):
        text = f"{type(error).__name__}: {text}".removesuffix(": ")
    warn(f"error: {text}")
    return MISTAKE


def _without_output(error: OSError) -> int:
    """The status where the standard output takes no more, which from here on goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return _CUT_OFF if isinstance(error, BrokenPipeError) else _mistaken(error)


class _Output(FileIO):
    """The standard output, whose errors say that they are its own."""

    def write(self, data: Any) -> int:
        """Write as much as goes."""
        try:
            return super().write(data)
        except OSError as error:
            raise OSError(error.errno, error.strerror, _OUTPUT) from None


def run_command(main: Callable[[], int]) -> NoReturn:
    """Run ``main`` as what this process is for, and end the process with its status.

    An interrupt, and a batch system's way of saying stop, end it with one word and status 130,
    also while modules are imported and while the interpreter closes down.
    """
    sys.unraisablehook = _unraisable
    _hear(_interrupt)
    try:
        status = _status(main)
    except KeyboardInterrupt:  # a second one, while the first was answered
        status = INTERRUPTED
    _hear(leave)
    if status == INTERRUPTED:
        # Python would end by the signal where it came while a text was executed, as dataclasses do.
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _hear(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _status(main: Callable[[], int]) -> int:
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (lives as long as the process)
    if sys.stdout is None:
        warn(f"error: {_OUTPUT} is closed")
        return MISTAKE
    sys.stdout = TextIOWrapper(
        BufferedWriter(_Output(sys.stdout.fileno(), "wb", closefd=False)),
        encoding=sys.stdout.encoding,
        errors="replace",
        line_buffering=sys.stdout.isatty(),
    )
    try:
        status = answer(main)
    except SystemExit as stop:  # how argparse ends after its help
        status = stop.code if isinstance(stop.code, int) else 0
    try:
        sys.stdout.flush()
    except OSError as error:
        return _without_output(error)
    return status


def _interrupt(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    """An interrupt that came where nothing can be raised ends the process there."""
    if found.exc_type is KeyboardInterrupt:
        leave()
    sys.__unraisablehook__(found)


def pairs_of(texts: Sequence[str]) -> dict[str, Any]:
    """Values by their keys, from texts such as ``n=1000`` and ``size=1,2,5``.

    Raises:
        ParameterError: another form, or a key given twice.
    """
    pairs = [_pair(text) for text in texts]
    keys = [key for key, _ in pairs]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise ParameterError(f"{twice[0]}: given {keys.count(twice[0])} times, must be given once")
    return dict(pairs)


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ParameterError(f"{text!r}: must be key=value, such as n=1000 or gamma=1/4")
    return key, value.split(",") if "," in value else value
