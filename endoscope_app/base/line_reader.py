"""Bytes of a pipe, in whatever pieces they come, to lines; a line without end does not fill the
memory. No Qt.
"""

from __future__ import annotations

LARGEST_LINE = 1_000_000


class LineReader:
    """``take`` gives the lines that are complete now.

    Of a line longer than ``LARGEST_LINE`` only the beginning comes.
    """

    def __init__(self, largest: int = LARGEST_LINE) -> None:
        self._largest = largest
        self._waiting = b""
        self._dropping = False

    def take(self, data: bytes) -> list[bytes]:
        """Complete lines without their ends; empty ones are left out."""
        *lines, self._waiting = (self._waiting + data).split(b"\n")
        if self._dropping and lines:
            lines, self._dropping = lines[1:], False
        if self._dropping:
            self._waiting = b""
        elif len(self._waiting) > self._largest:
            lines.append(self._waiting[: self._largest])
            self._waiting, self._dropping = b"", True
        return [line[: self._largest] for line in map(bytes.strip, lines) if line]

    def rest(self) -> list[bytes]:
        """The last line, which had no end."""
        return self.take(b"\n")
