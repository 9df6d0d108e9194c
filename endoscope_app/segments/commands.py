"""Commands that lead through the segments."""

from endoscope_app.base.command import Command

NEXT_OPEN = Command(
    "&Findings", "Next &open segment", ("N",), "Next open segment; its keys then act on it"
)
PREVIOUS_SEGMENT = Command(
    "&Findings", "Segment &before it in the list", ("P",), "Back to the segment before in the list"
)
ACCEPT_CLASS = Command(
    "&Findings",
    "&Accept all open of this class",
    ("Shift+Return", "Shift+Enter"),
    "Accept every open segment of the current one's class that the list shows, after a question",
)
PLAY_OPEN = Command(
    "&Play",
    "Play open &segments only",
    ("Shift+Space",),
    "Play the open segments only, a second before and after each; again: pause",
)
BOOKMARK = Command(
    "&Findings",
    "&Bookmark this frame",
    ("Ctrl+D",),
    "Bookmark the frame on screen, or take it away",
)
WRITE = Command(
    "&Findings", "&Write beside the segment", ("T",), "Write beside the segment; Enter leads back"
)
FINISH_REVIEW = Command(
    "&Findings",
    "&Finish review",
    ("Ctrl+Return", "Ctrl+Enter"),
    "Finish the review of this procedure; says what is open",
)
HEAT_MAPS = Command(
    "&View",
    "Heat maps in the &list of segments",
    ("Shift+H",),
    "Small images of segments with the heat map of their class, or without",
    checkable=True,
)
