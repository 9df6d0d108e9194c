"""A label counts the same wherever labels are counted, also where it is none of the classes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from endoscope_app.base.table_dialog import NamedTable
from endoscope_app.labels.commands import EXPORT_LABELS, PATIENTS
from endoscope_app.labels.exchange.export_dialog import ExportDialog
from endoscope_app.labels.patients_dialog import PatientsDialog
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, go, ready
from tests.model_factory import make_model_dir
from tests.present import present

LABELS = 2  # the column of the patients' table


def test_patients_and_export_count_the_same_labels(qtbot: QtBot, tmp_path: Path) -> None:
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, make_clip(tmp_path / "procedure.mp4", count=20))
        give(session, {0: "X"})
        assert counted(session) == ("1", "This procedure (1 label)")
        give(session, {5: "1"})
        for frame, key in ((10, "I"), (12, "O")):
            go(session, frame)
            session.press(key)
        session.press("2")
        assert counted(session) == ("3", "This procedure (3 labels)")


def counted(session: Session) -> tuple[str, str]:
    """What the table of patients and the export say, each opened and closed again."""
    window = session.app.window
    window.action(PATIENTS).trigger()
    patients = window.findChildren(PatientsDialog)[-1]
    labels = present(present(patients.findChild(NamedTable)).item(0, LABELS)).text()
    patients.close()
    window.action(EXPORT_LABELS).trigger()
    export = window.findChildren(ExportDialog)[-1]
    here = export.findChildren(QRadioButton)[0].text()
    export.close()
    return labels, here
