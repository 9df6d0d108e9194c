"""What the label panel says in words about the current frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from endoscope_app.base.wording import percent

LabelKind = Literal["class", "agreed", "unusable"]

HIDDEN = "model hidden until you have answered"


@dataclass(frozen=True)
class ModelWords:
    """The model's class (None while it is not to be seen, then ``absent`` says why), its
    probability 0..1, and whether it is unsure.
    """

    name: str | None
    probability: float
    unsure: bool
    absent: str = HIDDEN

    def text(self) -> str:
        """As part of the line."""
        if self.name is None:
            return self.absent
        return f"model: {self.name}{'?' if self.unsure else ''} {percent(self.probability)}"


def label_words(
    kind: LabelKind | None, class_name: str, model: ModelWords, *, from_range: bool = False
) -> tuple[str, str]:
    """The line ("You: polyps · model: cecum 62 %") and a note on whether the two differ; the note
    may be empty.

    ``class_name`` is the class that the reader gave, or agreed to; it is not read for another kind.
    ``from_range``: it was given to a range that covers the frame.
    """
    given = f"{class_name} (range)" if from_range else class_name
    you = {
        None: "not labelled",
        "class": given,
        "agreed": f"{class_name} (reviewed)",
        "unusable": "none of these",
    }[kind]
    return f"You: {you} · {model.text()}", _note(kind, class_name, model)


def _note(kind: LabelKind | None, class_name: str, model: ModelWords) -> str:
    if model.name is None:
        return ""
    if kind is None:
        return "The model is unsure." if model.unsure else ""
    if kind == "unusable":
        return "Marked as none of these classes."
    if class_name != model.name:
        words = "You and the model differ"
    else:
        words = "Reviewed: the model is right" if kind == "agreed" else "You and the model agree"
    return f"{words}; it is unsure." if model.unsure else f"{words}."
