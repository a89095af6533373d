"""One generation of 1e7 points, TV included, against reading 1e7 float64 from memory once.

The read is ``np.sum`` of an array that is not in the cache (it is 80 MB, and another array is
written in between). The set-up of the grid and the target is part of ours.
"""

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, run
from empirics.models import Kde, PowerRule

pytestmark = pytest.mark.benchmark


def test_generation_of_ten_million(mixture, alternating, show):
    experiment = Experiment(
        target=mixture,
        model=Kde(PowerRule(0.55)),
        cycle=cycles.full_synthetic(n=10**7),
        generations=1,
        replicates=1,
    )
    values, other = np.ones(10**7), np.ones(10**7)
    result = run(experiment)
    times = alternating(
        {
            "flush": lambda: other.fill(1.0),
            "read": lambda: values.sum(),
            "again": lambda: other.fill(2.0),
            "ours": lambda: run(experiment),
        },
        repeats=15,
    )
    show(
        "one generation, n = 1e7",
        ("job", "milliseconds", "times a read", "TV", "TV error"),
        [
            ("read 1e7 numbers", 1e3 * times["read"], 1.0, "", ""),
            (
                "ours",
                1e3 * times["ours"],
                times["ours"] / times["read"],
                result.matrix("tv")[0, 0],
                result.matrix("tv_error")[0, 0],
            ),
        ],
    )
    assert result.matrix("tv")[0, 0] < 0.003
