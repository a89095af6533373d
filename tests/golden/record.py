"""Record golden numbers: ``python -m tests.golden.record [NAME|catalogue|streams ...]``; else all.

A number that a change is meant to move is recorded again, by name; any other difference is a fault.
"""

import json
import os
import platform
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

import bounds
from bounds.audit.sampling import at, sample
from empirics.sweeps.describing import digest
from empirics.sweeps.reading import load
from tests.golden.cases import CASES, matrices

__all__ = ["GOLDEN", "entry_points", "fingerprint", "read", "streams", "value"]

GOLDEN = Path(__file__).with_name("golden.json")
_STUDIES = Path(__file__).parents[2] / "empirics" / "studies"
_LIBRARIES = ("numpy", "scipy", "torch", "scikit-learn")
_SETTINGS = ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS")
_POINTS = 3


def fingerprint():
    """The context of floating-point results beside the code: processor, libraries, settings."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else [platform.processor()]
    kept = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return {
        "processor": sha256("\n".join(kept).encode()).hexdigest()[:16],
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        **{name: os.environ.get(name, "") for name in _SETTINGS},
    }


def entry_points(bound):
    """Fixed parameters of a catalogue entry, spread over its ranges."""
    drawn = sample(bound, _POINTS, np.random.default_rng(11))
    return [at(drawn, i, bound) for i in range(_POINTS)]


def value(bound, params):
    """The entry's float value, as a number or a list."""
    return np.asarray(bound.evaluate(**params)).tolist()


def read():
    """The recorded numbers."""
    return json.loads(GOLDEN.read_text())


def streams():
    """Digests of what the project's studies draw from: their cells in words, class paths included.

    A class that is moved or renamed, or that has one more field, changes every number of them.
    """
    return {
        path.stem: digest([cell.description for cell in load(path).cells])
        for path in sorted(_STUDIES.glob("*.toml"))
    }


def _catalogue():
    return {
        name: [{"at": params, "value": value(bound, params)} for params in entry_points(bound)]
        for name, bound in bounds.catalogue().items()
    }


def _main(names):
    kept = read() if GOLDEN.exists() else {"experiments": {}, "catalogue": {}}
    kept["made_with"] = fingerprint()
    if not names or "catalogue" in names:
        kept["catalogue"] = _catalogue()
    if not names or "streams" in names:
        kept["streams"] = streams()
    for name in [n for n in names if n not in ("catalogue", "streams")] or ([] if names else CASES):
        kept["experiments"][name] = matrices(name)
    kept["experiments"] = {name: kept["experiments"][name] for name in CASES}
    GOLDEN.write_text(json.dumps(kept, indent=0) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
