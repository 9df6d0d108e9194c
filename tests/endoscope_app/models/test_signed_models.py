"""Signatures as a reader meets them: the preview, the list, trusted keys, the verdict's tip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.models import trusted_keys_dialog
from endoscope_app.models.models_dialog import ModelsDialog
from endoscope_app.models.trusted_keys_dialog import TrustedKeysDialog
from kd_core.schema.evidence import Evidence
from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.model_checks import Checks
from kd_core.signing.ed25519 import fingerprint
from kd_core.signing.key_files import write_new_key
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.models_stage import import_and_confirm, opened, press, version
from tests.model_factory import make_model_dir
from tests.present import present
from tests.signed_models import LAB, public, public_file, signed

UNKNOWN = f"Signed by an unknown key (fingerprint {fingerprint(public(LAB))})"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "shipped")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A lab's model, for whose choice a reason is needed."""
    folder = make_model_dir(tmp_path / "bundle", seed=1)
    checks = Checks(comparison=Evidence(needs_reason=("polyps",)))
    write_card(folder, msgspec.structs.replace(read_card(folder), checks=checks))
    return signed(folder)


@pytest.fixture
def session(
    qtbot: QtBot, tmp_path: Path, shipped: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    with running(tmp_path / "data", shipped) as made:
        monkeypatch.setattr(made.app.models.list.files, "folder", lambda *_: bundle)
        key = public_file(tmp_path / "lab.key.pub")
        monkeypatch.setattr(made.app.models.list.files, "open_file", lambda *_: key)
        yield made


def taken_in(session: Session, bundle: Path) -> tuple[ModelsDialog, str]:
    """The list with the lab's model chosen, and what the preview said."""
    dialog = opened(session)
    said = import_and_confirm(session, dialog)
    session.until(
        lambda: (
            dialog.current() is not None and present(dialog.current()).version == version(bundle)
        ),
        "the import",
    )
    return dialog, said


def click(dialog: ModelsDialog | TrustedKeysDialog, text: str) -> None:
    found = next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )
    assert found.isEnabled(), found.toolTip()
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def keys_of(session: Session, dialog: ModelsDialog) -> TrustedKeysDialog:
    click(dialog, "Trusted keys…")
    return present(session.app.models.list.keys.dialog)


def trust(session: Session, keys: TrustedKeysDialog, name: str) -> None:
    """Add the lab's key from its file, by keys."""
    flow = session.app.models.list.keys
    click(keys, "Add…")
    session.until(lambda: flow.question is not None, "the question")
    question = present(flow.question)
    trusting = next(
        button for button in question.findChildren(QPushButton) if "Trust" in button.text()
    )
    assert not trusting.isEnabled()
    QTest.keyClicks(present(question.findChild(QLineEdit)), name)
    QTest.keyClick(present(question.findChild(QLineEdit)), Qt.Key.Key_Return)


def test_from_a_lab_s_folder_to_a_trusted_name_and_back(
    session: Session, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, said = taken_in(session, bundle)
    assert UNKNOWN in said
    assert version(bundle) in said
    assert dialog.signature() == UNKNOWN
    keys = keys_of(session, dialog)
    trust(session, keys, "University lab")
    session.until(lambda: dialog.signature() == "Signed by University lab", "the name")
    assert (present(keys.current()).name, keys.problem()) == ("University lab", "")
    trust(session, keys, "Another")
    session.until(lambda: "already, as University lab" in keys.problem(), "the refusal")
    dialog.choose(version(session.app.models.registry.shipped))
    assert dialog.signature() == "Came with the program"
    dialog.choose(version(bundle))
    monkeypatch.setattr(trusted_keys_dialog, "ask", lambda *_: False)
    click(keys, "Remove…")
    assert dialog.signature() == "Signed by University lab"
    monkeypatch.setattr(trusted_keys_dialog, "ask", lambda *_: True)
    click(keys, "Remove…")
    session.until(lambda: dialog.signature() == UNKNOWN, "the unknown key")
    assert keys.current() is None


def test_what_is_no_public_key_is_said(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = write_new_key(tmp_path / "own.key").private
    monkeypatch.setattr(session.app.models.list.files, "open_file", lambda *_: private)
    keys = keys_of(session, opened(session))
    click(keys, "Add…")
    session.until(lambda: "never gives away" in keys.problem(), "the refusal")
    assert session.app.models.registry.keys.all() == ()


def test_the_preview_can_be_left(session: Session, bundle: Path) -> None:
    flow, dialog = session.app.models.list, opened(session)
    click(dialog, "Import…")
    session.until(lambda: flow.preview is not None, "the preview")
    QTest.keyClick(present(flow.preview), Qt.Key.Key_Escape)
    session.until(lambda: flow.preview is None, "the end of the preview")
    assert not session.app.models.exchange.busy
    assert len(session.app.models.registry.entries()) == 1


def test_a_model_whose_signature_does_not_fit_has_no_preview(
    session: Session, bundle: Path
) -> None:
    (bundle / "heads.json").write_text("{}")
    dialog = opened(session)
    assert import_and_confirm(session, dialog) == ""
    assert "The signature does not fit: heads.json was added." in dialog.problem()
    assert "Do not use this model" in dialog.problem()


def test_the_verdict_s_tip_says_who_signed_the_model_in_use_until_a_reason_changes_its_card(
    session: Session, bundle: Path, tmp_path: Path
) -> None:
    session.open(make_clip(tmp_path / "procedure.mp4", count=20))
    verdict = session.app.window.verdict
    session.until(lambda: "Came with the program" in verdict.toolTip(), "the supplied model")
    session.app.models.registry.keys.add("University lab", public(LAB))
    dialog, said = taken_in(session, bundle)
    assert "Signed by University lab" in said
    reason = present(dialog.findChild(QLineEdit))
    QTest.keyClicks(reason, "better light")
    press(dialog, "Use this model", version(bundle))
    session.until(lambda: version(bundle) in verdict.toolTip(), "the lab's model")
    session.until(lambda: "Not signed" in verdict.toolTip(), "the signature's end")
    assert "signature no longer fits and was taken away" in dialog.problem()
    assert dialog.signature() == "Not signed"


def test_the_tip_names_the_lab_of_the_model_in_use(
    qtbot: QtBot, tmp_path: Path, shipped: Path
) -> None:
    model = signed(make_model_dir(tmp_path / "model", seed=1))
    with running(tmp_path / "data", shipped) as session:
        session.app.models.registry.adopt(model)
        session.app.models.registry.promote(version(model), "Dr. Test")
    with running(tmp_path / "data", shipped) as session:
        session.open(make_clip(tmp_path / "procedure.mp4", count=20))
        verdict = session.app.window.verdict
        session.until(lambda: UNKNOWN in verdict.toolTip(), "the unknown key")
        trust(session, keys := _keys_with(session, tmp_path), "University lab")
        session.until(lambda: "Signed by University lab" in verdict.toolTip(), "the name")
        keys.close()


def _keys_with(session: Session, tmp_path: Path) -> TrustedKeysDialog:
    key = public_file(tmp_path / "lab.key.pub")
    session.app.models.list.files.open_file = lambda *_: key  # type: ignore[method-assign]
    return keys_of(session, opened(session))


def test_a_model_in_use_that_was_changed_gives_way_to_the_supplied_one(
    qtbot: QtBot, tmp_path: Path, shipped: Path
) -> None:
    model = signed(make_model_dir(tmp_path / "model", seed=1))
    data = tmp_path / "data"
    with running(data, shipped) as session:
        session.app.models.registry.adopt(model)
        session.app.models.registry.promote(version(model), "Dr. Test")
    (data / "models" / version(model) / "more.txt").write_text("added")
    with running(data, shipped) as session:
        session.until(lambda: session.app.classifier is not None, "a model")
        assert present(session.app.classifier).version == version(shipped)
        assert "more.txt was added" in session.message()
        assert "model that came with the program is used" in session.message()
