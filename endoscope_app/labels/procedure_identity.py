"""Whether an opened procedure is one that the library knows, and what is to be asked about it.

No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from endoscope_app.base.wording import counted
from endoscope_app.labels import identity_wording, wording
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import Procedure
from endoscope_app.media.first_image import is_same_image
from endoscope_app.media.source import SourceInfo

Kind = Literal["differs", "old folder", "changed", "joined"]


@dataclass(frozen=True)
class IdentityQuestion:
    """A question to be answered before labels are shown.

    ``before``: the procedure that was labelled; ``number``: its labels; ``also``: others whose
    labels are counted too.

    Kinds: "differs", known under this identity, but ``differing`` is otherwise; "old folder", known
        as versions before knew folders,
    by names and sizes; "changed", another content where a labelled procedure was, or one that
    shares images with it; "joined", by itself or with other files a part of this one.
    """

    kind: Kind
    before: Procedure
    number: int
    differing: tuple[str, ...] = ()
    also: tuple[Procedure, ...] = ()
    is_likely: bool = True
    """Whether the two look like one procedure: recorders give many patients' files the same
    name.
    """


def identity_question(
    library: LabelReader, info: SourceInfo, now: Procedure, stamps: Sequence[int]
) -> IdentityQuestion | None:
    """What must be asked of the reader; None where nothing is in question."""
    known = library.procedure(now.fingerprint)
    if known is not None:
        differing = differences(known, now) if library.is_labelled(now.fingerprint) else ()
        return (
            IdentityQuestion("differs", known, _number(library, known), differing)
            if differing
            else None
        )
    labelled = library.labelled_procedures()
    legacy = (
        library.procedure(info.legacy_fingerprint) if info.legacy_fingerprint in labelled else None
    )
    if legacy is not None:
        return IdentityQuestion("old folder", legacy, _number(library, legacy))
    noted = library.procedures()
    others = [procedure for procedure in noted if procedure.fingerprint in labelled]
    here = [
        procedure
        for procedure in others
        if procedure.path == now.path and procedure.fingerprint not in info.siblings
    ]
    if not here and (inside := labelled_inside(library, noted, info, stamps)):
        number = sum(_number(library, procedure) for procedure in inside)
        return IdentityQuestion("joined", inside[0], number, also=inside[1:])
    before = here[-1] if here else _sharing(library, others, info, stamps)
    if before is None:
        return None
    return IdentityQuestion(
        "changed",
        before,
        _number(library, before),
        is_likely=_looks_same(library, before, now, stamps),
    )


def differences(known: Procedure, now: Procedure) -> tuple[str, ...]:
    """What is not as it was noted; what was never noted does not count."""
    differing = []
    if known.frame_count != now.frame_count:
        differing.append(identity_wording.NUMBER_OF_FRAMES)
    if known.width and known.height and (known.width, known.height) != (now.width, now.height):
        differing.append(identity_wording.SIZE)
    if not is_same_image(known.first_image, now.first_image):
        differing.append(identity_wording.FIRST_IMAGE)
    return tuple(differing)


def lines_of(
    procedure: Procedure, folder: bool, labelled_at: str = "", number: int | None = None
) -> tuple[str, ...]:
    """What is known of a procedure, a line each."""
    lines = [
        procedure.name,
        procedure.path,
        wording.frame_count(procedure.frame_count, folder),
    ]
    if procedure.width:
        lines.append(identity_wording.size_line(procedure.width, procedure.height))
    if number is not None:
        lines.append(counted(number, "label"))
    if labelled_at:
        lines.append(identity_wording.labelled_line(labelled_at[:10]))
    return tuple(lines)


def labelled_inside(
    library: LabelReader, noted: Sequence[Procedure], info: SourceInfo, stamps: Sequence[int]
) -> tuple[Procedure, ...]:
    """The procedures with labels, decisions or bookmarks whose frames are among those of a
    procedure in several files: a file by itself, or some of the files joined otherwise.

    That with most labels comes first.
    """
    if not info.parts:
        return ()
    files = {part.fingerprint for part in info.parts}
    here = {int(stamp) for stamp in stamps}
    inside = [
        procedure
        for procedure in noted
        if (procedure.fingerprint in files or procedure.stamp_kind == "content")
        and (said := _labelled_stamps(library, procedure) | _decided_stamps(library, procedure))
        and (procedure.fingerprint in files or said & here)
    ]
    return tuple(sorted(inside, key=lambda procedure: -_number(library, procedure)))


def _labelled_stamps(library: LabelReader, procedure: Procedure) -> set[int]:
    """Of every frame with a label, and of the ends of ranges."""
    spans = library.ranges(procedure.fingerprint)
    ends = (pts for span in spans for pts in (span.first_pts, span.last_pts))
    return {*(label.pts for label in library.frame_labels(procedure.fingerprint)), *ends}


def _decided_stamps(library: LabelReader, procedure: Procedure) -> set[int]:
    """Of the ends of decided segments, and of bookmarks."""
    items = library.segments(procedure.fingerprint)
    return {pts for item in items for pts in (item.first_pts, item.last_pts)}


def _sharing(
    library: LabelReader, others: Sequence[Procedure], info: SourceInfo, stamps: Sequence[int]
) -> Procedure | None:
    """The labelled stills, gone from where they were, that share most labelled images with
    these.
    """
    if info.stamp_kind != "content":
        return None
    here = {int(stamp) for stamp in stamps}
    shared: list[tuple[int, Procedure]] = []
    for procedure in others:
        if procedure.stamp_kind == "content" and not Path(procedure.path).exists():
            shared.append((len(_labelled_stamps(library, procedure) & here), procedure))
    best = max(shared, key=lambda item: item[0], default=(0, None))
    return best[1] if best[0] else None


def _looks_same(
    library: LabelReader, before: Procedure, now: Procedure, stamps: Sequence[int]
) -> bool:
    """Stills that share a labelled image, or the same first image."""
    if before.stamp_kind == now.stamp_kind == "content":
        here = {int(stamp) for stamp in stamps}
        if any(label.pts in here for label in library.frame_labels(before.fingerprint)):
            return True
    return (
        bool(before.first_image)
        and bool(now.first_image)
        and is_same_image(before.first_image, now.first_image)
    )


def _number(library: LabelReader, procedure: Procedure) -> int:
    return len(library.frame_labels(procedure.fingerprint)) + len(
        library.ranges(procedure.fingerprint)
    )
