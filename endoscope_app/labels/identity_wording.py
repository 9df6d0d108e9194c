"""What is asked where a procedure may not be the one that was labelled. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.base.wording import counted

SAME, OTHER = "It is the same: show its labels", "It is another: keep them hidden"
CARRY, LEAVE, LATER = "Carry over", "Leave them", "Not now"
AS_LABELLED, AS_NOW = "As it was labelled", "As it is now"
NO_IMAGE = "No image was kept."
BY_NUMBER = (
    "Its labels were kept by frame number until now and stand at the same frame numbers: please"
    " check them once."
)
WITHHELD = (
    "Labels are neither shown nor given until you have said whether this is the procedure that was"
    " labelled. Open it again to answer."
)
COMPARING = "Comparing the images with those that were labelled…"
NONE_LOST = "Every label of this procedure belongs to a frame."
IDENTITY_TITLES = {
    "differs": "Is this the same procedure?",
    "old folder": "Are these the images that were labelled?",
    "changed": "The content has changed",
    "joined": "Parts of this procedure were reviewed before",
}
IDENTITY_EXPLANATIONS = {
    "differs": (
        "Until you have answered no label is shown or given. Esc leaves everything as it is."
    ),
    "old folder": (
        "Older versions knew folders by names and sizes, which two patients can share. Labels whose"
        " images were kept are compared with the images and stay behind where they differ. It can"
        " be undone. Esc leaves everything as it is."
    ),
    "changed": (
        "Each label goes to the frame with the same time stamp, of stills to the image with the"
        " same content; labels without one stay with the old content. It can be undone. Esc leaves"
        " everything as it is."
    ),
    "joined": (
        "Each label, decision and bookmark goes to the same frame of the same file in the joined"
        " procedure, and is found there from then on. It can be undone. Esc leaves everything as it"
        " is."
    ),
}


def identity_question(kind: str, number: int, differing: Sequence[str]) -> str:
    """``number`` of labels; ``differing``: what is not as it was noted."""
    count = counted(number, "label")
    if kind == "differs":
        return (
            f"The library knows this procedure ({count}), but with another"
            f" {' and another '.join(differing)}. Is it the same one?"
        )
    if kind == "old folder":
        return (
            f"A folder with the same names and sizes was labelled ({count}). Are these the same"
            " images? Carry the labels over?"
        )
    if kind == "joined":
        what = count if number else "decisions and bookmarks"
        return (
            f"Files of this procedure were reviewed before they were joined so ({what}). Carry that"
            " over?"
        )
    return f"This content has changed since it was labelled ({count}). Carry the labels over?"


def also_labelled(names: Sequence[str]) -> str:
    """What else was labelled."""
    return f"and {', '.join(names)}"


def first_image_of(heading: str) -> str:
    """The name of an image, for screen readers."""
    return f"{heading}: first image"


def without_frame(number: int) -> str:
    """So many labels belong to no frame."""
    belong, are = ("belongs", "is") if number == 1 else ("belong", "are")
    return (
        f"{counted(number, 'label')} {belong} to no frame of this procedure and {are} not shown."
        " Labels, Remove labels without a frame takes them away."
    )


def lost_removed(number: int) -> str:
    """Labels that belong to no frame were removed."""
    return f"Removed: {counted(number, 'label')} of no frame. Ctrl+Z brings them back."


NUMBER_OF_FRAMES, SIZE, FIRST_IMAGE = "number of frames", "size", "first image"


def size_line(width: int, height: int) -> str:
    """In pixels."""
    return f"{width} × {height} pixels"


def labelled_line(day: str) -> str:
    """When a procedure was last labelled."""
    return f"last labelled {day}"
