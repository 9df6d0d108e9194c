"""The folder of every retraining: what it learnt from, how, and what came of it. No Qt.

``runs/<id>/`` holds run.json, labels/ (the exported frames), events.jsonl, log.txt and candidate/.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from endoscope_app.errors import AppError
from endoscope_app.store.atomic import write_atomically
from kd_core.contract.model_card import CARD_NAME

RECORD_NAME = "run.json"
LABELS_NAME, CANDIDATE_NAME, PROOF_NAME = "labels", "candidate", "proof.json"
STATE_NAME = "run-state.safetensors"  # as kd-core names it, whose module would bring torch
HELD_OUT_NAME, CACHE_NAME = "held-out.json", "kd-cache"
_MOST_IN_A_SECOND = 100


class RunRecord(msgspec.Struct, frozen=True):
    """``base``: version it started from; ``settings``: what was chosen; ``labels``: what it learns from, one word a label;
    ``version`` and ``seconds`` are of a candidate that was made."""

    base: str
    settings: dict[str, Any]
    labels: tuple[str, ...]
    version: str = ""
    seconds: float = 0.0

    def same_work(self, other: RunRecord) -> bool:
        """Whether both ask for the same: then one that was torn away can be gone on with."""
        return (self.base, self.settings, self.labels) == (other.base, other.settings, other.labels)


class RunFolders:
    """All runs of a reader, oldest first. What is damaged is passed over: a run is a record, not the labels themselves."""

    def __init__(self, root: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.root, self._now = root, now

    @property
    def held_out(self) -> Path:
        """The file of the held-out procedures, which all runs share."""
        return self.root / HELD_OUT_NAME

    @property
    def cache(self) -> Path:
        """Views and answers of teachers, which all runs share."""
        return self.root / CACHE_NAME

    def all(self) -> list[tuple[Path, RunRecord]]:
        """Folder and record of each run that has one."""
        try:
            folders = sorted(folder for folder in self.root.iterdir() if (folder / RECORD_NAME).is_file())
        except OSError:
            return []
        return [(folder, record) for folder in folders if (record := _read(folder / RECORD_NAME)) is not None]

    def new(self, record: RunRecord) -> Path:
        """A folder of its own for a run, whatever the clock says. AppError where it cannot be written."""
        begun = f"{self._now():%Y%m%d-%H%M%S}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for number in range(_MOST_IN_A_SECOND):
                folder = self.root / f"{begun}-{number:02d}"
                with suppress(FileExistsError):
                    folder.mkdir()
                    self.write(folder, record)
                    return folder
        except OSError as error:
            raise AppError("The folder of the run cannot be made.", "Free some space or check the data folder.", str(error)) from error
        raise AppError("The folder of the run cannot be made.", "Try again in a second.")

    def write(self, folder: Path, record: RunRecord) -> None:
        """Replace a run's record. AppError where it cannot be written."""
        write_atomically(folder / RECORD_NAME, [msgspec.json.format(msgspec.json.encode(record), indent=1)], "The record of the run")

    def learnt_by(self, version: str) -> frozenset[str]:
        """Labels that a model was made from; none for one that did not come from here."""
        found = [one.labels for _, one in self.all() if version and one.version == version]
        return frozenset(found[-1] if found else ())

    def seconds(self, thorough: bool) -> float | None:
        """How long the last such run took on this machine; None before the first."""
        done = [one for _, one in self.all() if one.seconds and bool(one.settings.get("thorough")) == thorough]
        return done[-1].seconds if done else None

    def proof(self, folder: Path) -> dict[str, Any] | None:
        """What the comparison with the active model said; None where there is none."""
        try:
            return msgspec.json.decode((folder / CANDIDATE_NAME / PROOF_NAME).read_bytes(), type=dict[str, Any])
        except (OSError, msgspec.DecodeError):
            return None

    def can_go_on(self, folder: Path) -> bool:
        """Whether kd-core would take up a run there: it refuses a candidate without the state that made it."""
        candidate = folder / CANDIDATE_NAME
        return (candidate / STATE_NAME).is_file() or not (candidate / CARD_NAME).exists()

    def discard(self, folder: Path) -> None:
        """Keep only what was said: neither candidate nor frames."""
        for name in (CANDIDATE_NAME, LABELS_NAME):
            shutil.rmtree(folder / name, ignore_errors=True)


def _read(path: Path) -> RunRecord | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunRecord)
    except (OSError, msgspec.DecodeError):
        return None
