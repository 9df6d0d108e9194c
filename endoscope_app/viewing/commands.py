"""Commands of looking at a procedure: opening, playing, stepping, the heat map."""

from endoscope_app.base.command import Command

OPEN_FILE = Command("&File", "&Open video...", ("Ctrl+O",), "Open a recorded video")
OPEN_FOLDER = Command(
    "&File", "Open &folder of stills...", ("Ctrl+Shift+O",), "Open a folder of images"
)
OPEN_DEMO = Command("&File", "Open the &demo procedure", (), "Open the synthetic phantom")
VIDEO_STREAM = Command("&File", "Video s&tream...", (), "Choose one of the file's video streams")
PLAY_PAUSE = Command("&Play", "Play / pause", ("Space",), "Play or pause")
BACK_1 = Command("&Play", "One frame back", ("Left",), "One frame back", repeats=True)
FORWARD_1 = Command("&Play", "One frame forward", ("Right",), "One frame forward", repeats=True)
BACK_SECOND = Command("&Play", "One second back", ("Shift+Left",), "One second back", repeats=True)
FORWARD_SECOND = Command(
    "&Play", "One second forward", ("Shift+Right",), "One second forward", repeats=True
)
BACK_10 = Command(
    "&Play", "Ten frames back", ("Down", "Ctrl+Left"), "Ten frames back", repeats=True
)
FORWARD_10 = Command(
    "&Play", "Ten frames forward", ("Up", "Ctrl+Right"), "Ten frames forward", repeats=True
)
FIRST = Command("&Play", "First frame", ("Home",), "First frame")
LAST = Command("&Play", "Last frame", ("End",), "Last frame")
GO_TO = Command("&Play", "&Go to frame or time...", ("Ctrl+J",), "Go to a frame or a time")
PLAY_BACKWARDS = Command("&Play", "Play backwards", ("J",), "Play backwards; again: twice as fast")
PAUSE = Command("&Play", "Pause", ("K",), "Pause")
PLAY_FORWARDS = Command("&Play", "Play forwards", ("L",), "Play forwards; again: twice as fast")
SLOWER = Command("&Play", "Slower", ("[",), "Slower")
FASTER = Command("&Play", "Faster", ("]",), "Faster")
NORMAL_SPEED = Command("&Play", "Recorded speed", ("Backspace",), "Recorded speed")
TOGGLE_OVERLAY = Command("&View", "&Heat map", ("H",), "Show or hide the heat map", checkable=True)
EXPLAIN = Command(
    "&View", "&Explain this frame...", ("Ctrl+Shift+E",), "Other heat maps of this frame"
)
BLANK_IDENTITY = Command(
    "&View",
    "&Blank burnt-in identity",
    ("Ctrl+I",),
    "Show nothing of what recorders burn in, for lectures; labels keep the frame as it is",
    checkable=True,
)
FIT = Command("&View", "&Fit the image", ("F",), "Fit the image into the window")
