"""Models in their dialog: damaged, given on the command line, with a reason, renamed, exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.app import App
from endoscope_app.base.paths import DataDir
from endoscope_app.models.model_dialog import ModelDialog
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.models.models_table import NAME, ModelLine, ModelsTable
from kd_core.schema.evidence import Evidence
from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.model_checks import Checks
from kd_core.schema.taxonomy import LOWER_GI
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.inner_widgets import table_rows
from tests.endoscope_app.models_stage import button, import_and_confirm, opened, press, version
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "shipped")


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a class more than the shipped one."""
    return make_model_dir(
        tmp_path_factory.mktemp("model") / "better", classes=(*LOWER_GI, "retroflexion"), seed=1
    )


@pytest.fixture
def data(tmp_path: Path, shipped: Path, better: Path) -> Path:
    ModelRegistry(tmp_path / "data" / "models", shipped).adopt(better)
    return tmp_path / "data"


@pytest.fixture
def session(qtbot: QtBot, data: Path, shipped: Path) -> Iterator[Session]:
    with running(data, shipped) as session:
        yield session


def test_a_spoilt_model_is_not_promoted_and_nothing_changes(
    session: Session, data: Path, shipped: Path, better: Path
) -> None:
    new = version(better)
    (data / "models" / new / "student.onnx").write_bytes(b"spoilt")
    session.until(lambda: session.app.classifier is not None, "the shipped model")
    dialog = opened(session)
    press(dialog, "Use this model", new)
    session.until(lambda: "hash differs" in dialog.problem(), "the sentence")
    assert session.app.classifier.version == version(shipped)  # type: ignore[union-attr]
    assert session.app.models.registry.history() == ()
    assert button(dialog, "Use this model").isEnabled()


def test_a_loss_needs_a_typed_reason(session: Session, data: Path, better: Path) -> None:
    new = version(better)
    folder = data / "models" / new
    write_card(
        folder,
        msgspec.structs.replace(
            read_card(folder), checks=Checks(comparison=Evidence(needs_reason=("polyps",)))
        ),
    )
    dialog = opened(session)
    dialog.choose(new)
    promote, reason = button(dialog, "Use this model"), dialog.findChild(QLineEdit)
    assert not promote.isEnabled()
    assert "reason" in promote.toolTip()
    assert any(
        "Sensitivity for Polyp" in label.text() and label.isVisible()
        for label in dialog.findChildren(QLabel)
    )
    present(reason).setText("  ")
    assert not promote.isEnabled()
    present(reason).setText("polyps are not what this list is for")
    promote.click()
    session.until(lambda: bool(session.app.models.registry.history()), "the promotion")
    kept = json.loads((data / "models" / "active.json").read_text())
    assert kept["history"][0]["reason"] == "polyps are not what this list is for"


def test_with_a_model_from_the_command_line_none_is_promoted(
    qtbot: QtBot, data: Path, shipped: Path, better: Path
) -> None:
    app = App(DataDir.open(str(data)), shipped, given=better)
    app.start()
    try:
        session = Session(app)
        session.until(lambda: app.classifier is not None, "the given model")
        assert app.classifier is not None
        assert app.classifier.version == version(better)
        dialog = opened(session)
        assert "given on the command line" in dialog.note()
        for text in ("Use this model", "Go back"):
            assert not button(dialog, text).isEnabled()
            assert "command line" in button(dialog, text).toolTip()
        told: list[object] = []
        app.models.exchange.promote(version(better), "", told.append)
        assert "command line" in str(told[0])
    finally:
        app.window.close()
        app.close()
        app.window.deleteLater()
        spin(10)


def test_rename_export_import_card_and_delete(
    session: Session,
    tmp_path: Path,
    data: Path,
    better: Path,
    shipped: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = version(better)
    dialog, models = opened(session), session.app.models

    def rows() -> list[list[str]]:
        return [[dialog.text(row, column) for column in range(3)] for row in range(2)]

    assert [row[0] for row in rows()] == [version(shipped), new]
    assert [row[2] for row in rows()] == ["in use, supplied", "–"]
    dialog.rename_requested.emit(new, "evening")
    assert rows()[1][1] == "evening"
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setattr(models.list.files, "folder", lambda *_: stick)
    dialog.folder_export_requested.emit(new)
    session.until(lambda: "was exported to" in session.message(), "the export")
    assert (stick / new).is_dir()
    dialog.card_requested.emit(new)
    assert dialog.findChild(ModelDialog) is not None
    monkeypatch.setattr(dialog, "ask_delete", lambda _: False)
    press(dialog, "Delete…", new)
    assert (data / "models" / new).is_dir()
    monkeypatch.setattr(dialog, "ask_delete", lambda _: True)
    press(dialog, "Delete…", new)
    assert table_rows(dialog) == 1
    assert "came with the program" in button(dialog, "Delete…").toolTip()
    monkeypatch.setattr(models.list.files, "folder", lambda *_: stick / new)
    import_and_confirm(session, dialog)
    session.until(lambda: table_rows(dialog) == 2, "the import")
    assert dialog.current().version == new  # type: ignore[union-attr]
    import_and_confirm(session, dialog)
    session.until(lambda: "already here" in dialog.problem(), "the refusal")
    (stick / new / "student.onnx").write_bytes(b"spoilt")
    import_and_confirm(session, dialog)
    session.until(lambda: "hash differs" in dialog.problem(), "the refusal")


def test_a_row_is_read_whole_on_a_screen_1280_wide(session: Session) -> None:
    """In the theme's font, which the running application has."""
    session.until(lambda: session.app.classifier is not None, "the shipped model")
    dialog = opened(session)
    line = ModelLine(
        version="2026.11.21-efbf46a7",
        name="student",
        parent="",
        created="2026-11-21T19:18:36Z",
        reader="",
        scores=(None, None, 0.864),
        shipped=True,
        active=True,
    )
    dialog.set_models([line], "")
    dialog.resize(1250, 440)
    spin(10)
    table = present(dialog.findChild(ModelsTable))
    needed = table.fontMetrics().horizontalAdvance("student") + 16
    assert table.columnWidth(NAME) >= needed, "the name is cut"
    assert not table.horizontalScrollBar().isVisible(), "a column is out of sight"
