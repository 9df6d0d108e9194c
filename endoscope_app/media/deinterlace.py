"""Deinterlacing by FFmpeg's bwdif, one picture out for one picture in, frame numbers kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.error import EOFError as EndOfStream
from av.error import FFmpegError
from av.filter import Graph
from av.video.frame import VideoFrame

Numbered = tuple[int, VideoFrame]


def deinterlaced(pictures: Iterable[Numbered]) -> Iterator[Numbered]:
    """Pass pictures through the filter. Only pictures flagged interlaced change.

    The filter looks one picture back and one ahead, so a picture is only the same as in any other run if both its
    neighbours were fed: the caller drops the first picture of a run that does not begin with the first frame.
    """
    graph: Graph | None = None
    shape: tuple[int, int, str] | None = None
    for number, picture in pictures:
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
    source = graph.add_buffer(width=picture.width, height=picture.height, format=picture.format, time_base=Fraction(1, 1))
    bwdif = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
    graph.link_nodes(source, bwdif, graph.add("buffersink")).configure()
    return graph


def _ready(graph: Graph) -> Iterator[Numbered]:
    while True:
        try:
            picture = graph.pull()
        except (BlockingIOError, EndOfStream, FFmpegError):
            return
        if isinstance(picture, VideoFrame) and picture.pts is not None and picture.time_base is not None:
            yield round(picture.pts * picture.time_base), picture


def _finish(graph: Graph) -> Iterator[Numbered]:
    graph.push(None)
    yield from _ready(graph)
