"""Where things live: shipped resources beside the program, the reader's data under
platformdirs' folder or ``--data-dir``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.known_folders import where
from endoscope_app.base.permissions import keep_private, make_private
from endoscope_app.base.unfinished import keep_notes_in
from kd_core.schema.model_files import REPLAY_NAME

APP_NAME = "endoscope-app"
FOLDERS = (
    "predictions",
    "labels",
    "reports",
    "models",
    "runs",
    "scratch",
    "cache",
    "added",
    "joined",
)
FILES = ("settings.json", "recent.json", "endoscope-app.log")


def resources_dir() -> Path:
    """The shipped resources: of the checkout (editable install), or where a regular install
    puts data files.
    """
    checkout = Path(__file__).resolve().parents[2] / "resources"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / APP_NAME


def shipped_model() -> Path:
    """The student that ships with the program."""
    return resources_dir() / "models" / "student"


def shipped_replay() -> Path:
    """What the student that ships remembers old classes by, for retraining."""
    return resources_dir() / "models" / REPLAY_NAME


def shipped_teachers() -> list[Path]:
    """The folders of the teachers that ship with the program, by name; none where it was
    installed without them.
    """
    return sorted(
        card.parent for card in (resources_dir() / "models" / "teachers").glob("*/card.json")
    )


def demo_clip() -> Path:
    """The synthetic demo procedure."""
    return resources_dir() / "demo" / "phantom.mp4"


def asked_root(chosen: str | None) -> Path:
    """The folder that is meant, wherever it may lie now."""
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


@dataclass(frozen=True, slots=True)
class DataDir:
    """The reader's folder.

    ``writable`` is found by writing, because permissions alone do not tell on every system.
    """

    root: Path
    writable: bool

    @classmethod
    def open(cls, chosen: str | None) -> DataDir:
        """Make the folder where it is missing.

        A folder that cannot be written is used read-only; a file in its place is refused.

        It holds names and images of patients: the folder and what is ours in it become the reader's
        alone, and so does whatever the process creates from now on.
        """
        keep_private()
        folder = cls.named(chosen)
        root = folder.root
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root):
                pass
        except OSError:
            return folder
        make_private(root, FOLDERS, FILES)
        found = cls(root, os.access(root, os.W_OK))
        if found.writable:
            keep_notes_in(found.scratch)
        return found

    @classmethod
    def named(cls, chosen: str | None) -> DataDir:
        """The folder as it is, only to be read. Raises AppError for a file in its place."""
        root = where(asked_root(chosen))
        if root.exists() and not root.is_dir():
            raise AppError(wording.is_file(root), wording.NAME_A_FOLDER)
        return cls(root, False)

    @property
    def predictions(self) -> Path:
        """Analyses, one file a (source, model version)."""
        return self.root / "predictions"

    @property
    def labels(self) -> Path:
        """The label library, its backups and the images of labelled frames."""
        return self.root / "labels"

    @property
    def added(self) -> Path:
        """Procedures that a command left for the worklist of the window."""
        return self.root / "added"

    @property
    def joined(self) -> Path:
        """Which videos, in which order, are one procedure: a folder each."""
        return self.root / "joined"

    @property
    def reports(self) -> Path:
        """Signed reports, a folder each procedure."""
        return self.root / "reports"

    @property
    def models(self) -> Path:
        """The reader's own models, and which one is active."""
        return self.root / "models"

    @property
    def runs(self) -> Path:
        """Retrainings, one folder each."""
        return self.root / "runs"

    @property
    def scratch(self) -> Path:
        """Images on their way to a helper process: they show a patient, so they stay here and
        not in the system's folder.
        """
        return self.root / "scratch"

    @property
    def cache(self) -> Path:
        """What libraries keep to be faster next time: nothing of a reader's, and it may be
        deleted at any time.
        """
        return self.root / "cache"

    @property
    def settings_file(self) -> Path:
        """The reader's settings."""
        return self.root / "settings.json"

    @property
    def recent_file(self) -> Path:
        """Recently opened procedures."""
        return self.root / "recent.json"

    @property
    def log_file(self) -> Path:
        """The log; it never holds names of patients, procedures or files."""
        return self.root / "endoscope-app.log"
