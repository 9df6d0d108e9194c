"""What the sheet of keys says of a French keyboard, and of one whose signs stand where they are."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from endoscope_app.shell.command_table import shortcut_groups
from endoscope_app.shell.keyboard_signs import KeyboardSigns, signs_of_this_keyboard
from tests.window.conftest import display

__all__ = ["display"]
AZERTY = KeyboardSigns(
    {"[": (14, 2), "]": (20, 2), ".": (59, 1), ",": (58, 0), "?": (58, 1)},
    {14: "(", 20: ")", 58: ",", 59: ";", **dict(zip(range(10, 20), "&é\"'(-è_çà", strict=True))},
)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("[", "[ = AltGr+("),
        ("Ctrl+.", "Ctrl+. = Ctrl+Shift+;"),
        (",", ","),
        ("?", "?"),
        ("Ctrl+J", "Ctrl+J"),
        ("Ctrl+PgDown", "Ctrl+PgDown"),
        ("Shift+Space", "Shift+Space"),
    ],
)
def test_a_sign_says_what_this_keyboard_needs_for_it(key: str, shown: str) -> None:
    assert AZERTY.shown(key) == shown


def test_digits_are_named_by_what_stands_on_their_keys() -> None:
    assert AZERTY.digits() == "& é \" ' ( - è _ ç à"
    row = dict(zip(range(10, 20), "1234567890", strict=True))
    assert KeyboardSigns({}, row).digits() == ""
    assert KeyboardSigns().digits() == ""
    assert KeyboardSigns().shown("[") == "["


@pytest.mark.window
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux")
def test_the_x_server_is_asked(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("setxkbmap") is None:
        pytest.skip("setxkbmap is not installed: no French keyboard was tried")
    monkeypatch.setenv("DISPLAY", display)
    assert signs_of_this_keyboard().digits() == ""
    subprocess.run(["setxkbmap", "fr"], check=True)
    # The server forgets a layout when its last client goes, unless it is started with -noreset
    french = signs_of_this_keyboard()
    assert french.digits() == "& é \" ' ( - è _ ç à"
    assert french.shown("[") == "[ = AltGr+("
    subprocess.run(["setxkbmap", "us"], check=True)


def test_the_sheet_says_both() -> None:
    groups = dict(
        shortcut_groups(
            lambda command: tuple(AZERTY.shown(key) for key in command.keys),
            digits=AZERTY.digits(),
        )
    )
    assert ("[ = AltGr+(", "Slower") in groups["Play"]
    assert groups["Labels"][0][1].endswith("On this keyboard: & é \" ' ( - è _ ç à")
