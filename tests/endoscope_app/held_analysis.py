"""Holds the analysis of one file in its middle, so that a test may cancel or replace it however
fast the machine is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from endoscope_app.analysis.frame_analysis import Analysis


@contextmanager
def analysis_held(path: Path) -> Iterator[threading.Event]:
    """An analysis of ``path`` goes no further than each worker's first batch until it is
    stopped or the event is set.
    """
    released = threading.Event()
    hand_over = Analysis._hand_over

    def held(analysis: Analysis, *batch: Any) -> None:
        hand_over(analysis, *batch)
        while (
            analysis._frames.info.path == path and not analysis.stopped and not released.wait(0.02)
        ):
            pass

    with patch.object(Analysis, "_hand_over", held):
        yield released
