"""What the reader calls the classes of a model: the one place where a model's class becomes a
name on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from kd_core.schema.taxonomy import display_name


class ClassNames(QObject):
    """Filled by the label library whenever its classes change."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}

    def set(self, names: Mapping[str, str]) -> None:
        """The reader's name of every class, by its key."""
        folded = {key.casefold(): name for key, name in names.items()}
        if folded != self._names:
            self._names = folded
            self.changed.emit()

    def shown(self, key: str) -> str:
        """The name of the class that a model calls ``key``; what a clinician writes where the
        library lacks it.
        """
        return self._names.get(key.casefold(), display_name(key))

    def all(self, keys: Sequence[str]) -> list[str]:
        """The same for several, in their order; where two of them were merged into one, the key
        tells them apart.
        """
        names = [self.shown(key) for key in keys]
        return [
            name if names.count(name) == 1 else f"{name} ({key})"
            for name, key in zip(names, keys, strict=True)
        ]
