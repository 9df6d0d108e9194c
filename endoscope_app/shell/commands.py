"""Commands of the window itself."""

from endoscope_app.base.command import Command

SETTINGS = Command(
    "&File", "&Settings...", ("Ctrl+,",), "Theme, heat map, findings, what is kept", begins=True
)
QUIT = Command("&File", "&Quit", ("Ctrl+Q",), "Close the program", begins=True)
LABELS_PANEL = Command(
    "&View", "&Labels panel", ("F2",), "Show or hide the labels", checkable=True, begins=True
)
MODEL_PANEL = Command(
    "&View", "&Model panel", ("F3",), "Show or hide what the model says", checkable=True
)
TIMELINE = Command("&View", "&Timeline", ("F4",), "Show or hide the timeline", checkable=True)
TRAY = Command(
    "&View",
    "Tray of &bookmarks",
    ("F6",),
    "Go to the bookmarked frames beneath the picture; again: hide them",
    checkable=True,
)
PICTURE_ALONE = Command(
    "&View",
    "&Picture alone",
    ("F11",),
    "The picture with the timeline on the whole screen, and back",
    checkable=True,
)
SHORTCUTS = Command("&Help", "&Keys...", ("F1", "?"), "This sheet")
CHANGE_KEYS = Command(
    "&Help",
    "&Change keys...",
    (),
    "Every command with its key, to be changed; asks before one is taken",
)
ABOUT = Command("&Help", "&About...", (), "About this program", begins=True)
