"""One cell of a sweep: an experiment with the name of its file and its own random streams."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from empirics.data.data_set import DataFile, DataSet
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.sweeps.constructors import PARTS, known
from empirics.sweeps.describing import (
    Description,
    Finder,
    build,
    canonical,
    describe,
    digest,
    mentioned,
    with_data,
)
from empirics.sweeps.versions import code_version

__all__ = [
    "Cell",
    "Streams",
    "asked_for",
    "cell_of",
    "experiment_in",
    "experiment_of",
    "key_of",
    "made_of",
]

_Kind = TypeVar("_Kind")
_KEY_LENGTH = 32
_BESIDE = ("streams", "keep_laws")
"""Of a description, what is no argument of the experiment."""


class Streams(StrEnum):
    """The origin of a cell's random streams.

    ``CELL``: the hash of its description, and its seed; cells share no randomness. ``SEED``: the
    seed alone, as :func:`empirics.run` draws; the same numbers as without a store.
    """

    CELL = "cell"
    SEED = "seed"


@dataclass(frozen=True)
class Cell:
    """A cell of a sweep.

    Args:
        description: the experiment as plain data; it alone determines the result.
        place: what tells the cell from its neighbours in a study, such as ``{"cycle.n": 100}``.
        data: the data sets that the description names by their digests.
    """

    description: Description
    place: Mapping[str, Any] = field(default_factory=dict, compare=False)
    data: Mapping[str, DataSet] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def key(self) -> str:
        """Hash of the description and of the code that computes it; names the cell's file."""
        return key_of(self.description)

    @property
    def label(self) -> str:
        """The place in words."""
        return " ".join(f"{name}={_word(value)}" for name, value in self.place.items()) or "cell"

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that the cell describes."""
        return experiment_of(self.description, with_data(self.data))

    @property
    def task(self) -> bytes:
        """The input of a worker: the description, and where the data lies that it names."""
        sent = {digest: found.sent for digest, found in self.data.items()}
        return pickle.dumps((self.description, sent))


def asked_for(task: bytes) -> tuple[Description, Finder]:
    """The description in a worker's task, and what finds all that it names.

    Raises:
        InputError: data is not where the task says, or has changed.
    """
    description, sent = pickle.loads(task)
    data = {k: v.opened() if isinstance(v, DataFile) else v for k, v in sent.items()}
    return description, with_data(data)


def key_of(description: Description) -> str:
    """The name of a cell's file, without its ending."""
    code = code_version(mentioned(description))
    return digest({"cell": description, "code": code})[:_KEY_LENGTH]


def experiment_of(description: Description, find: Finder = known) -> Experiment:
    """The experiment of a description, with the streams that it asks for.

    Args:
        description: plain data.
        find: see :func:`empirics.sweeps.describing.build`; unless given, nothing but classes of
            this project.
    """
    given = {n: build(value, find) for n, value in description.items() if n not in _BESIDE}
    if description["streams"] == Streams.CELL:
        # Without the code's version: where code changes no number, the numbers stay the same.
        # Nor does what is recorded or kept of a loop change its numbers.
        kept = ("record", "keep_laws")
        drawn = {name: value for name, value in description.items() if name not in kept}
        given["entropy"] = int(digest(drawn), 16)
    return Experiment(**given)


def experiment_in(description: Description) -> Experiment | None:
    """The experiment that a stored file describes; see :func:`made_of`."""
    return made_of(description, experiment_of, Experiment)


def made_of(
    description: Description, make: Callable[[Description], Any], kind: type[_Kind]
) -> _Kind | None:
    """The cell that a stored file describes, if it is made of this project's parts alone.

    ``None`` also for what they refuse, in whichever way: the file may be of another version of the
    code, or say anything.
    """
    try:
        made = make(description)
    except Exception:
        return None
    return made if isinstance(made, kind) else None


def cell_of(
    experiment: Experiment,
    place: Mapping[str, Any] | None = None,
    streams: Streams = Streams.SEED,
    parts: Mapping[str, Description] | None = None,
    keep_laws: int = 0,
) -> Cell:
    """The cell of an experiment.

    Args:
        experiment: what to run.
        place: what tells it from others.
        streams: where its random streams come from.
        parts: descriptions of parts that cannot be described from the object.
        keep_laws: of how many replicates the laws are kept, see :func:`empirics.run`.

    Raises:
        InputError: a part has no canonical description.
    """
    given = {} if parts is None else parts
    own = experiment.entropy is not None and streams is Streams.SEED
    skipped = {
        "entropy": True,
        "record": not experiment.record,
        "between": experiment.between is None,
    }
    names = [f.name for f in fields(experiment) if not skipped.get(f.name)]
    described = {name: given.get(name) or _described(experiment, name) for name in names}
    if own:
        described["entropy"] = {"bits": f"{experiment.entropy:x}"}
    if keep_laws:
        described["keep_laws"] = keep_laws
    data = getattr(experiment.target, "data", None)
    return Cell(
        {**described, "streams": streams.value},
        {} if place is None else place,
        {data.digest: data} if isinstance(data, DataSet) else {},
    )


def _described(experiment: Experiment, name: str) -> Description:
    try:
        return describe(getattr(experiment, name))
    except InputError as error:
        raise InputError(f"{name} = {error}" if name in PARTS else str(error)) from None


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return canonical(value) if isinstance(value, dict | list) else str(value)
