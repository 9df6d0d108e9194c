"""Frames whose data are damaged, and those predicted from them: a decoder flags the frame that
it has guessed, not the ones after.
"""

from __future__ import annotations

import numpy as np
from av.video.frame import PictureType

from endoscope_app.media.decoder import Decoded
from endoscope_app.media.frame_index import FrameIndex
from endoscope_app.media.packet_table import IntArray

# Nothing, or nearly nothing, is predicted from these.
NOT_REFERRED_TO = (PictureType.B, PictureType.BI)


class CorruptFrames:
    """What is known so far; several runs over the same index may add to it at once."""

    def __init__(self, index: FrameIndex) -> None:
        """Begins with the frames whose packets the container flags."""
        self._index = index
        self._frames = _shown(index, np.flatnonzero(index.packets.is_corrupt))
        self._known = frozenset(self._frames)

    def note(self, decoded: Decoded) -> None:
        """Take a frame as the decoder gave it, still under its packet's number."""
        if not decoded.is_corrupt:
            return
        self._frames.update(_shown(self._index, np.array([decoded.number])))
        if decoded.video_frame.pict_type not in NOT_REFERRED_TO:
            self._frames.update(self._predicted_from(decoded.number))

    def known(self) -> frozenset[int]:
        """Frame numbers. The same object as long as none is added: frames only ever are."""
        if len(self._known) != len(self._frames):
            self._known = frozenset(self._frames.copy())
        return self._known

    def __contains__(self, frame: int) -> bool:
        return frame in self._frames

    def _predicted_from(self, packet: int) -> set[int]:
        """Frames decoded after it that are shown before the next keyframe."""
        keys = self._index.packets.keys
        following = keys[np.searchsorted(keys, packet, side="right") :]
        shown = self._index.frame_of[following]
        end = int(shown[shown >= 0][0]) if bool((shown >= 0).any()) else len(self._index)
        later = np.arange(packet + 1, len(self._index.packets))
        return {frame for frame in _shown(self._index, later) if frame < end}


def _shown(index: FrameIndex, packets: IntArray) -> set[int]:
    frames = index.frame_of[packets]
    return set(frames[frames >= 0].tolist())
