"""Memory that a process of ours has freed is used again."""

import platform
import resource

import numpy as np
import pytest

from empirics.memory import keep_freed

MEGABYTE = 2**20


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc")
def test_freed_arrays_cost_no_new_pages():
    keep_freed()
    for _ in range(3):
        start, pages = faults(), 0
        for _ in range(20):
            held = [np.ones(MEGABYTE // 8) for _ in range(20)]
            pages += sum(part.nbytes for part in held) // resource.getpagesize()
            del held
    # The last time all of them are there already.
    assert faults() - start < pages / 100
