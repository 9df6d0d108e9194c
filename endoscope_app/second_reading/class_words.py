"""What the readers call what they said."""

from __future__ import annotations

from collections.abc import Iterable

from endoscope_app.labels import wording as label_wording
from endoscope_app.labels.library.second_reading_records import OPEN
from endoscope_app.second_reading import wording
from endoscope_app.viewing.class_names import ClassNames
from kd_core.schema.reader_labels import NONE_OF_THESE


def shown(key: str, names: ClassNames) -> str:
    """What a reader said, or what was adjudicated, in words."""
    if key == OPEN:
        return wording.LEFT_OPEN
    if key == NONE_OF_THESE:
        return label_wording.NONE_OF_THESE
    return names.shown(key) if key else wording.NOTHING_SAID


def shown_names(keys: Iterable[str], names: ClassNames) -> dict[str, str]:
    """The same for several."""
    return {key: shown(key, names) for key in keys}
