"""A Python that has imported the libraries already, and none of our modules.

Where a test is about what a command says or leaves behind, and not about how a process comes to
life, it starts the command with :attr:`Warm.python` in the place of ``sys.executable``: the same
process, forked from an interpreter that has paid for NumPy, SciPy, SymPy and Polars once. Our own
modules are imported by each command anew. Stopping or killing it stops or kills the command, and
its status is the command's; limits that a process hands to its children do not reach it.

As ``python warm.py SOCKET`` this file is that interpreter.
"""

import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["THIRD_PARTY", "Warm"]

THIRD_PARTY = (
    "concurrent.futures.thread",
    "flint",
    "jaxtyping",
    "jinja2",
    "matplotlib.pyplot",
    "msgspec",
    "polars",
    "rich.progress",
    "rich.table",
    "scipy.fft",
    "scipy.optimize",
    "scipy.stats",
    "sympy",
    "threadpoolctl",
    "tueplots.bundles",
)
_STUB = """#!{python} -IS
import json, os, signal, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
order = {{"arguments": sys.argv[1:], "cwd": os.getcwd(), "environment": dict(os.environ)}}
socket.send_fds(server, [b"."], [0, 1, 2])
server.sendall(json.dumps(order).encode() + b"\\n")
answers = server.makefile("r")
command = int(answers.readline())
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(command, number))
status = int(answers.readline() or -signal.SIGKILL)
if status < 0:
    signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
    os.kill(os.getpid(), -status)
os._exit(status)
"""


class Warm:
    """The interpreter, and the program that starts commands from it.

    Args:
        cold: use ``sys.executable`` itself, as where processes cannot be watched.
    """

    def __init__(self, cold: bool = not hasattr(os, "pidfd_open")) -> None:
        self.python = sys.executable
        self._folder, self._server = None, None
        if not cold:
            self._folder = Path(tempfile.mkdtemp(prefix="warm"))
            self._start(self._folder)

    def _start(self, folder: Path) -> None:
        address = str(folder / "s")
        program = folder / "python"
        program.write_text(_STUB.format(python=sys.executable, address=address))
        program.chmod(0o755)
        self._server = subprocess.Popen(
            [sys.executable, __file__, address, program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        if self._server.stdout.readline() != b"ready\n":
            raise RuntimeError("the interpreter with the libraries did not start")
        self.python = str(program)

    def close(self) -> None:
        """End the interpreter."""
        if self._server is not None:
            self._server.stdin.close()
            self._server.wait()
            self._server.stdout.close()
            shutil.rmtree(self._folder)


class Server:
    """Forks a process for each command that is asked for, and tells how it ended."""

    def __init__(self, address: str) -> None:
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(address)
        self.listening.listen(64)
        self.callers: dict[int, tuple[int, socket.socket]] = {}  # by the process's descriptor

    def serve(self) -> dict | None:
        """In the process of a command, what it is to do; ``None`` when the input has ended."""
        while True:
            callers = (caller for _, caller in self.callers.values())
            watched = [0, self.listening, *self.callers, *callers]
            for found in select.select(watched, [], [])[0]:
                if found == 0:
                    return None
                if found is self.listening:
                    if (order := self._begun(*self.listening.accept())) is not None:
                        return order
                elif found in self.callers:
                    self._ended(found)
                elif found.fileno() >= 0:
                    self._forsaken(found)

    def _begun(self, caller: socket.socket, _: object) -> dict | None:
        try:
            order, streams = _order(caller)
        except (OSError, ValueError):  # killed before it had asked
            caller.close()
            return None
        process = os.fork()
        if not process:
            return {**order, "streams": streams}
        for stream in streams:
            os.close(stream)
        with suppress(OSError):
            caller.sendall(f"{process}\n".encode())
        self.callers[os.pidfd_open(process)] = process, caller
        return None

    def _ended(self, descriptor: int) -> None:
        process, caller = self.callers.pop(descriptor)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(descriptor)
        with suppress(OSError):
            caller.sendall(f"{status}\n".encode())
        caller.close()

    def _forsaken(self, gone: socket.socket) -> None:
        """Whoever asked is gone: so is its command."""
        for process, caller in self.callers.values():
            if caller is gone:
                os.kill(process, signal.SIGKILL)


def main(address: str, program: str) -> None:
    """Import the libraries, say so, and serve."""
    server = Server(address)
    for name in THIRD_PARTY:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    order = server.serve()
    if order is not None:
        run(**order, program=program)


def _order(caller: socket.socket) -> tuple[dict, list[int]]:
    _, streams, _, _ = socket.recv_fds(caller, 1, 3)
    with caller.makefile("rb") as words:
        return json.loads(words.readline()), streams


def run(
    arguments: list[str], cwd: str, environment: dict, program: str, streams: list[int]
) -> None:
    """Do what ``python ARGUMENTS`` does."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    os.closerange(3, 256)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.executable = program
    sys.path[0:1] = [p or cwd for p in environment.get("PYTHONPATH", "").split(os.pathsep)]
    kind, *rest = arguments
    if kind == "-m":
        sys.argv = rest
        sys.path.insert(0, cwd)
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path.insert(0, cwd)
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = arguments
        sys.path.insert(0, str(Path(kind).resolve().parent))
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
