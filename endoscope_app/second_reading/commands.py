"""Commands of a second reading and of what comes after it."""

from endoscope_app.base.command import Command

SECOND_READING = Command(
    "&Worklist",
    "&Second reading, blind...",
    ("Ctrl+2",),
    "Read the procedure a second time without its labels; again: finish that",
    begins=True,
)
AGREEMENT = Command(
    "&Worklist",
    "A&greement of two readers...",
    ("Ctrl+3",),
    "How well two readers agree, by Cohen's kappa",
)
ADJUDICATE = Command(
    "&Worklist",
    "Ad&judicate...",
    ("Ctrl+4",),
    "Where two readers differ: say what counts",
)
IMPORT_SECOND = Command(
    "&Worklist",
    "I&mport a second reading...",
    (),
    "A second reader's labels from a file, beside those that count",
)
