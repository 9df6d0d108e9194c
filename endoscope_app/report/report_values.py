"""A report as values: what was found, when, by whom, and what the reader could see. No Qt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

#: What a class belongs to: where the endoscope was, how clean it was there, or disease; and what
#: was only noted, without a class.
Group = Literal["pathology", "landmark", "preparation", "other", "note"]
#: In which order a report tells them.
GROUPS: tuple[Group, ...] = ("pathology", "landmark", "preparation", "other", "note")
#: A segment that the model proposed and the reader took or corrected, or a range or frame that the
#: reader labelled without one.
FindingState = Literal["accepted", "corrected", "labelled", "noted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Frames ``first`` to ``last``, both included, of one class.

    ``place`` names them as the window does; times in ms from the first frame, ``end_ms`` when the
    last one has been shown. ``shown_frame``: the one whose picture stands for it.
    """

    class_key: str
    class_name: str
    group: Group
    state: FindingState
    first: int
    last: int
    start_ms: float
    end_ms: float
    place: str
    shown_frame: int
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two stills side by side, by their frames and places, with what was written below them."""

    before: int
    after: int
    before_place: str
    after_place: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Milestones:
    """Of a video, in ms from its first frame; None where the caecum is not among the findings.

    ``withdrawal_ms``: from the caecum's last frame to the recording's end.
    """

    caecum_ms: float | None = None
    withdrawal_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a procedure was read: by whom, how many acts with the model shown always, hidden until
    an answer, or on request, and beside which versions of it; how many segments were left open
    when the review was finished (None: it was not). ``second_reader``: who has read it blind a
    second time, ``adjudicators``: who said what counts where the two differ; empty for nobody.
    """

    readers: tuple[str, ...] = ()
    acts: Mapping[str, int] = field(default_factory=dict)
    model_versions: tuple[str, ...] = ()
    last_act_utc: str = ""
    left_open: int | None = None
    second_reader: str = ""
    adjudicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the reader chose: heat maps beside the stills, the recording's file name, and frames
    that were labelled one by one.
    """

    heat_maps: bool = False
    file_name: bool = False
    single_frames: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """``procedure`` is its file's name where that was asked for, else a short fingerprint.

    ``preparation``: class name and for how many ms it was found, of a video; ``model_version``: of
    the model in use when the report was made, empty without one.
    """

    procedure: str
    patient: str
    reader: str
    made_utc: str
    stills: bool
    frame_count: int
    duration_ms: float
    model_version: str
    options: ReportOptions
    conditions: Conditions
    findings: tuple[Finding, ...]
    milestones: Milestones
    preparation: tuple[tuple[str, float], ...]
    pairs: tuple[Pair, ...] = ()
    quality: tuple[tuple[str, str], ...] = ()
    """What images are estimated to be, and the share of frames; empty where nothing is measured."""
    reading: tuple[tuple[str, float], ...] = ()
    """For how many seconds each reader has read it."""

    @property
    def digest(self) -> str:
        """Of all that it says but for when it was made, and how long it was read: two reports with
        one digest say the same.
        """
        same = msgspec.to_builtins(replace(self, made_utc=""))
        del same["reading"]
        return hashlib.sha256(msgspec.json.encode(same, order="deterministic")).hexdigest()


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of ``width`` by ``height`` pixels, with what identifies the patient blanked."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """By frame: stills, and the same with the heat map of the finding's class over it."""

    stills: Mapping[int, Picture] = field(default_factory=dict)
    heat_maps: Mapping[tuple[int, str], Picture] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who answers for a version of a report, and since when."""

    version: int
    signed_by: str
    signed_utc: str
