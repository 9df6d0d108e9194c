"""The banner: what is being lost stands before what is merely so, and before what has just
happened.
"""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from endoscope_app.shell.main_window import MainWindow
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import ready, type_keys
from tests.model_factory import make_model_dir


def test_an_urgent_message_comes_first_looks_otherwise_and_goes_alone(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.banner.show_message("Undone.")
    window.banner.show_standing_message("Read only.")
    window.banner.show_standing_message("Lost: 3 labels.", urgent=True)
    assert window.banner.label.text() == "Lost: 3 labels. Read only. Undone."
    assert window.banner.label.property("role") == "alarm"
    window.banner.show_message("Opened.")
    assert window.banner.label.text() == "Lost: 3 labels. Read only. Opened."
    window.banner.withdraw_message("Lost: 3 labels.")
    assert window.banner.label.text() == "Read only. Opened."
    assert window.banner.label.property("role") == "banner"


def test_a_message_is_never_read_as_markup(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.banner.show_message("<b>name</b>.mp4")
    plain = window.banner.label.sizeHint().width()
    window.banner.show_message("name.mp4")
    assert plain > window.banner.label.sizeHint().width()


def test_a_remark_goes_by_itself_and_with_the_next_act(qtbot: QtBot, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "procedure.mp4", count=10)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, clip)
        window = session.app.window
        window.banner.show_message("Two images were skipped.")
        type_keys(session, "1")
        assert session.message() == "Two images were skipped.", "a label takes no news away"
        type_keys(session, "9")
        assert session.message() == "There is no class on the key 9."
        type_keys(session, "2")
        assert session.message() == ""
        type_keys(session, "9")
        window.banner._remark_end.setInterval(1)
        window.banner._remark_end.start()
        session.until(lambda: session.message() == "", "the remark is gone")
