"""Commands for folders of stills."""

from endoscope_app.base.command import Command

SHEET = Command(
    "&View",
    "&Contact sheet of the stills",
    ("G",),
    "All stills of the folder as thumbnails, and back to one",
    begins=True,
)
