"""What the dialog of classes says. No Qt."""

from __future__ import annotations

CLASSES_TITLE = "Classes"
CLASSES_HEADINGS = ("Class", "Key", "Frames", "Ranges", "State", "Group")
NEW_CLASS, NEW_CLASS_NAME = "New class", "Name of a new class"
COLOUR_QUESTION = "Colour of the class"
ADD, RENAME, MERGE_INTO, COLOUR = "&Add", "&Rename", "&Merge into", "&Colour…"
RETIRE, BRING_BACK = "Re&tire", "Bring &back"
GROUP = "&Group"
GROUP_TIP = (
    "A frame can have one class of each group: a polyp and good preparation, but not two findings"
)
MOVE_UP, MOVE_DOWN, UNDO, REDO = "Move &up", "Move &down", "&Undo", "Red&o"
CLASSES_NOTE = (
    "Every change can be undone here. Labels stay what they were when their class is renamed,"
    " merged or retired."
)
NOT_WHILE_BLIND = (
    "Classes stay as they are while a second reader reads: finish that first (Ctrl+2)."
)


def class_state(merged_into: str, retired: bool) -> str:
    """Of a class in the table."""
    return f"merged into {merged_into}" if merged_into else "retired" if retired else "in use"


def class_history_tip(verb: str, title: str) -> str:
    """Of the buttons Undo and Redo; ``title``: of the change, or empty."""
    return f"{verb} class change: {title}" if title else f"No class change to {verb.lower()}"
