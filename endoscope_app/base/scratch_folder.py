"""Folders for images on their way to a helper process: in the reader's data folder, and gone
afterwards whatever happens.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LEFT_BEHIND_S = 24 * 3600


def private_folder(scratch: Path, prefix: str) -> tempfile.TemporaryDirectory[str]:
    """A new folder under ``scratch``.

    What a killed program left there under this prefix is removed first; a second program's fresh
    folder stays. OSError where nothing can be written.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    for left in scratch.glob(prefix + "*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND_S:
                shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=scratch, ignore_cleanup_errors=True)
