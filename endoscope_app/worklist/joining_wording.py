"""What is said where several videos may be one procedure."""

from __future__ import annotations

from endoscope_app.base.wording import counted

QUESTION = (
    "Has the recorder split one procedure into these videos, or are they separate procedures?"
    " Videos without a tick are left out."
)
LIST_NAME = "Videos in their order"
UP, DOWN = "&Up", "&Down"
UP_TIP = "Earlier (Alt+Up)"
DOWN_TIP = "Later (Alt+Down)"
ONE = "&One procedure in this order"
SEPARATE = "&Separate procedures"
LEAVE_OUT_TITLE = "A part cannot be opened"
FIND_FOLDER_TITLE = "In which folder do the parts lie now?"


def title(count: int) -> str:
    return counted(count, "video")


def leave_out(sentence: str, others: int) -> str:
    """``sentence``: which part, and why; ``others``: as many can be opened without it."""
    rest = "the other part" if others == 1 else f"the other {others} parts"
    return f"{sentence} Open {rest} without it? Nothing is lost: the videos stay as they are."


def not_found(names: list[str]) -> str:
    """In the folder that was named there is not one of the parts."""
    return f"“{names[0]}” and the other parts are not in that folder."


def parts(names: tuple[str, ...], away: tuple[str, ...]) -> str:
    """Each in its line."""
    return "\n".join(f"{name} (away)" if name in away else name for name in names)


def away(names: tuple[str, ...]) -> str:
    """Beside the state of a procedure of which some parts are not where they were."""
    return f"{names[0]} is away" if len(names) == 1 else f"{len(names)} parts are away"
