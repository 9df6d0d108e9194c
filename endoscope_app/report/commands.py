"""Commands about what leaves the program."""

from endoscope_app.base.command import Command

REPORT = Command(
    "&File",
    "&Report...",
    ("Ctrl+Shift+R",),
    "Findings of this procedure as a report to save, copy and sign",
)
