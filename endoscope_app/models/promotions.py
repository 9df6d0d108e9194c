"""Which model was chosen when, by whom and why: models/active.json, replaced in one step.

After kill -9 the old or the new state is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_atomically, write_error
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.base.unfinished import refuse_lost_folder
from endoscope_app.models import wording
from kd_core.schema.json_text import JsonError, read_json

ACTIVE_NAME, LOCK_NAME = "active.json", "active.lock"
PATIENCE_S = 0.3
"""Seconds: another window writes for some milliseconds."""


class Promotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who put which version into use, when (UTC, ISO 8601), and why where that was asked."""

    version: str
    utc: str
    reader: str = ""
    reason: str = ""


class TakenBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promotion that was taken back, by whom and when."""

    promotion: Promotion
    utc: str
    reader: str = ""


class Promotions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds: the last of ``history`` is the model in use.

    ``names``: version -> the name that the reader gave it.
    """

    format: int = 1
    history: tuple[Promotion, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    names: dict[str, str] = {}

    def last_of(self, version: str) -> Promotion | None:
        """The newest that put this version into use."""
        return next((item for item in reversed(self.history) if item.version == version), None)


class PromotionFile:
    """``trouble``: why the file could not be taken at its word; empty where it could."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ACTIVE_NAME
        self.trouble = ""
        self._unreadable = False

    def read(self) -> Promotions:
        """What it says; nothing where it is missing, cannot be read, or is damaged.

        A damaged one is set aside.
        """
        self._unreadable = False
        try:
            return read_json(self._path, Promotions)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:
            self.trouble, self._unreadable = wording.LIST_UNREADABLE, True
        except JsonError:
            self.trouble = wording.list_damaged(set_aside(self._path))
        return Promotions()

    def write(self, promotions: Promotions) -> None:
        """Replace it. Raises AppError."""
        self.refuse_unreadable()
        text = msgspec.json.format(msgspec.json.encode(promotions), indent=1)
        write_atomically(self._path, [text, b"\n"], wording.CHOICE_OF_MODEL)
        self.trouble = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What is read inside is still so when it is written: another window waits meanwhile.

        AppError where that one takes too long, or nothing can be written here.
        """
        lock = LibraryLock(self._path.with_name(LOCK_NAME))
        try:
            refuse_lost_folder(self._path)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            end = time.monotonic() + PATIENCE_S
            while not lock.take():
                if time.monotonic() > end:
                    raise AppError(*wording.CHANGED_ELSEWHERE)
                time.sleep(PATIENCE_S / 100)
        except OSError as error:
            raise write_error(error, wording.CHOICE_OF_MODEL) from error
        try:
            yield
        finally:
            lock.release()

    def refuse_unreadable(self) -> None:
        """Raise AppError where writing would forget what the file holds."""
        if self._unreadable:
            raise wording.list_not_changed()
