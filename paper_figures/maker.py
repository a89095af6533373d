"""A process that makes figures whose loops are in the store: ``python -m paper_figures.maker``."""

from __future__ import annotations

import json
import pickle
from time import perf_counter

from empirics import InputError
from empirics.sweeps.worker import serve
from paper_figures.catalogue import catalogue
from paper_figures.making import make_one

__all__ = ["made"]


def made(name: str, task: bytes) -> bytes:
    """Make one figure; the seconds that it took, or why it was refused, as JSON.

    Args:
        name: the figure's.
        task: pickled: how it is made, the folder of its files, and the store. Empty: nothing is.
    """
    start = perf_counter()
    if task:
        try:
            make_one(catalogue()[name], *pickle.loads(task))
        except InputError as error:
            return json.dumps({"refused": str(error)}).encode()
        except OSError as error:
            at = "" if error.filename is None else f"{error.filename}: "
            return json.dumps({"refused": f"{at}{error.strerror or error}"}).encode()
    return json.dumps({"seconds": perf_counter() - start}).encode()


if __name__ == "__main__":
    serve(made)
