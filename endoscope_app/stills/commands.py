"""Commands for folders of stills."""

from endoscope_app.base.command import Command

SHEET = Command(
    "&View",
    "&Contact sheet of the stills",
    ("G",),
    "All stills of the folder as thumbnails, and back to one",
    begins=True,
)
COMPARE = Command(
    "&View",
    "C&ompare two stills",
    ("C",),
    "Two stills side by side: the two that are chosen, or this one with another",
)
