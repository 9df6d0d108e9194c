"""Folders for images on their way to a helper process: in the reader's data folder, and gone
afterwards whatever happens.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from endoscope_app.base.unfinished import Note, refuse_lost_folder


class PrivateFolder:
    """A new folder under ``scratch``. OSError where nothing can be written.

    What a killed program leaves is taken away by the next start.
    """

    def __init__(self, scratch: Path, prefix: str) -> None:
        self.path = scratch / f"{prefix}{secrets.token_hex(4)}"
        self._note = Note(self.path)
        try:
            refuse_lost_folder(self.path)
            self.path.mkdir(mode=0o700, parents=True)
        except OSError:
            self._note.done()
            raise

    def cleanup(self) -> None:
        """Remove it, whatever it holds."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._note.done()
