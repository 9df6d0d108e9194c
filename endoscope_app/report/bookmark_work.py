"""Bookmarked frames as pictures, blanked, in a folder. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.media.source import SharedFrames
from endoscope_app.report import wording
from endoscope_app.report.frame_picture import encoded
from endoscope_app.report.saved_file import save
from endoscope_app.viewing.identity_mask import without_identity

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BookmarkWork:
    """The frames of ``indices`` into ``folder``, each a PNG by its number; none is replaced."""

    frames: SharedFrames
    indices: Sequence[int]
    folder: Path

    def run(self, progress: Progress, should_stop: Callable[[], bool]) -> str:
        """How it ended, as a sentence; pictures that were saved stay where it was cancelled.

        AppError where the recording cannot be read or a picture not be written.
        """
        saved = 0
        for done, index in enumerate(self.indices):
            if should_stop():
                return wording.pictures_stopped(saved)
            progress(done, len(self.indices))
            height = self.frames.info.height
            for _, rgb in self.frames.small_frames(index, index + 1, height):
                save(self._free(index), encoded(without_identity(rgb), ".png"))
                saved += 1
        return wording.pictures_saved(saved, len(self.indices), self.folder.name)

    def _free(self, index: int) -> Path:
        """A name that no file has: those of another procedure may lie there."""
        name = Path(wording.frame_name(index))
        path, number = self.folder / name, 1
        while path.exists():
            number += 1
            path = self.folder / f"{name.stem}-{number}{name.suffix}"
        return path
