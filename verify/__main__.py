"""Claims and samples from the command line.

``python -m verify [CLAIM ...]`` tests claims and keeps what it found, ``python -m verify report``
writes a page about it, ``python -m verify audit REAL.npy GEN1.npy ...`` audits samples,
``python -m verify list`` shows the claims, and ``python -m verify self-test`` measures the error
rates of the verdicts themselves on planted truth. Exit status 1 means that something is violated, 2
that the user made a mistake, which is answered in one line.
"""

from __future__ import annotations

from collections.abc import Sequence

from bounds.command_line import answer, run_command

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""

    def run() -> int:
        # Imported within what an interrupt is heard in: the libraries take a second.
        from verify.commands import command

        return command(arguments)

    return answer(run)


if __name__ == "__main__":
    run_command(main)
