"""A dialog that compares two models, built from made evidence, and how tests read it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtWidgets import QLabel

from endoscope_app.retraining.comparison.compared_models import (
    Comparison,
    Side,
    differing,
)
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from kd_core.schema.compared import ComparedFrames
from kd_core.schema.evidence import Evidence
from tests.endoscope_app.comparison_run import CANDIDATE, CLASSES, FRAMES, evidence

Make = Callable[..., ComparisonDialog]


#: The reader's own names: the keys, but for one
NAMES = {key: key for key in CLASSES} | {"cecum": "Caecum"}


def comparison(**changed: object) -> Comparison:
    """``changed``: keys of the evidence."""
    converted = msgspec.convert(evidence(**changed), Evidence)
    compared = msgspec.convert(
        {"active": "a", "candidate": "c", "classes": CLASSES, "frames": FRAMES}, ComparedFrames
    )
    return Comparison(
        converted,
        Side("2026.11.21-aabf735b", "2026-11-21T10:25:53Z"),
        Side(CANDIDATE),
        NAMES,
        differing(compared, NAMES),
    )


def words(dialog: ComparisonDialog) -> str:
    return "\n".join(
        label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog)
    )
