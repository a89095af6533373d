"""Data that means harm: values put into places of files, and a watch on what must not happen."""

import contextlib
import copy
import io
import os
import re
import subprocess

from empirics.sweeps.versions import commit

UNFORESEEN = re.compile(r"^error: \w*(Error|Exception|Exit)\b", re.MULTILINE)


def deep(levels=3000):
    """A list in a list in a list."""
    value = []
    for _ in range(levels):
        value = [value]
    return value


def values(canary):
    """Values to put where something else is expected; some would make a file if they were run."""
    touch = f"touch {canary}"
    return [
        *(None, True, -1, 0, 10**30, 1e308, -0.5, "", "x", [], {}, [[]], {"": None}),
        *("os:system", "builtins:exit", "\x1b[2J", "[/foo] [link=x]", "../../x", "\udcff"),
        {"call": "os:system", "arguments": {"command": touch}},
        {"type": "os:system", "command": touch},
        {"type": "bounds.cycles:np.save", "file": str(canary), "arr": [1]},
        {"type": "bounds.cycles:np.lib._npyio_impl.os.system", "command": touch},
        {"type": "empirics.sweeps.describing:importlib.os.system", "command": touch},
        {"call": "builtins:exit", "arguments": {}},
        {"call": "builtins:open", "arguments": {"file": str(canary), "mode": "w"}},
        {"scipy": "os", "args": [], "kwds": {}},
        {"scipy": "norm", "args": [{"call": "os:system", "arguments": {"command": touch}}]},
        {"mapping": {"a": {"call": "os:system", "arguments": {"command": touch}}}},
        {"fraction": "1/0"},
        {"fraction": touch},
        deep(30),
    ]


def changed(data, random, canary):
    """A copy of nested data in which one entry is another, or gone."""
    data = copy.deepcopy(data)
    for _ in range(random.randint(1, 2)):
        places = list(_places(data))
        if not places:
            break
        inside, key = random.choice(places)
        if random.random() < 0.2:
            del inside[key]
        else:
            inside[key] = copy.deepcopy(random.choice(values(canary)))
    return data


def damaged(data, random):
    """Bytes of a file of which some are others, and in one of four the end is missing."""
    found = bytearray(data)
    for _ in range(random.randint(1, 6)):
        found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found[: random.randrange(len(found))] if random.random() < 0.25 else found)


def _places(value):
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(entries):
        yield value, key
        if isinstance(inner, dict | list) and inner:
            yield from _places(inner)


class Watch:
    """A record of code that ran and must not, and a file that such code would leave."""

    def __init__(self, folder):
        self.canary = folder / "canary"
        self.ran = []

    def assert_quiet(self):
        assert self.ran == []
        assert not self.canary.exists()

    def run(self, main, *arguments):
        """One command: a known status, and lines for a user; returns the status and the lines."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(list(arguments))
            except SystemExit as stop:
                status = stop.code or 0
        told = err.getvalue()
        assert status in (0, 1, 2), (arguments, status, told)
        assert "Traceback" not in told
        assert not UNFORESEEN.search(told), (arguments, told)
        assert "\x1b" not in out.getvalue() + told
        if status == 2:
            assert told.splitlines()[-1].startswith("error: ") or "failed twice" in told, told
        self.assert_quiet()
        return status, told


def watched(folder, monkeypatch):
    """A watch on everything that starts a process."""
    found = Watch(folder)
    commit()  # asks Git once, and remembers
    for module, name in ((os, "system"), (os, "popen"), (subprocess, "Popen")):
        monkeypatch.setattr(module, name, lambda *a, **k: found.ran.append(a))
    return found
