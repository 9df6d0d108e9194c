"""The menus: every entry has a letter of its own, and lines part what does not belong together."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from endoscope_app.shell.main_window import MainWindow
from endoscope_app.shell.mnemonics import mnemonic, with_mnemonics


def _menus(window: MainWindow) -> dict[str, list[str]]:
    """Title -> texts of its entries; "" for the menu bar itself."""
    bar = window.menuBar()
    found = {"": [action.text() for action in bar.actions()]}
    for action in bar.actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        found[action.text()] = [entry.text() for entry in menu.actions() if entry.text()]
    return found


def test_no_two_entries_of_a_menu_answer_to_one_letter(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    menus = _menus(window)
    assert len(menus) > 6
    for title, texts in menus.items():
        letters = [mnemonic(text) for text in texts if mnemonic(text)]
        assert len(letters) == len(set(letters)), f"{title}: {texts}"
        # Twenty entries have no twenty letters that fit
        assert len(letters) >= min(len(texts), 16), f"{title}: {texts}"


def test_what_belongs_together_is_parted_from_the_rest(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        entries = menu.actions()
        assert not entries[0].isSeparator()
        run = longest = 0
        for entry in entries:
            run = 0 if entry.isSeparator() else run + 1
            longest = max(longest, run)
        assert longest <= 10, f"{action.text()} is a wall of {longest} entries"


@pytest.mark.parametrize(
    ("texts", "marked"),
    [
        (["&Open", "&Open folder"], ["&Open", "Open &folder"]),
        (["Next", "Next label"], ["&Next", "Next &label"]),
        (["A && B", "A"], ["&A && B", "A"]),
        (["Class on key 1", "Class on key 2"], ["&Class on key 1", "Class &on key 2"]),
    ],
)
def test_a_letter_that_is_taken_is_replaced(texts: list[str], marked: list[str]) -> None:
    assert with_mnemonics(texts) == marked
