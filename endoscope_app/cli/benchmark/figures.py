"""What the benchmark measures: a struct a part, whose field names are the keys of its output."""

from __future__ import annotations

import msgspec

Figure = int | float | str | None
Figures = dict[str, Figure]
"""Figures of one process by name, as they cross from it to its parent."""

Targets = dict[str, float]


class AnalysisFigures(msgspec.Struct, frozen=True):
    """Frames per second of decoding alone and of the whole analysis, and their ratio."""

    decode_only_fps: float
    analysis_fps: float
    ratio: float
    ratio_target: float = 0.80


class QuickFigures(msgspec.Struct, frozen=True):
    """Seconds from the beginning of a quick look: until its first stage has filled the timeline,
    until it is whole, and what the analysis of every frame takes; ``share``: whole over complete.
    """

    frames: int
    looks: int
    full_timeline_s: float
    whole_look_s: float
    complete_s: float
    share: float


class SeekFigures(msgspec.Struct, frozen=True):
    """How many random seeks were made, how many met their frame, and milliseconds; those of a
    step forwards, of a step backwards over the same frames (``backward_ratio``: over forwards),
    and of a jump into what was just seen (means).
    """

    seeks: int
    exact: int
    p50_ms: float
    p95_ms: float
    forward_ms: float
    backward_ms: float
    backward_ratio: float
    seen_ms: float
    p95_target_ms: int = 200


class ApartFigures(msgspec.Struct, frozen=True):
    """Files decoded by processes of their own, and by this one (``here``): frames per second of a
    whole analysis, milliseconds of a seek, frames per second read in order one by one, and
    milliseconds from nothing to the first frame. A ratio is apart over here.
    """

    analysis_fps: float
    analysis_here_fps: float
    analysis_ratio: float
    seek_ms: float
    seek_here_ms: float
    seek_ratio: float
    in_order_fps: float
    in_order_here_fps: float
    in_order_ratio: float
    open_ms: float
    open_here_ms: float
    analysis_ratio_target: float = 0.97
    seek_ratio_target: float = 1.03


class PeerFigures(msgspec.Struct, frozen=True):
    """This program and one put together of well-known parts: frames per second of a whole
    analysis, milliseconds of a seek and of a decoded frame's class and heat map (medians), how
    many seeks met their frame. ``_times``: how many times as fast this one is.
    """

    analysis_fps: float
    peer_analysis_fps: float
    analysis_times: float
    seek_ms: float
    peer_seek_ms: float
    seek_times: float
    seeks: int
    exact_seeks: int | None
    peer_exact_seeks: int | None
    heat_map_ms: float
    peer_heat_map_ms: float
    heat_map_times: float


class MachineFigures(msgspec.Struct, frozen=True):
    """Where and how the figures were taken. A ratio is compared between equal machines and
    clips only."""

    taken: str
    program: str
    processor: str
    cores: int
    python: str
    runs: int
    clip: str

    def is_like(self, other: MachineFigures) -> bool:
        """Whether figures of both can be compared."""
        mine, others = (self.processor, self.cores), (other.processor, other.cores)
        return mine == others and self.clip == other.clip


class StartFigures(msgspec.Struct, frozen=True):
    """Seconds from the start of the process."""

    window_s: float
    first_classified_s: float


class LiveFigures(msgspec.Struct, frozen=True):
    """Frames shown and dropped, lateness of the UI thread, and what decoding to painting took."""

    frames_shown: int
    frames_dropped: int
    ui_lateness_p99_ms: float
    decoded_to_painted_p95_ms: float
    cores_used: float


class MemoryFigures(msgspec.Struct, frozen=True):
    """Frames of the procedure; the peak is added where the process ends."""

    frames: int


def by_name(figures: StartFigures | LiveFigures | MemoryFigures) -> Figures:
    """The same by the names of the fields."""
    return msgspec.structs.asdict(figures)


class WindowPart(msgspec.Struct, frozen=True):
    """What one or more runs of the window gave, and what is to be reached."""

    figures: Figures
    targets: Targets

    def printed(self) -> dict[str, Figure | Targets]:
        """As the output has it: the figures, then their targets."""
        return {**self.figures, "targets": self.targets}
