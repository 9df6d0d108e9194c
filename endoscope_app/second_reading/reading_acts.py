"""Beginning and finishing a second reading, as acts of the history. No Qt."""

from __future__ import annotations

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import SECOND_SCOPE, Act, RowChange
from endoscope_app.labels.library.second_reading_records import SecondReading
from endoscope_app.second_reading import wording


def begun(store: LabelStore, reading: SecondReading) -> Act:
    """The second reading is under way, for the first time or again."""
    before = store.read.second_reading(reading.fingerprint)
    row = RowChange("second_readings", reading.fingerprint, before, reading)
    return Act(wording.begun_title(reading.reader), (row,), scope=SECOND_SCOPE)


def finished(store: LabelStore, fingerprint: str) -> Act:
    """It is finished. KeyError where there is none."""
    before = store.read.second_reading(fingerprint)
    if before is None:
        raise KeyError(fingerprint)
    after = SecondReading(fingerprint, before.reader, before.hides_model, "finished")
    row = RowChange("second_readings", fingerprint, before, after)
    return Act(wording.finished_title(before.reader), (row,), scope=SECOND_SCOPE)
