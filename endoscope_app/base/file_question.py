"""Where a file lies or goes: asked in one place, so that a test can answer for the reader."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


class FileQuestion:
    """Each method gives the path, or None where the reader changed their mind.

    ``parent`` is the window that asks, and has the keyboard again afterwards: what is typed next is
    meant for it, and would label frames in the main window.
    """

    def open_file(self, parent: QWidget, title: str, pattern: str) -> Path | None:
        """A file that is there."""
        return _path(QFileDialog.getOpenFileName(parent, title, "", pattern)[0], parent)

    def save_file(self, parent: QWidget, title: str, name: str, pattern: str) -> Path | None:
        """A file to write; the system asks before it replaces one."""
        return _path(
            QFileDialog.getSaveFileName(parent, title, str(Path.home() / name), pattern)[0], parent
        )

    def folder(self, parent: QWidget, title: str) -> Path | None:
        """A folder to write into."""
        return _path(QFileDialog.getExistingDirectory(parent, title, str(Path.home())), parent)


def _path(chosen: str, parent: QWidget) -> Path | None:
    parent.activateWindow()
    return Path(chosen) if chosen else None
