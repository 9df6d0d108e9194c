"""Damage spreads: every frame that differs from the intact file's is marked, up to the next
keyframe and no further.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips

GOP, COUNT, HIT = 20, 80, 45


def damaged_copy(path: Path, packet: int) -> Path:
    """With the second half of one packet overwritten by what no encoder writes."""
    with av.open(str(path)) as container:
        packets = [one for one in container.demux(container.streams.video[0]) if one.size]
    position, size = packets[packet].pos, packets[packet].size
    assert position is not None
    data = bytearray(path.read_bytes())
    begin = data.index(bytes(packets[packet]), position)
    data[begin + size // 2 : begin + size] = (
        np.random.default_rng(1).integers(0, 256, size - size // 2, dtype=np.uint8).tobytes()
    )
    copy = path.with_name(f"damaged_{path.name}")
    copy.write_bytes(data)
    return copy


def decoded_by_pyav(path: Path) -> list[NDArray[Any]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mkv", "libx264"), ("a.mp4", "mpeg4"), ("a.avi", "msmpeg4"), ("a.mov", "mpeg2video")],
)
def test_frames_predicted_from_damage_are_marked_up_to_the_next_keyframe(
    tmp_path: Path, name: str, codec: str
) -> None:
    intact = clips.make_clip(tmp_path / name, COUNT, codec=codec, gop=GOP, b_frames=0)
    broken = damaged_copy(intact, HIT)
    pairs = zip(decoded_by_pyav(intact), decoded_by_pyav(broken), strict=True)
    differing = {index for index, (whole, torn) in enumerate(pairs) if (whole != torn).any()}
    assert {HIT, HIT + 1} <= differing
    assert max(differing) < 60
    with open_source(broken) as source:
        assert len(list(source.small_frames(0, COUNT, 64))) == COUNT
        assert source.corrupt_frames() == set(range(HIT, 60))
        assert differing <= source.corrupt_frames()
    with open_source(broken) as source:
        # Straight to a frame behind the damage: what was decoded on the way is known too.
        assert source.read(55).is_corrupt
        assert not source.read(62).is_corrupt
        assert not source.read(44).is_corrupt
    with open_source(intact) as source:
        assert len(list(source.small_frames(0, COUNT, 64))) == COUNT
        assert source.corrupt_frames() == frozenset()


def test_damage_in_a_frame_that_none_refers_to_stays_there(tmp_path: Path) -> None:
    intact = clips.make_clip(tmp_path / "b.mkv", COUNT, codec="mpeg2video", gop=GOP, b_frames=2)
    with av.open(str(intact)) as container:
        kinds = [(frame.pict_type, frame.pts) for frame in container.decode(video=0)]
    frame = next(
        index
        for index, (kind, _) in enumerate(kinds)
        if index > 30 and kind == av.video.frame.PictureType.B
    )
    with av.open(str(intact)) as container:
        stamps = [
            packet.pts for packet in container.demux(container.streams.video[0]) if packet.size
        ]
    broken = damaged_copy(intact, stamps.index(kinds[frame][1]))
    with open_source(broken) as source:
        assert len(list(source.small_frames(0, COUNT, 64))) == COUNT
        assert source.corrupt_frames() == {frame}
