"""The window before a procedure is open: no key is silent, and nothing is said of a frame that
is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.inner_widgets import class_row
from tests.endoscope_app.label_session import go, ready
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        session.until(
            lambda: len(session.app.labels.session.panel_classes()) == 6, "the model's classes"
        )
        yield session


@pytest.mark.parametrize(
    "key",
    [
        *"1RXIO,.PNT",
        "Ctrl+D",
        "Shift+P",
        "Shift+N",
        "Ctrl+Return",
        "Del",
        "Return",
        "PgUp",
        "PgDown",
        "Ctrl+J",
        "Ctrl+R",
    ],
)
def test_a_key_that_needs_a_procedure_says_so(session: Session, key: str) -> None:
    session.press(key)
    assert session.message() == NO_PROCEDURE_OPEN


def test_a_class_in_the_panel_says_it_too(session: Session, qtbot: QtBot) -> None:
    class_row(
        session.app.window.label_panel, session.app.labels.session.panel_classes()[0].id
    ).click()
    assert session.message() == NO_PROCEDURE_OPEN


def test_the_panel_compares_nothing_before_there_is_a_frame(
    session: Session, tmp_path: Path
) -> None:
    assert session.app.window.label_panel.text() == ""
    ready(session, make_clip(tmp_path / "procedure.mp4", count=20))
    assert session.app.window.label_panel.text().startswith("You: not labelled · model: ")


def test_a_jump_that_leads_nowhere_says_so(session: Session, tmp_path: Path) -> None:
    ready(session, make_clip(tmp_path / "procedure.mp4", count=20))
    session.until(session.analysed, "the analysis")
    for frame, key, sentence in (
        (0, ",", "No frame before this one is labelled."),
        (0, ".", "No frame after this one is labelled."),
        (0, "PgUp", "There is no finding before this frame."),
        (19, "PgDown", "There is no finding after this frame."),
    ):
        go(session, frame)
        session.press(key)
        assert session.message() == sentence
