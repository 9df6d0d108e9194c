"""What is decided on a comparison: use, keep or discard the new model, and what it needs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.models.wording import REASON_MISSING, ask_reason
from endoscope_app.retraining.comparison import comparison_dialog, wording
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from tests.endoscope_app.comparison_stage import Make, words


def button(dialog: ComparisonDialog, text: str) -> QPushButton:
    return next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )


def test_a_loss_of_recall_asks_for_a_reason_before_the_promotion(qtbot: QtBot, make: Make) -> None:
    dialog = make()
    assert ask_reason(["Caecum"]) in words(dialog)
    assert not button(dialog, "Use this model").isEnabled()
    assert button(dialog, "Use this model").toolTip() == REASON_MISSING
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText("   ")
    assert not button(dialog, "Use this model").isEnabled()
    field.setText(" Polyps matter more here. ")
    with qtbot.waitSignal(dialog.use_requested, timeout=1000) as promoted:
        button(dialog, "Use this model").click()
    assert promoted.args == ["Polyps matter more here."]


def test_without_a_loss_no_reason_is_asked_for(qtbot: QtBot, make: Make) -> None:
    dialog = make(needs_reason=[])
    assert "Why use this model" not in words(dialog)
    with qtbot.waitSignal(dialog.use_requested, timeout=1000) as promoted:
        button(dialog, "Use this model").click()
    assert promoted.args == [""]


def test_return_promotes_nothing_and_escape_closes_undecided(qtbot: QtBot, make: Make) -> None:
    dialog = make(needs_reason=[])
    decided: list[str] = []
    for signal, word in (
        (dialog.use_requested, "promoted"),
        (dialog.keep_requested, "kept"),
        (dialog.discard_requested, "discarded"),
    ):
        signal.connect(lambda *_, word=word: decided.append(word))
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert decided == []


def test_buttons_that_cannot_act_say_why(make: Make) -> None:
    dialog = make(needs_reason=[])

    def said() -> dict[str, str]:
        named = (
            (name, button(dialog, name))
            for name in ("Use this model", "Keep for later", "Discard…", "Open report")
        )
        return {name: one.toolTip() for name, one in named if not one.isEnabled()}

    assert said() == {"Open report": wording.NO_REPORT}
    dialog.set_standing(is_kept=True, against="It is in use.", note="It is in use.")
    assert said() == {
        "Use this model": "It is in use.",
        "Keep for later": wording.KEPT,
        "Discard…": wording.KEPT,
        "Open report": wording.NO_REPORT,
    }
    assert dialog.note() == "It is in use."
    dialog.set_standing(is_kept=False)
    dialog.show_damage("The file is damaged.")
    assert said() == {
        "Use this model": "The file is damaged.",
        "Keep for later": "The file is damaged.",
        "Open report": wording.NO_REPORT,
    }
    assert dialog.problem() == "The file is damaged."


@pytest.mark.parametrize(("answer", "times"), [(False, 0), (True, 1)])
def test_discarding_asks_first(
    make: Make, monkeypatch: pytest.MonkeyPatch, answer: object, times: int
) -> None:
    monkeypatch.setattr(comparison_dialog, "ask", lambda *_: answer)
    dialog, discarded = make(), []
    dialog.discard_requested.connect(lambda: discarded.append(1))
    button(dialog, "Discard…").click()
    assert len(discarded) == times
