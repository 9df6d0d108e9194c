"""Teachers beside a student that may know more classes than they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kd_core.artifacts.teacher_folder import LoadedTeacher, load_teacher
from kd_core.models.teacher import Teacher
from kd_core.retraining.extended import extend_teacher
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import read_card


def load_teachers(folders: Sequence[Path], classes: Sequence[str]) -> list[LoadedTeacher]:
    """Frozen teachers whose logits are in the order of ``classes``.

    UNTAUGHT for those that a teacher does not know.

    Raises ModelError as load_teacher does; DataError for a teacher of a class that is none of
    ``classes``.
    """
    teachers = []
    for folder in folders:
        card = read_card(folder)
        strange = [name for name in card.classes if name not in classes]
        if strange:
            sentence = (
                f"The teacher {folder.name} knows {', '.join(strange)}, which the model in use does"
                " not know."
            )
            raise DataError(sentence, "Choose a teacher of that model.")
        own = tuple(name for name in classes if name in card.classes)
        loaded = load_teacher(folder, own)
        network = loaded.teacher.teacher
        if not isinstance(network, Teacher):
            raise DataError(
                f"The teacher {folder.name} is no fine-tuned backbone, so no class can be added.",
                "Choose another teacher.",
            )
        extend_teacher(network, [classes.index(name) for name in own], len(classes))
        teachers.append(loaded)
    return teachers


def untaught(teachers: Sequence[LoadedTeacher], classes: Sequence[str]) -> list[int]:
    """Indices of the classes that some teacher does not know.

    Their labels are learnt from alone.
    """
    return [
        place
        for place, name in enumerate(classes)
        if any(name not in loaded.card.classes for loaded in teachers)
    ]
