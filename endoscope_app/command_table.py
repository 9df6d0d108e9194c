"""Every command of the window in one table: menus, keys and the shortcut sheet are read from it, so they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``keys`` in Qt's portable notation; ``repeats`` says whether holding the key repeats the command."""

    name: str
    menu: str
    text: str
    keys: tuple[str, ...]
    what: str
    repeats: bool = False


COMMANDS = (
    Command("open_file", "&File", "&Open video...", ("Ctrl+O",), "Open a recorded video"),
    Command("open_folder", "&File", "Open &folder of stills...", ("Ctrl+Shift+O",), "Open a folder of pictures"),
    Command("open_demo", "&File", "Open the &demo procedure", (), "Open the synthetic phantom"),
    Command("settings", "&File", "&Settings...", ("Ctrl+,",), "Theme, overlay, findings"),
    Command("quit", "&File", "&Quit", ("Ctrl+Q",), "Close the program"),
    Command("play_pause", "&Play", "Play / pause", ("Space",), "Play or pause"),
    Command("back_1", "&Play", "One frame back", ("Left",), "One frame back", True),
    Command("forward_1", "&Play", "One frame forward", ("Right",), "One frame forward", True),
    Command("back_second", "&Play", "One second back", ("Shift+Left",), "One second back", True),
    Command("forward_second", "&Play", "One second forward", ("Shift+Right",), "One second forward", True),
    Command("back_10", "&Play", "Ten frames back", ("Down", "Ctrl+Left"), "Ten frames back", True),
    Command("forward_10", "&Play", "Ten frames forward", ("Up", "Ctrl+Right"), "Ten frames forward", True),
    Command("first", "&Play", "First frame", ("Home",), "First frame"),
    Command("last", "&Play", "Last frame", ("End",), "Last frame"),
    Command("go_to", "&Play", "&Go to frame or time...", ("Ctrl+J",), "Go to a frame or a time"),
    Command("play_backwards", "&Play", "Play backwards", ("J",), "Play backwards; again: twice as fast"),
    Command("pause", "&Play", "Pause", ("K",), "Pause"),
    Command("play_forwards", "&Play", "Play forwards", ("L",), "Play forwards; again: twice as fast"),
    Command("slower", "&Play", "Slower", ("[",), "Slower"),
    Command("faster", "&Play", "Faster", ("]",), "Faster"),
    Command("normal_speed", "&Play", "Recorded speed", ("Backspace",), "Recorded speed"),
    Command("toggle_overlay", "&View", "&Heat map", ("H",), "Show or hide the heat map"),
    Command("explain", "&View", "&Explain this frame...", ("Ctrl+E",), "Other heat maps of this frame, by any method"),
    Command("fit", "&View", "&Fit the picture", ("F",), "Fit the picture into the window"),
    Command("timeline_in", "&View", "Zoom the timeline in", ("Ctrl++", "Ctrl+="), "Zoom the timeline in", True),
    Command("timeline_out", "&View", "Zoom the timeline out", ("Ctrl+-",), "Zoom the timeline out", True),
    Command("fullscreen", "&View", "Full screen", ("F11",), "Full screen"),
    Command("next_finding", "&Findings", "Next finding", ("PgDown",), "Next finding", True),
    Command("previous_finding", "&Findings", "Previous finding", ("PgUp",), "Previous finding", True),
    Command("analyse", "&Findings", "&Analyse the whole procedure", ("Ctrl+R",), "Analyse (or go on analysing) every frame"),
    Command("cancel_analysis", "&Findings", "&Cancel the analysis", ("Ctrl+.",), "Cancel the analysis; what is done is kept"),
    Command("shortcuts", "&Help", "&Keys...", ("F1", "?"), "This sheet"),
    Command("about_model", "&Help", "About this &model...", (), "The model's card"),
    Command("about", "&Help", "&About...", (), "About this program"),
)


def shortcut_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """For the sheet: (menu, [(keys, what)]) of every command that has a key."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in COMMANDS:
        if item.keys:
            groups.setdefault(item.menu.replace("&", ""), []).append(("  or  ".join(item.keys), item.what))
    groups["Mouse"] = [
        ("Wheel on the picture", "Zoom at the pointer"),
        ("Drag the picture", "Move it; double click fits it"),
        ("Click or drag on the timeline", "Go there"),
        ("Wheel on the timeline", "Zoom around the pointer"),
    ]
    return list(groups.items())
