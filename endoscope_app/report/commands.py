"""Commands about what leaves the program."""

from endoscope_app.base.command import Command

REPORT = Command(
    "&File",
    "&Report...",
    ("Ctrl+Shift+R",),
    "Findings of this procedure as a report to save, copy and sign",
)
SAVE_FRAME = Command(
    "&File",
    "Save or copy the fra&me...",
    ("Ctrl+E",),
    "The frame on screen as a picture, with burnt-in identity blanked",
)
SAVE_CLIP = Command(
    "&File", "Save a finding as a &clip...", (), "The frames of a finding as a video, blanked"
)
SAVE_BOOKMARKED = Command(
    "&File",
    "Save &bookmarked frames...",
    (),
    "The bookmarked frames of this procedure as pictures, with burnt-in identity blanked",
)
