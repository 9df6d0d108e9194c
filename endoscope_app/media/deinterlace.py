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
    for number, picture, _, _ in frames:
        if graph is None or shape != _shape(picture):
            if graph is not None:
                yield from _finish(graph)
            graph, shape = _graph(picture), _shape(picture)
        # The label travels through the filter as the timestamp, in whole ticks.
        picture.pts = number
        picture.time_base = Fraction(1, 1)
        graph.push(picture)
        yield from _ready(graph)
    if graph is not None:
        yield from _finish(graph)


def _shape(picture: VideoFrame) -> tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name


def _graph(picture: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=Fraction(1, 1)
    )
    bwdif = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
    graph.link_nodes(source, bwdif, graph.add("buffersink")).configure()
    return graph


def _ready(graph: Graph) -> Iterator[Decoded]:
    while True:
        try:
            picture = graph.pull()
        except (BlockingIOError, EndOfStream, FFmpegError):
            return
        if (
            isinstance(picture, VideoFrame)
            and picture.pts is not None
            and picture.time_base is not None
        ):
            yield Decoded(round(picture.pts * picture.time_base), picture, 0.0, False)


def _finish(graph: Graph) -> Iterator[Decoded]:
    graph.push(None)
    yield from _ready(graph)
