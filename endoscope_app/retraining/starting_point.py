"""What a retraining starts from: the model in use, and the files that ship for it. No Qt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.base.paths import shipped_replay, shipped_teachers
from endoscope_app.base.wording import network_name
from kd_core.schema.errors import CoreError
from kd_core.schema.model_card import read_card


@dataclass(frozen=True)
class StartingModel:
    """The model in use: folder, version and class keys in the order of its outputs.

    ``tells_groups_apart``: it names a class of each class group.
    """

    folder: Path
    version: str
    classes: tuple[str, ...]
    tells_groups_apart: bool = False


@dataclass(frozen=True)
class ShippedAssets:
    """``replay``: the replay set; ``teachers``: (folder, name) of each reference model."""

    replay: Path
    teachers: tuple[tuple[str, str], ...]

    @classmethod
    def of_installation(cls) -> ShippedAssets:
        """Those of the program; a reference model whose card cannot be read is left out."""
        teachers = []
        for folder in shipped_teachers():
            with suppress(CoreError):
                teachers.append((str(folder), network_name(read_card(folder).name)))
        return cls(shipped_replay(), tuple(teachers))
