"""An export from beginning to end, as it runs in the background. No Qt.

It reads the library for itself, and its end is a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    export_wording,
    json_format,
    label_studio_format,
)
from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
    ExchangePart,
    ExchangeProcedure,
    assemble,
)
from endoscope_app.labels.exchange.export_choice import ExportChoice
from endoscope_app.labels.exchange.file_names import Names
from endoscope_app.labels.exchange.frame_identity import blank_identity
from endoscope_app.labels.exchange.library_document import collect, plain_name
from endoscope_app.labels.exchange.range_frames import with_range_frames
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import LabelledImages, Recordings

Write = Callable[[Path], None]
ShouldStop = Callable[[], bool]


class _Stopped(Exception):
    """The reader has pressed Cancel before anything was written."""


@dataclass(frozen=True)
class ExportWork:
    """What to export where. ``fingerprint``: of the open procedure, for exports of it alone."""

    library: Path
    choice: ExportChoice
    target: Path
    fingerprint: str
    kept: FramePngs
    deinterlace: bool

    def run(self, progress: class_folders.Progress, should_stop: ShouldStop) -> str:
        """Do it; the sentence says how it ended. AppError where it cannot be written."""
        try:
            return self._run(progress, should_stop)
        except _Stopped:
            return export_wording.STOPPED

    def _run(self, progress: class_folders.Progress, should_stop: ShouldStop) -> str:
        with (
            LabelStore(self.library) as library,
            Recordings(library.read, deinterlace=self.deinterlace) as recordings,
        ):

            def seconds(fingerprint: str, index: int) -> float:
                if should_stop():  # the files of a large library take their time to open
                    raise _Stopped
                return recordings.seconds(fingerprint, index)

            wanted = None if self.choice.whole_library else {self.fingerprint}

            def parts(fingerprint: str) -> tuple[ExchangePart, ...]:
                return tuple(
                    ExchangePart(plain_name(part.path.name), part.first, part.frame_count)
                    for part in recordings.parts(fingerprint)
                )

            document = collect(library.read, wanted, self.choice.name_by, seconds, parts)
            if not document.label_count():
                return export_wording.NO_LABELS
            remarks: list[str] = []
            images = LabelledImages(library.read, self.kept, recordings)
            details = self.choice.format_details()
            if details.lists_frames:
                document, remarks = self._frames_alone(document, library, recordings, images)
            if details.writes_images:
                done = self._write_folders(document, images, recordings, progress, should_stop)
            elif details.suffix:
                self._writer(document)(self.target)
                done = export_wording.went_to(_labels(document), self.target.name)
            else:
                done = self._write_several(document)
            return " ".join([done, *remarks])

    def _frames_alone(
        self,
        document: ExchangeDocument,
        library: LabelStore,
        recordings: Recordings,
        images: LabelledImages,
    ) -> tuple[ExchangeDocument, list[str]]:
        """For a format that lists frames: every frame of the ranges, and the size of frames.

        With what has to be said of both.
        """
        remarks = []
        if self.choice.range_frames:
            expanded = with_range_frames(document, library.read, recordings.pts, recordings.seconds)
            document = expanded.document
            if expanded.left_out:
                remarks.append(export_wording.ranges_not_at_hand(expanded.left_out))
        elif document.ranges:
            remarks.append(export_wording.ranges_as_chosen(len(document.ranges)))
        sized = [
            _sized(procedure, document, recordings, images) for procedure in document.procedures
        ]
        used = {frame.fingerprint for frame in document.frames}
        unknown = sum(not known.width for known in sized if known.fingerprint in used)
        if unknown and not self.choice.format_details().writes_images:
            remarks.append(export_wording.sizes_missing(unknown))
        return assemble(document.classes, sized, document.frames, ()), remarks

    def _writer(self, document: ExchangeDocument) -> Write:
        """What writes the one file of this format."""
        if self.choice.format == "coco":
            return partial(coco_format.write, document, suffix=self.choice.image_suffix)
        if self.choice.format == "csv":
            return partial(csv_format.write, document, suffix=self.choice.image_suffix)
        return partial(json_format.write, document)

    def _write_several(self, document: ExchangeDocument) -> str:
        """Formats of several files in a folder. Nothing that is there is replaced."""
        suffix = self.choice.image_suffix
        is_cvat = self.choice.format == "cvat"
        parts = _cvat(document, suffix) if is_cvat else _label_studio(document, suffix)
        if not parts:
            return export_wording.NO_FRAME_LABELS
        there = next((name for name in parts if (self.target / name).exists()), None)
        if there is not None:
            raise AppError(*export_wording.already_there(there))
        for name, write in parts.items():
            write(self.target / name)
        return export_wording.went_to(_labels(document), self.target.name, list(parts))

    def _write_folders(
        self,
        document: ExchangeDocument,
        images: LabelledImages,
        recordings: Recordings,
        progress: class_folders.Progress,
        should_stop: ShouldStop,
    ) -> str:
        index_of = {
            (frame.fingerprint, frame.at.pts): frame.at.frame_index
            for frame in document.frames
            if frame.from_range
        }

        def image_of(fingerprint: str, pts: int) -> class_folders.Image | None:
            index = index_of.get((fingerprint, pts))
            if index is None:
                return images.of(fingerprint, pts)
            return recordings.image(fingerprint, index, pts)

        exported = class_folders.write(
            document,
            self.target,
            image_of,
            image_format=self.choice.image_format,
            blank=blank_identity if self.choice.blank_identity else None,
            kept_png=self.kept.file,
            progress=progress,
            should_stop=should_stop,
        )
        return _folders_end(document, exported, self.target.name)


def _cvat(document: ExchangeDocument, suffix: str) -> dict[str, Write]:
    """A file per procedure."""
    names = Names(document)
    parts: dict[str, Write] = {}
    for procedure in document.procedures:
        key = procedure.fingerprint
        frames = [frame for frame in document.frames if frame.fingerprint == key]
        if frames:
            own = assemble(document.classes, [procedure], frames, ())
            parts[f"{names.procedure(key)}.xml"] = partial(cvat_format.write, own, suffix=suffix)
    return parts


def _label_studio(document: ExchangeDocument, suffix: str) -> dict[str, Write]:
    """Tasks and their configuration, of images and of videos."""
    parts: dict[str, Write] = {}
    configure = partial(label_studio_format.write_configuration, document)
    if document.frames:
        write_images = partial(label_studio_format.write_images, document, suffix=suffix)
        parts["image-tasks.json"] = write_images
        parts["image-configuration.xml"] = partial(configure, videos=False)
    if document.ranges:
        parts["video-tasks.json"] = partial(label_studio_format.write_videos, document)
        parts["video-configuration.xml"] = partial(configure, videos=True)
    return parts


def _sized(
    procedure: ExchangeProcedure,
    document: ExchangeDocument,
    recordings: Recordings,
    images: LabelledImages,
) -> ExchangeProcedure:
    """With its width and height, from its file or a kept image where the library has none."""
    key = procedure.fingerprint
    if procedure.width and procedure.height:
        return procedure
    width, height = recordings.size(key)
    labelled = (
        frame.at.pts
        for frame in document.frames
        if frame.fingerprint == key and not frame.from_range
    )
    pts = None if width else next(labelled, None)
    image = None if pts is None else images.of(key, pts)
    if image is not None:
        height, width = image.shape[:2]
    return replace(procedure, width=width, height=height)


def _folders_end(document: ExchangeDocument, exported: class_folders.Exported, name: str) -> str:
    if exported.stopped:
        return export_wording.STOPPED_IMAGES
    images = export_wording.images_of(exported.written, _procedures(document))
    sentences = [export_wording.went_to(images, name)]
    if exported.without_pixels:
        sentences.append(export_wording.frames_without_image(exported.without_pixels))
    unusable = sum(frame.class_name is None for frame in document.frames)
    if unusable:
        sentences.append(export_wording.frames_of_no_class(unusable))
    return " ".join(sentences)


def _labels(document: ExchangeDocument) -> str:
    each_frame = any(frame.from_range for frame in document.frames)
    count = document.label_count()
    return export_wording.labels_of(count, _procedures(document), each_frame=each_frame)


def _procedures(document: ExchangeDocument) -> int:
    return len({label.fingerprint for label in document.labels()})
