"""What the erasure of a patient says."""

from __future__ import annotations

from endoscope_app.base.wording import counted

THE_INTENT = "what is to be erased"
THE_LIBRARY = "the erasure"
TITLE = "Forget a patient"
CHOOSE_FIRST = "Choose a procedure of the patient in the worklist first."
ONE_PATIENT = "Procedures of several patients are chosen, or of none known. Choose one of them."
IS_OPEN = (
    "A procedure of this patient is open. Start the program again and forget the patient before"
    " you open it."
)
IS_ANALYSED = (
    "A procedure of this patient is being analysed. Cancel the queue, then forget the patient."
)
IS_READ_AGAIN = "A second reading is under way. Finish it, then forget the patient."
IS_ERASED = "A patient is being erased. Wait for the end, then forget the next one."
NOT_RESTORED_MEANWHILE = "A patient is being erased. Wait for the end, then restore."
IS_LEARNT_FROM = "A retraining is under way. Stop it, or wait for its end, then forget the patient."
ERASING = "A patient is being erased…"
RESUMED = "The erasure of a patient, which was broken off, is being completed…"
NOT_ERASED = (
    "Not all of the patient could be erased.",
    "Start the program again: it goes on with the erasure.",
)


def question(patient: str, count: int) -> str:
    """Before everything goes."""
    whose = f"patient “{patient}”" if patient else "this patient"
    return (
        f"Forget {whose} ({counted(count, 'procedure')}) for good? Labels, kept images, analyses,"
        " reports, signed ones too, what was prepared for retraining, and every mention in backups"
        " are erased; nothing brings them back.\n\nThe recordings themselves stay where they lie,"
        " and so does what you have exported. Models that have learnt from them stay as they are."
    )


def not_erased(because: str) -> str:
    """Where the label library refused, in a sentence."""
    return f"{because} {NOT_ERASED[1]}"


def journal_title(count: int) -> str:
    """The entry without content that the history keeps."""
    return f"A patient was erased: {counted(count, 'procedure')}"


def progress(done: int, every: int) -> str:
    """While files are searched."""
    return f"A patient is being erased: {done:,} of {every:,} files searched."


def erased(count: int) -> str:
    """At the end."""
    return (
        f"The patient is forgotten: {counted(count, 'procedure')} erased from labels, images,"
        " analyses, reports, runs and backups. The recordings themselves were not touched."
    )
