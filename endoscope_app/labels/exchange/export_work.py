"""An export from beginning to end, as it runs in the background: its own reading of the
library, and its end in words. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    json_format,
    label_studio_format,
)
from endoscope_app.labels.exchange.class_matching import Names
from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
    ExchangeProcedure,
    assemble,
    collect,
)
from endoscope_app.labels.exchange.export_dialog import ExportChoice
from endoscope_app.labels.exchange.frame_identity import blank_identity
from endoscope_app.labels.exchange.range_frames import with_range_frames
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import LabelledPictures, Recordings

Write = Callable[[Path], None]
SUFFIXES = {"json": ".json", "csv": ".csv", "coco": ".json"}
"""Of formats that are one file."""
FRAMES_ALONE = ("class folders", "coco", "cvat")


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

    def run(self, progress: class_folders.Progress, should_stop: Callable[[], bool]) -> str:
        """Do it; the sentence says how it ended. AppError where it cannot be written."""
        try:
            return self._run(progress, should_stop)
        except _Stopped:
            return "Stopped. Nothing was written."

    def _run(self, progress: class_folders.Progress, should_stop: Callable[[], bool]) -> str:
        with (
            LabelStore(self.library) as library,
            Recordings(library, deinterlace=self.deinterlace) as recordings,
        ):

            def seconds(fingerprint: str, index: int) -> float:
                if should_stop():  # the recordings of a large library take their time to open
                    raise _Stopped
                return recordings.seconds(fingerprint, index)

            wanted = None if self.choice.whole_library else {self.fingerprint}
            document = collect(library, wanted, self.choice.name_by, seconds)
            if not document.label_count():
                return "There are no labels to export, so nothing was written."
            told: list[str] = []
            pictures = LabelledPictures(library, self.kept, recordings)
            if self.choice.format in FRAMES_ALONE:
                document, told = self._frames_alone(document, library, recordings, pictures)
            if self.choice.format == "class folders":
                done = self._write_folders(document, pictures, recordings, progress, should_stop)
                return " ".join([done, *told])
            if self.choice.format in SUFFIXES:
                self._writer(document)(self.target)
                return " ".join([f"{_labels(document)} went to {self.target.name}.", *told])
            return " ".join([self._write_several(document), *told])

    def _frames_alone(
        self,
        document: ExchangeDocument,
        library: LabelStore,
        recordings: Recordings,
        pictures: LabelledPictures,
    ) -> tuple[ExchangeDocument, list[str]]:
        """The document with every frame of its ranges, if the reader wants them, the size of
        frames, and what has to be said of both.
        """
        told = []
        if self.choice.range_frames:
            found = with_range_frames(document, library, recordings.pts, recordings.seconds)
            document = found.document
            if found.left_out:
                told.append(
                    f"{counted(found.left_out, 'range')} left out: the recording is not at hand to"
                    " list the frames."
                )
        elif document.ranges:
            told.append(f"{counted(len(document.ranges), 'range')} left out, as you chose.")
        sized = [_sized(one, document, recordings, pictures) for one in document.procedures]
        used = {frame.fingerprint for frame in document.frames}
        if self.choice.format != "class folders" and (
            unknown := sum(not one.width for one in sized if one.fingerprint in used)
        ):
            told.append(
                f"Width and height are missing for {counted(unknown, 'procedure')}: neither"
                " recording nor image is at hand."
            )
        return assemble(document.classes, sized, document.frames, ()), told

    def _writer(self, document: ExchangeDocument) -> Write:
        """What writes the one file of this format."""
        if self.choice.format == "coco":
            return partial(coco_format.write, document, suffix=self._suffix)
        if self.choice.format == "csv":
            return partial(csv_format.write, document, suffix=self._suffix)
        return partial(json_format.write, document)

    @property
    def _suffix(self) -> str:
        return ".png" if self.choice.picture == "png" else ".jpg"

    def _write_several(self, document: ExchangeDocument) -> str:
        """Formats of several files in a folder. Nothing that is there is replaced."""
        parts = (
            self._cvat(document) if self.choice.format == "cvat" else self._label_studio(document)
        )
        if not parts:
            return "There are no labels of frames to export, so nothing was written."
        there = next((name for name in parts if (self.target / name).exists()), None)
        if there is not None:
            raise AppError(
                f"The folder already holds {there}, so nothing was exported.",
                "Choose another folder.",
            )
        for name, write in parts.items():
            write(self.target / name)
        return f"{_labels(document)} went to {self.target.name}: {', '.join(parts)}."

    def _cvat(self, document: ExchangeDocument) -> dict[str, Write]:
        names = Names(document)
        parts: dict[str, Write] = {}
        for film in document.procedures:
            frames = [frame for frame in document.frames if frame.fingerprint == film.fingerprint]
            if frames:
                own = assemble(document.classes, [film], frames, ())
                parts[f"{names.procedure(film.fingerprint)}.xml"] = partial(
                    cvat_format.write, own, suffix=self._suffix
                )
        return parts

    def _label_studio(self, document: ExchangeDocument) -> dict[str, Write]:
        parts: dict[str, Write] = {}
        if document.frames:
            parts["image-tasks.json"] = partial(
                label_studio_format.write_images, document, suffix=self._suffix
            )
            parts["image-configuration.xml"] = partial(
                label_studio_format.write_configuration, document, videos=False
            )
        if document.ranges:
            parts["video-tasks.json"] = partial(label_studio_format.write_videos, document)
            parts["video-configuration.xml"] = partial(
                label_studio_format.write_configuration, document, videos=True
            )
        return parts

    def _write_folders(
        self,
        document: ExchangeDocument,
        pictures: LabelledPictures,
        recordings: Recordings,
        progress: class_folders.Progress,
        should_stop: Callable[[], bool],
    ) -> str:
        places = {
            (frame.fingerprint, frame.at.pts): frame.at.frame_index
            for frame in document.frames
            if frame.from_range
        }

        def image_of(fingerprint: str, pts: int) -> class_folders.Image | None:
            index = places.get((fingerprint, pts))
            return (
                pictures.of(fingerprint, pts)
                if index is None
                else recordings.picture(fingerprint, index, pts)
            )

        found = class_folders.write(
            document,
            self.target,
            image_of,
            picture=self.choice.picture,
            blank=blank_identity if self.choice.blank_identity else lambda rgb: rgb,
            progress=progress,
            should_stop=should_stop,
        )
        return _folders_in_words(document, found, self.target.name)


def _sized(
    film: ExchangeProcedure,
    document: ExchangeDocument,
    recordings: Recordings,
    pictures: LabelledPictures,
) -> ExchangeProcedure:
    """With its width and height: from the recording, or a kept image, where the library never
    noted them.
    """
    if film.width and film.height:
        return film
    width, height = recordings.size(film.fingerprint)
    labelled = (
        frame.at.pts
        for frame in document.frames
        if frame.fingerprint == film.fingerprint and not frame.from_range
    )
    pts = None if width else next(labelled, None)
    image = None if pts is None else pictures.of(film.fingerprint, pts)
    if image is not None:
        height, width = image.shape[:2]
    return replace(film, width=width, height=height)


def _folders_in_words(document: ExchangeDocument, found: class_folders.Exported, name: str) -> str:
    if found.stopped:
        return "Stopped. No image of this export was left behind."
    words = [f"{counted(found.written, 'image')} of {_recordings(document)} went to {name}."]
    if found.without_pixels:
        words.append(
            f"Left out: {counted(found.without_pixels, 'frame')} without a kept picture whose"
            " recording is gone or has changed."
        )
    unusable = sum(frame.class_name is None for frame in document.frames)
    if unusable:
        words.append(
            f"Class folders hold no place for {counted(unusable, 'frame')} of none of the classes."
        )
    return " ".join(words)


def _labels(document: ExchangeDocument) -> str:
    what = "labelled frame" if any(frame.from_range for frame in document.frames) else "label"
    return f"{counted(document.label_count(), what)} of {_recordings(document)}"


def _recordings(document: ExchangeDocument) -> str:
    return counted(len({label.fingerprint for label in document.labels()}), "procedure")
