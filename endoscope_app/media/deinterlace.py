"""Deinterlacing by FFmpeg's bwdif, one frame out for each frame in, numbers kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.error import EOFError as EndOfStream
from av.error import FFmpegError
from av.filter import Graph
from av.video.frame import VideoFrame

from endoscope_app.media.decoder import Decoded


def deinterlaced(frames: Iterable[Decoded]) -> Iterator[Decoded]:
    """Pass frames through the filter. Only frames flagged interlaced change.

    The filter looks one frame back and one ahead, so a frame is only the same as in any other run
    if both its neighbours were fed: the caller drops the first frame of a run that does not begin
    with the first frame of the file.
    """
    aspects: dict[int, tuple[float, bool]] = {}
    for decoded in _filtered(_remembered(frames, aspects)):
        aspect, was_corrupt = aspects.pop(decoded.number)
        yield decoded._replace(aspect=aspect, is_corrupt=was_corrupt)


def _remembered(
    frames: Iterable[Decoded], aspects: dict[int, tuple[float, bool]]
) -> Iterator[Decoded]:
    for decoded in frames:
        aspects[decoded.number] = (decoded.aspect, decoded.is_corrupt)
        yield decoded


def _filtered(frames: Iterable[Decoded]) -> Iterator[Decoded]:
    graph: Graph | None = None
    shape: tuple[int, int, str] | None = None
    for number, video_frame, _, _ in frames:
        if graph is None or shape != _shape(video_frame):
            if graph is not None:
                yield from _finish(graph)
            graph, shape = _graph(video_frame), _shape(video_frame)
        # The label travels through the filter as the timestamp, in whole ticks.
        video_frame.pts = number
        video_frame.time_base = Fraction(1, 1)
        graph.push(video_frame)
        yield from _ready(graph)
    if graph is not None:
        yield from _finish(graph)


def _shape(video_frame: VideoFrame) -> tuple[int, int, str]:
    return video_frame.width, video_frame.height, video_frame.format.name


def _graph(video_frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=video_frame.width,
        height=video_frame.height,
        format=video_frame.format,
        time_base=Fraction(1, 1),
    )
    bwdif = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
    graph.link_nodes(source, bwdif, graph.add("buffersink")).configure()
    return graph


def _ready(graph: Graph) -> Iterator[Decoded]:
    while True:
        try:
            video_frame = graph.pull()
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except (BlockingIOError, EndOfStream, FFmpegError):
            return
        if (
            isinstance(video_frame, VideoFrame)
            and video_frame.pts is not None
            and video_frame.time_base is not None
        ):
            yield Decoded(round(video_frame.pts * video_frame.time_base), video_frame, 0.0, False)


def _finish(graph: Graph) -> Iterator[Decoded]:
    graph.push(None)
    yield from _ready(graph)
