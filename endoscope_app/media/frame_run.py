"""Frames from any number on, in display order: where decoding has to begin so that they come
out as they do in order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from endoscope_app.media.container import VideoFile
from endoscope_app.media.corrupt_frames import CorruptFrames
from endoscope_app.media.decoder import Decoded, decode_from
from endoscope_app.media.deinterlace import deinterlaced
from endoscope_app.media.frame_index import FrameIndex

# Decoders that hold back frames until their references are whole again, so that the first one out
# is right.
HOLD_BACK = frozenset({"h264"})


class Starts:
    """Keyframes as places to begin, and what was learnt of them: a recovery point (intra refresh)
    or a damaged keyframe gives whole frames only later.
    """

    def __init__(self, index: FrameIndex) -> None:
        self._index = index
        self._whole_from: dict[int, int] = {}

    def place(self, frame: int) -> int:
        """Place in ``FrameIndex.key_frames`` of the last keyframe from which ``frame`` is known
        or thought to come out whole.
        """
        place = self._index.key_place(frame)
        while place > 0 and self._whole_from.get(place, 0) > frame:
            place -= 1
        return place

    def learn(self, place: int, first: int, holds_back: bool) -> None:
        """Decoding from ``place`` gave frame ``first`` first, not the keyframe."""
        never = len(self._index)
        self._whole_from[place] = max(
            self._whole_from.get(place, 0), first if holds_back else never
        )


@dataclass(frozen=True, slots=True)
class FrameRun:
    """Runs over frames of an index; each run needs a file of its own, several may share this."""

    index: FrameIndex
    starts: Starts
    corrupt: CorruptFrames  # hears of every damaged frame, also of those decoded on the way
    is_filtered: bool  # interlaced frames are deinterlaced

    def frames(self, file: VideoFile, first: int, lead: int = 0) -> Iterator[Decoded]:
        """Frames from ``first`` on, before it up to ``lead`` more that were decoded on the way;
        numbers are frame numbers.
        """
        if not self.is_filtered:
            yield from self._decoded(file, first, lead)
            return
        # The filter needs the frame before: start one earlier, and drop the first result unless
        # nothing comes before it.
        dropped_until = -1
        for place, decoded in enumerate(deinterlaced(self._decoded(file, max(first - 1, 0), lead))):
            if place == 0 and decoded.number > 0:
                dropped_until = decoded.number
            if decoded.number > dropped_until:
                yield decoded

    def alone(self, file: VideoFile, key: int) -> Iterator[Decoded]:
        """A key frame decoded by itself: nothing, where it needs more than its own packets to come
        out whole.
        """
        frames = self._alone(file, key)
        yield from deinterlaced(frames) if self.is_filtered else frames

    def _alone(self, file: VideoFile, key: int) -> Iterator[Decoded]:
        index = self.index
        packet = int(index.key_packets[index.key_place(key)])
        end = int(index.packet_of[key]) + 1
        while end < len(index.packets) and index.frame_of[end] < 0:  # its second field
            end += 1
        for decoded in decode_from(file, index.packets, packet, count=end - packet):
            if index.frame_of[decoded.number] == key and not decoded.is_corrupt:
                yield decoded._replace(number=key)
                return

    def _decoded(self, file: VideoFile, first: int, lead: int) -> Iterator[Decoded]:
        place = self.starts.place(first)
        while place >= 0:
            is_whole = yield from self._run(file, place, first, lead)
            if is_whole:
                return
            place = min(self.starts.place(first), place - 1)

    def _run(
        self, file: VideoFile, place: int, first: int, lead: int
    ) -> Generator[Decoded, None, bool]:
        """Frames decoded from a keyframe on; ends at once with False where its first frame
        comes too late for ``first``.
        """
        index = self.index
        key, packet = int(index.key_frames[place]), int(index.key_packets[place])
        begin = max(key, first - lead)
        # A packet of no frame may still be needed by others
        wanted = (index.frame_of < 0) | (index.frame_of >= begin)
        is_first = True
        for decoded in decode_from(file, index.packets, packet, wanted=wanted):
            frame = int(index.frame_of[decoded.number])
            # Frames shown before their keyframe refer to frames this run never saw.
            if frame < key:
                continue
            if is_first and place > 0 and (frame > key or decoded.is_corrupt):
                # What is concealed in a damaged keyframe is taken from the frames before it: they
                # have to be there.
                holds_back = file.stream.codec_context.name in HOLD_BACK and not decoded.is_corrupt
                self.starts.learn(place, frame, holds_back)
                if self.starts.place(first) < place:
                    return False
            is_first = False
            self.corrupt.note(decoded)
            if frame >= begin:
                yield decoded._replace(number=frame)
        if is_first and place > 0:  # a recovery point so near the end that nothing came out whole
            self.starts.learn(place, len(index), holds_back=False)
            return self.starts.place(first) == place
        return True
