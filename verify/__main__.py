"""Claims and samples from the command line.

``python -m verify [CLAIM ...]`` tests claims and keeps what it found, ``python -m verify report``
writes a page about it, ``python -m verify audit REAL.npy GEN1.npy ...`` audits samples,
``python -m verify list`` shows the claims, and ``python -m verify self-test`` measures the error
rates of the verdicts themselves on planted truth. Exit status 1 means that something is violated, 2
that the user made a mistake, which is answered in one line.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from bounds.catalogue import catalogue
from bounds.command_line import answer, existing_file, pairs_of, run_command
from empirics.data.paths import located
from empirics.sweeps.files import check_writable
from verify.arguments import parsed

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; without arguments, that of this process."""
    return answer(lambda: _run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: Sequence[str]) -> int:
    given = parsed(arguments)
    if given.command == "list":
        return _list()
    _check(given)
    # The libraries of the other commands take a second; neither help nor a mistake waits for them.
    from verify.commands import COMMANDS

    return COMMANDS[given.command](given)


def _check(given: Namespace) -> None:
    """Refuse what is wrong without the libraries: names, files, the form of parameters."""
    if given.command == "verify":
        from verify.claims import check_names

        check_names(given.claims)
    elif given.command == "report":
        check_writable("--out", given.out)
    elif given.command == "audit":
        for path in (given.real, *given.generations):
            located(path)
        name, *pairs = given.bound or ("",)
        if given.own:
            existing_file("--with", given.own)
        elif name:
            catalogue().check(name)
        pairs_of(pairs)


def _list() -> int:
    from empirics.sweeps.terminal import terminal
    from verify.claims import sentences

    console = terminal()
    for name, sentence in sentences().items():
        console.print(f"{name:<20}{sentence}")
    return 0


if __name__ == "__main__":
    run_command(main)
