"""The folder of every retraining: what it learnt from, how, and what came of it. No Qt.

``runs/<id>/`` holds run.json, labels/ (the exported frames), unlabelled/ (those without a label),
events.jsonl, log.txt and candidate/.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.retraining import wording
from kd_core.schema.evidence import Evidence, read_evidence
from kd_core.schema.json_text import JsonError, read_json
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.run_files import HELD_OUT_NAME, STATE_NAME

RECORD_NAME = "run.json"
LABELS_NAME, UNLABELLED_FOLDER, CANDIDATE_NAME = "labels", "unlabelled", "candidate"
CACHE_NAME = "kd-cache"
_MOMENT, _MOST_IN_A_SECOND, _TRIES = "%Y%m%d-%H%M%S", 99, 100
_NAME = re.compile(r"\d{8}-\d{6}-\d\d")


Setting = str | bool | int | float | tuple[str, ...] | dict[str, float] | None
"""What one field of a training choice may hold, as its record is read."""


class RunRecord(msgspec.Struct, frozen=True):
    """``base``: version it started from; ``settings``: what was chosen; ``labels``: what it learns
    from, one word per label, a frame or a range, but for ``left_out``, of which there was no image;
    ``frames_left_out``: how many frames that were. ``range_step`` and ``thin_ranges``: how ranges
    were sampled. ``fixed``: procedures that a run of an earlier version of the program was the
    first to hold out or learn from.

    ``version``, ``seconds`` and ``peak_mb`` are of a candidate that was made, and
    ``training_seconds`` of the epochs that it had; ``fixed_work`` and ``training_work`` say how
    much the rest and those epochs were worth, ``frames`` how many were read. ``begun``: UTC.
    """

    base: str
    settings: dict[str, Setting]
    labels: tuple[str, ...]
    version: str = ""
    seconds: float = 0.0
    begun: str = ""
    fixed_work: float = 0.0
    training_work: float = 0.0
    training_seconds: float = 0.0
    peak_mb: float = 0.0
    left_out: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    frames: int = 0
    frames_left_out: int = 0
    range_step: int = 5
    thin_ranges: bool = True

    @property
    def frames_without_image(self) -> int:
        """How many labelled frames were left out; records of an earlier version name them only."""
        return self.frames_left_out or len(self.left_out)

    def same_work(self, other: RunRecord) -> bool:
        """Whether both ask for the same: then one that was torn away can be resumed."""
        mine, others = (
            (record.base, record.settings, record.labels, record.range_step, record.thin_ranges)
            for record in (self, other)
        )
        return mine == others


class RunFolders:
    """All runs of a reader, oldest first.

    What is damaged is passed over: a run is a record, not the labels themselves.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.root, self._now = root, now

    @property
    def held_out(self) -> Path:
        """The file of the held-out procedures, which all runs share."""
        return self.root / HELD_OUT_NAME

    @property
    def cache(self) -> Path:
        """Views and logits of teachers, which all runs share."""
        return self.root / CACHE_NAME

    def all(self) -> list[tuple[Path, RunRecord]]:
        """Folder and record of each run that has one."""
        folders = [self.root / name for name in self._names()]
        return [
            (folder, record)
            for folder in folders
            if (record := _read(folder / RECORD_NAME)) is not None
        ]

    def latest(self) -> tuple[Path, RunRecord] | None:
        """The run that began last, whatever the clock said then; None where there is none or
        its record is damaged.
        """
        names = self._names()
        record = _read(self.root / names[-1] / RECORD_NAME) if names else None
        return (self.root / names[-1], record) if record is not None else None

    def new(self, record: RunRecord) -> Path:
        """A folder of its own for a run, after all others also where the clock was set back.

        AppError where it cannot be written.
        """
        now = self._now()
        record = msgspec.structs.replace(
            record, begun=now.astimezone(UTC).isoformat(timespec="seconds")
        )
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for _ in range(_TRIES):
                folder = self.root / _name_after(self._names(), now)
                with suppress(FileExistsError):
                    folder.mkdir()
                    self.write(folder, record)
                    return folder
        except OSError as error:
            raise AppError(
                wording.NO_RUN_FOLDER, wording.NO_RUN_FOLDER_WAY_OUT, str(error)
            ) from error
        raise AppError(wording.NO_RUN_FOLDER, wording.TRY_AGAIN)

    def write(self, folder: Path, record: RunRecord) -> None:
        """Replace a run's record. AppError where it cannot be written."""
        write_atomically(
            folder / RECORD_NAME,
            [msgspec.json.format(msgspec.json.encode(record), indent=1)],
            wording.THE_RECORD,
        )

    def record(self, folder: Path) -> RunRecord | None:
        """What is written of a run; None where that is missing or damaged."""
        return _read(folder / RECORD_NAME)

    def learnt_by(self, version: str) -> frozenset[str]:
        """Labels that a model was made from or compared on; none for one that did not come from
        here.
        """
        learnt = [
            frozenset(record.labels) - frozenset(record.left_out)
            for _, record in self.all()
            if version and record.version == version
        ]
        return learnt[-1] if learnt else frozenset()

    def last_measured(self) -> RunRecord | None:
        """The last run that was done from its beginning to its end on this machine; None before
        the first.
        """
        measured = [record for _, record in self.all() if record.seconds]
        return measured[-1] if measured else None

    def evidence(self, folder: Path) -> Evidence | None:
        """The comparison with the model in use; None where there is none."""
        try:
            return read_evidence(folder / CANDIDATE_NAME)
        except (OSError, JsonError):
            return None

    def last_compared(self) -> Path | None:
        """The run that began last, where its candidate was compared and not discarded: the
        reader can look at it again.
        """
        latest = self.latest()
        if latest is None or not latest[1].version or self.evidence(latest[0]) is None:
            return None
        return latest[0]

    def can_resume(self, folder: Path) -> bool:
        """Whether kd-core would take up a run there: it refuses a candidate without the state
        that made it.
        """
        candidate = folder / CANDIDATE_NAME
        return (candidate / STATE_NAME).is_file() or not (candidate / CARD_NAME).exists()

    def discard(self, folder: Path) -> None:
        """Keep only what was said: neither candidate nor frames."""
        for name in (CANDIDATE_NAME, LABELS_NAME, UNLABELLED_FOLDER):
            shutil.rmtree(folder / name, ignore_errors=True)

    def _names(self) -> list[str]:
        """Of all folders of runs, oldest first."""
        try:
            return sorted(
                folder.name
                for folder in self.root.iterdir()
                if _NAME.fullmatch(folder.name) and folder.is_dir()
            )
        except OSError:
            return []


def _name_after(names: Sequence[str], now: datetime) -> str:
    """The moment and a number that make it come last among ``names``."""
    name = f"{now:{_MOMENT}}-00"
    if not names or names[-1] < name:
        return name
    moment, _, number = names[-1].rpartition("-")
    if int(number) < _MOST_IN_A_SECOND:
        return f"{moment}-{int(number) + 1:02d}"
    return f"{datetime.strptime(moment, _MOMENT) + timedelta(seconds=1):{_MOMENT}}-00"


def _read(path: Path) -> RunRecord | None:
    try:
        return read_json(path, RunRecord)
    except (OSError, JsonError):
        return None
