"""Which pseudonym a DICOM file suggests, by the patient that it names. No Qt.

Nothing is kept of what files say of a patient, not even a hash: names and numbers are few enough
to be guessed from one. Files are compared anew when a suggestion is wanted, and under a key that
is gone with the program.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.media.dicom.patient import patient_mark
from endoscope_app.media.still_listing import dicom_kind
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import Entry

#: Of a folder so many files are looked at for one of DICOM.
LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``like``: the name of the file that is of the same patient; empty for a new patient."""

    pseudonym: str
    like: str = ""


class PatientMarks:
    """What is known of files while the program runs; for one thread at a time."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[tuple[Path, int, int], bytes] = {}

    def of(self, path: Path) -> bytes:
        """Of a file or a folder of stills; empty where nothing names a patient."""
        try:
            file = _dicom_in(path)
            if file is None:
                return b""
            stat = file.stat()
        except OSError:
            return b""
        state = (file, stat.st_size, stat.st_mtime_ns)
        if state not in self._known:
            self._known[state] = patient_mark(file, self._key)
        return self._known[state]


def suggested(
    chosen: Sequence[Entry], entries: Sequence[Entry], taken: Collection[str], marks: PatientMarks
) -> Suggestion | None:
    """For lines without a pseudonym that are all of one patient; ``taken``: pseudonyms that are in
    use.
    """
    if not chosen or any(entry.patient for entry in chosen):
        return None
    found = {marks.of(entry.path) for entry in chosen}
    if len(found) != 1 or not (mark := found.pop()):
        return None
    for entry in entries:
        if entry.patient and marks.of(entry.path) == mark:
            return Suggestion(entry.patient, entry.path.name)
    return Suggestion(next_pseudonym({*taken, *(entry.patient for entry in entries)}))


def next_pseudonym(taken: Collection[str]) -> str:
    """The first number after all that are in use.

    >>> next_pseudonym(["Patient 2", "patient 11", "AB"])
    'Patient 12'
    """
    pattern = re.compile(rf"{re.escape(wording.PATIENT)}\s+(\d{{1,9}})", re.IGNORECASE)
    numbers = [int(match[1]) for name in taken if (match := pattern.fullmatch(name.strip()))]
    return f"{wording.PATIENT} {max(numbers, default=0) + 1}"


def _dicom_in(path: Path) -> Path | None:
    """The file itself, or the first of DICOM in a folder. Raises OSError."""
    if not path.is_dir():
        return path
    names = sorted(os.listdir(path))[:LOOKED_AT]  # a natural order takes long over 30,000
    return next((path / name for name in names if dicom_kind(path / name)), None)
