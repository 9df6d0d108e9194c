"""What an export can be: the formats there are, and what the reader chose. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.exchange.document import FormatName, NameBy

ImageFormat = Literal["png", "jpeg"]


@dataclass(frozen=True)
class ExportFormat:
    """A format as it is offered.

    ``suffix`` of the one file that it is, empty where it is several in a folder. It may write
    images of frames, name the files of images, or list frames alone, so that a range is all its
    frames.
    """

    key: FormatName
    suffix: str = ""
    writes_images: bool = False
    names_images: bool = False
    lists_frames: bool = False

    @property
    def name(self) -> str:
        """What the reader calls it."""
        return export_wording.FORMAT_NAMES[self.key]

    @property
    def note(self) -> str:
        """Which program it is for, and what it leaves out."""
        return export_wording.FORMAT_NOTES[self.key]


FORMATS = (
    ExportFormat("json", ".json"),
    ExportFormat("csv", ".csv", names_images=True),
    ExportFormat("class folders", writes_images=True, names_images=True, lists_frames=True),
    ExportFormat("coco", ".json", names_images=True, lists_frames=True),
    ExportFormat("cvat", names_images=True, lists_frames=True),
    ExportFormat("label studio", names_images=True),
)
"""In the order in which they are offered."""


@dataclass(frozen=True)
class ExportChoice:
    """What the reader chose."""

    format: FormatName
    whole_library: bool
    name_by: NameBy
    image_format: ImageFormat
    blank_identity: bool
    range_frames: bool = True

    def format_details(self) -> ExportFormat:
        """What the chosen format can do."""
        return next(known for known in FORMATS if known.key == self.format)

    @property
    def image_suffix(self) -> str:
        """Of the images that are written or named."""
        return ".png" if self.image_format == "png" else ".jpg"
