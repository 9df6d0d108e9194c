"""Frames around the playhead as the decoder gave them, so that a step back or a seek into what
was just seen decodes nothing.
"""

from __future__ import annotations

from collections import OrderedDict

from endoscope_app.media.decoder import Decoded

#: Of one open video: a group of two seconds at 1080p25, its frames of about 3 MB each.
MOST_BYTES = 160 << 20
MOST_FRAMES = 128
#: Of very large frames too, so that one step back is free.
FEWEST_FRAMES = 2


class RecentFrames:
    """Those decoded last, no more than MOST_FRAMES and MOST_BYTES of them."""

    def __init__(self) -> None:
        self._frames: OrderedDict[int, Decoded] = OrderedDict()
        self.size = 0
        """Bytes held."""

    def __len__(self) -> int:
        return len(self._frames)

    @staticmethod
    def room_for(like: Decoded) -> int:
        """How many frames as large as this one are kept."""
        fitting = MOST_BYTES // max(1, _bytes(like))
        return max(FEWEST_FRAMES, min(MOST_FRAMES, fitting))

    def get(self, number: int) -> Decoded | None:
        """The frame of this number, None where it is not kept."""
        return self._frames.get(number)

    def put(self, decoded: Decoded) -> None:
        """Keep this one; those that were put in first go, where there is no room."""
        replaced = self._frames.pop(decoded.number, None)
        if replaced is not None:
            self.size -= _bytes(replaced)
        self._frames[decoded.number] = decoded
        self.size += _bytes(decoded)
        while len(self._frames) > FEWEST_FRAMES and (
            len(self._frames) > MOST_FRAMES or self.size > MOST_BYTES
        ):
            self.size -= _bytes(self._frames.popitem(last=False)[1])

    def clear(self) -> None:
        """Let go of all."""
        self._frames.clear()
        self.size = 0


def _bytes(decoded: Decoded) -> int:
    return sum(plane.buffer_size for plane in decoded.video_frame.planes)
