"""Commands of looking at a procedure: opening, playing, stepping, the heat map."""

from endoscope_app.base.command import Command

OPEN_FILE = Command("&File", "&Open video...", ("Ctrl+O",), "Open a recorded video")
OPEN_FOLDER = Command(
    "&File", "Open &folder of stills...", ("Ctrl+Shift+O",), "Open a folder of images"
)
OPEN_DEMO = Command("&File", "Open the &demo procedure", (), "Open the synthetic phantom")
VIDEO_STREAM = Command("&File", "Video s&tream...", (), "Choose one of the file's video streams")
PLAY_PAUSE = Command("&Play", "Play / pause", ("Space",), "Play or pause")
BACK_1 = Command("&Play", "One frame back", ("Left",), "One frame back", repeats=True, begins=True)
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
FIRST = Command("&Play", "First frame", ("Home",), "First frame", begins=True)
LAST = Command("&Play", "Last frame", ("End",), "Last frame")
GO_TO = Command("&Play", "&Go to frame or time...", ("Ctrl+J",), "Go to a frame or a time")
PLAY_BACKWARDS = Command(
    "&Play",
    "Play backwards",
    ("J",),
    "Play backwards at the speed of the box; again: twice as fast",
    begins=True,
)
PAUSE = Command("&Play", "Pause", ("K",), "Pause")
PLAY_FORWARDS = Command(
    "&Play", "Play forwards", ("L",), "Play forwards at the speed of the box; again: twice as fast"
)
SLOWER = Command("&Play", "Slower", ("[",), "Slower")
FASTER = Command("&Play", "Faster", ("]",), "Faster")
NORMAL_SPEED = Command("&Play", "Recorded speed", ("Backspace",), "Recorded speed")
LOOP_FROM = Command(
    "&Play", "Loop from &A, here", ("A",), "A stretch that repeats begins here", begins=True
)
LOOP_TO = Command("&Play", "Loop to &B, here", ("B",), "It ends here, and plays again and again")
LOOP_END = Command("&Play", "&End the loop", ("Shift+A",), "Play on as usual")
LOOK = Command(
    "&View",
    "&Brightness and contrast...",
    ("Ctrl+B",),
    "How the picture looks on the screen; never what the model sees",
)
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
