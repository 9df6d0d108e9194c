"""What the dialog of patients says. No Qt."""

from __future__ import annotations

PATIENTS_TITLE = "Patients"
PATIENTS_TABLE = "Procedures and their patients"
PATIENTS_HEADINGS = ("Procedure", "Folder", "Labels", "Patient", "Suggested")
PSEUDONYM = "Pseudonym of the selected procedures"
SET, EDIT, CLEAR, UNDO = "&Set", "&Edit…", "&Clear", "&Undo"
ACCEPT, ACCEPT_ALL = "&Accept suggestion", "Accept a&ll"
NOTHING_YET = "No procedure has a label yet. Label a frame, and its procedure is listed here."
PATIENTS_NOTE = (
    "All procedures of a patient are used together: to learn from, or to check with. Use"
    " pseudonyms, never names. Every change can be undone (Ctrl+Z here)."
)
LABELLED_SINCE = (
    "The procedure has been labelled since, so this cannot be undone from here. Type the patient"
    " again, or undo in the procedure."
)


def spoken_cell(procedure: str, column: int, text: str) -> str:
    """What a screen reader says of a cell."""
    return f"{procedure}, {PATIENTS_HEADINGS[column]}: {text or 'none'}"
