"""The settings of now, for everyone who shows or follows them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.settings import Settings


class CurrentSettings(QObject):
    """``now`` is what holds; ``changed`` carries what held before and what holds now."""

    changed = Signal(object, object)  # Settings, Settings

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = settings

    @property
    def now(self) -> Settings:
        """As they are at this instant."""
        return self._now

    def take(self, settings: Settings) -> None:
        """Let these hold from now on."""
        before, self._now = self._now, settings
        if settings != before:
            self.changed.emit(before, settings)
