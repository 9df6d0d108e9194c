"""A run that shares a teacher cache: ``python -m tests.kd_core.cache_child FOLDER FIRST COUNT VIEWS
LIMIT OUT``. Says that it is ready, waits for a line, fills the cache, a line for each step, and
keeps what it reads back.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from kd_core.data import views
from kd_core.data.views import MadeViews, ViewSource
from tests.kd_core.cached import Counting, cached
from tests.kd_core.tiny import coloured

ROUNDS = 3
CROPS = coloured(48).crops


def answers(source: ViewSource, count: int, view_count: int) -> list[NDArray[Any]]:
    """All views of all images, and what the teacher says: crops, logits, features."""
    places = np.repeat(np.arange(count), view_count)
    crops, (said,) = source.batch(places, np.tile(np.arange(view_count), count))
    return [crops.numpy(), said.logits.numpy(), said.features.numpy()]


def live(first: int, count: int, view_count: int) -> list[NDArray[Any]]:
    """The same without a cache."""
    crops = CROPS[first : first + count]
    return answers(MadeViews(crops, np.arange(count), view_count, [Counting(0)]), count, view_count)


def main(words: list[str]) -> None:
    """One run."""
    folder, out = Path(words[0]), Path(words[5])
    first, count, view_count, limit = map(int, words[1:5])
    print("ready", flush=True)
    sys.stdin.readline()
    # An output depends on its batch otherwise
    with mock.patch.object(views, "has_bf16", return_value=False):
        source = cached(
            folder, CROPS[first : first + count], [Counting(0)], count=view_count, limit=limit
        )
        for done, _ in source.fill():
            print(done, flush=True)
        for _ in range(ROUNDS):
            found = answers(source, count, view_count)
        np.savez(out, *found)


if __name__ == "__main__":
    main(sys.argv[1:])
