"""The card over the picture."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.theme import apply_theme
from endoscope_app.shell.verdict_card import VerdictCard
from endoscope_app.viewing.verdict_label import VerdictLabel

NAME = "Poor preparation (BBPS 0-1)"


def test_a_long_name_is_whole_in_the_card_over_the_picture(
    qapp: QApplication, qtbot: QtBot
) -> None:
    """The notice under it is two lines in so narrow a card."""
    apply_theme(qapp, "light")
    picture, verdict = QWidget(), VerdictLabel()
    qtbot.addWidget(picture)
    picture.resize(840, 234)
    verdict.set_verdict(NAME, 0.96, QColor("#56b4e9"), "2026.11.30-b3646549", needed=0.5)
    card = VerdictCard(plain_label("You: not labelled"), verdict)
    card.lie_over(picture)
    picture.show()
    qtbot.waitExposed(picture)
    assert card.height() >= card.heightForWidth(card.width())
    assert verdict._class.height() >= verdict._chip.height()
    # Light letters on dark, or dark ones on light: the ground follows the theme
    ground = picture.grab().toImage().pixelColor(card.x() + 4, card.y() + card.height() // 2)
    apply_theme(qapp, "dark")
    assert ground.lightness() > 150
