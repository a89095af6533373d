"""A worker process: ``python -m empirics.sweeps.worker``, fed through its standard streams.

A request is a key and a task, a reply a flag and bytes, each with its length before it. The
process ends as soon as its input does, in the middle of a cell if need be, so it never outlives
whoever feeds it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from struct import Struct
from threading import Thread
from typing import BinaryIO

__all__ = ["LENGTH", "main", "receive", "send"]

LENGTH = Struct("<Q")
DONE, FAILED = b"1", b"0"


def send(stream: BinaryIO, *messages: bytes) -> None:
    """Write messages, each with its length before it."""
    stream.write(b"".join(LENGTH.pack(len(m)) + m for m in messages))
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """Read one message.

    Raises:
        EOFError: the stream has ended.
    """
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def main() -> None:
    """Compute what is asked for until the input ends."""
    requests, replies = _streams()
    waiting: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
    Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    # After the listener has started: a worker whose parent dies while it imports must end too.
    from empirics.sweeps.encoding import encode
    from empirics.sweeps.work import measure

    def reply(make: Callable[[], bytes]) -> None:
        try:
            send(replies, DONE, make())
        except Exception as error:
            send(replies, FAILED, _told(error).encode())

    # Encoding waits for threads more than it works, so the next cell runs meanwhile.
    with ThreadPoolExecutor(1) as sender:
        while True:
            key, task = waiting.get()
            try:
                made = partial(encode, *measure(key, task))
            except Exception as error:
                made = partial(_raise, error)
            sender.submit(reply, made)


def _raise(error: Exception) -> bytes:
    raise error


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The two channels, moved away from where a model's own prints would disturb them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, replies


def _listen(requests: BinaryIO, waiting: SimpleQueue[tuple[str, bytes]]) -> None:
    try:
        while True:
            waiting.put((receive(requests).decode(), receive(requests)))
    except EOFError:
        os._exit(0)


def _told(error: Exception) -> str:
    """The error in a line, and where in the code it was raised."""
    text = f"{type(error).__name__}: {error}".replace("\n", " ")
    frames = traceback.extract_tb(sys.exc_info()[2])
    last = frames[-1] if frames else None
    return text if last is None else f"{text} ({os.path.basename(last.filename)}:{last.lineno})"


if __name__ == "__main__":
    main()
