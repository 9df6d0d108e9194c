"""Memory that was freed is used again: counted in the pages that the system had to map anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import resource, sys
import numpy as np
from kd_core.platform.memory_reuse import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
np.ones(1 << 24, np.float32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    np.ones(1 << 24, np.float32)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = (1 << 26) // 4096  # of one array


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks glibc")
def test_ten_arrays_in_turn_need_the_pages_of_none() -> None:
    def faults(word: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, word],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return int(done.stdout)

    assert faults("keep") < PAGES / 4
    # Without it every array is mapped anew, in pages of 4 kB or, where the system gives huge ones,
    # of 2 MB.
    assert faults("leave") >= 10 * PAGES / 512
