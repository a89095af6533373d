"""Schedules of the learning rate during training."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi

from empirics.errors import one_of

__all__ = ["Plan", "Schedule", "schedule_named"]


class Schedule(StrEnum):
    """A factor of the learning rate.

    ``COSINE``: ``(1 + cos(pi done)) / 2``, from one to zero. ``CONSTANT``: one at every step.
    """

    COSINE = "cosine"
    CONSTANT = "constant"

    def factor(self, done: float) -> float:
        """The factor once a share ``done`` in [0, 1) of the steps has been made."""
        return 0.5 * (1 + cos(pi * done)) if self is Schedule.COSINE else 1.0


def schedule_named(name: str) -> Schedule:
    """The schedule of this name.

    Raises:
        InputError: there is none.
    """
    return Schedule(one_of("schedule", name, [schedule.value for schedule in Schedule]))


@dataclass(frozen=True)
class Plan:
    """The training plan of a network.

    Args:
        steps: of the optimiser.
        batch_size: training points per step.
        learning_rate: of Adam at the start.
        schedule: its later course.
        averaging: decay of the moving average of the weights, whose end is the trained network.
    """

    steps: int
    batch_size: int
    learning_rate: float
    schedule: Schedule
    averaging: float

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self.learning_rate * self.schedule.factor(step / self.steps)

    def kept(self, step: int) -> float:
        """Decay of the average at a step: smaller at first, so that the start is forgotten."""
        return min(self.averaging, (1 + step) / (10 + step))
