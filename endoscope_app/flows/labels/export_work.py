"""An export from beginning to end, as it runs in the background: its own reading of the library, and its end in words. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.dialogs.export_dialog import ExportChoice, ExportFormat
from endoscope_app.flows.labels.recordings import LabelledPictures, Recordings
from endoscope_app.store.exchange import class_folders, coco_format, csv_format, cvat_format, json_format, label_studio_format
from endoscope_app.store.exchange.document import ExchangeDocument, collect
from endoscope_app.store.exchange.identity import blank_identity
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.wording import counted

FORMATS = (
    ExportFormat("json", "JSON of this program", "Holds everything but the journal. The one to carry labels to another computer."),
    ExportFormat("csv", "CSV table", "A row a frame or range, for spreadsheets and for training. Leaves out colours and empty classes."),
    ExportFormat(
        "class folders",
        "Class folders of pictures",
        "Frames as pictures in the folder of their class, with a table for training. Leaves out ranges and unusable frames.",
        pictures=True,
    ),
    ExportFormat("coco", "COCO JSON", "Categories of images, without boxes. Holds everything."),
    ExportFormat("cvat", "CVAT XML (for images 1.1)", "A tag a frame. Leaves out which classes are retired, and names of recordings."),
    ExportFormat("label studio", "Label Studio JSON", "A task a frame, ranges on a timeline. Leaves out colours and empty classes."),
)
WRITERS: dict[str, tuple[Callable[[ExchangeDocument, Path], None], str]] = {
    "json": (json_format.write, ".json"),
    "csv": (csv_format.write, ".csv"),
    "coco": (coco_format.write, ".json"),
    "cvat": (cvat_format.write, ".xml"),
    "label studio": (label_studio_format.write, ".json"),
}


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
        with LabelStore(self.library) as library:
            wanted = None if self.choice.whole_library else {self.fingerprint}
            document = collect(library, wanted, self.choice.name_by)
            if not document.label_count():
                return "There are no labels to export, so nothing was written."
            if self.choice.format != "class folders":
                write, _ = WRITERS[self.choice.format]
                write(document, self.target)
                return f"{counted(document.label_count(), 'label')} of {_recordings(document)} went to {self.target.name}."
            with Recordings(library, deinterlace=self.deinterlace) as recordings:
                pictures = LabelledPictures(library, self.kept, recordings)
                found = class_folders.write(
                    document, self.target, pictures.of, picture=self.choice.picture,
                    blank=blank_identity if self.choice.blank_identity else lambda rgb: rgb,
                    progress=progress, should_stop=should_stop,
                )  # fmt: skip
        return _folders_in_words(document, found, self.target.name)


def _folders_in_words(document: ExchangeDocument, found: class_folders.Exported, name: str) -> str:
    if found.stopped:
        return "Stopped. No picture of this export was left behind."
    words = [f"{counted(found.written, 'picture')} of {_recordings(document)} went to {name}."]
    if found.without_pixels:
        words.append(
            f"Left out: {counted(found.without_pixels, 'frame')} without a kept picture whose recording is gone or has changed."
        )
    unusable = sum(frame.class_name is None for frame in document.frames)
    left = [counted(number, what) for number, what in ((len(document.ranges), "range"), (unusable, "unusable frame")) if number]
    if left:
        words.append(f"Class folders hold no place for {' and '.join(left)}.")
    return " ".join(words)


def _recordings(document: ExchangeDocument) -> str:
    return counted(len({label.fingerprint for label in document.labels()}), "procedure")
