"""Commands of the worklist."""

from endoscope_app.base.command import Command

WORKLIST = Command(
    "&Worklist",
    "&Worklist",
    ("Ctrl+Home",),
    "Show the worklist; again: back to the procedure",
)
NEXT_PROCEDURE = Command(
    "&Worklist", "&Next procedure", ("Ctrl+PgDown",), "Open the next procedure of the worklist"
)
PREVIOUS_PROCEDURE = Command(
    "&Worklist",
    "&Previous procedure",
    ("Ctrl+PgUp",),
    "Open the previous procedure of the worklist",
)
CONTINUE = Command(
    "&Worklist",
    "&Continue where I was",
    (),
    "Open the last procedure at the frame where it was left",
)
USE = Command(
    "&Worklist",
    "&Use for learning...",
    ("Ctrl+U",),
    "Say whether models may learn from the chosen procedures, or are only checked on them",
)
ADD_FOLDER = Command("&Worklist", "&Add folder...", (), "Add every procedure that lies in a folder")
