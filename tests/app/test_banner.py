"""The banner: what is being lost stands before what is merely so, and before what has just happened."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from endoscope_app.main_window import MainWindow


def test_an_urgent_message_comes_first_looks_otherwise_and_goes_alone(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show_message("Undone.")
    window.show_standing_message("Read only.")
    window.show_standing_message("Lost: 3 labels.", urgent=True)
    assert window.message.text() == "Lost: 3 labels. Read only. Undone."
    assert window.message.property("role") == "alarm"
    window.show_message("Opened.")
    assert window.message.text() == "Lost: 3 labels. Read only. Opened."
    window.withdraw_message("Lost: 3 labels.")
    assert window.message.text() == "Read only. Opened."
    assert window.message.property("role") == "banner"


def test_a_message_is_never_read_as_markup(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.show_message("<b>name</b>.mp4")
    plain = window.message.sizeHint().width()
    window.show_message("name.mp4")
    assert plain > window.message.sizeHint().width()
