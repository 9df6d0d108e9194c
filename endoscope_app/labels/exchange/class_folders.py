"""Frames as images, a folder per class, with the manifest.csv that kd_core's training reads.

Class folders lie alone in the folder images, as other programs take whatever lies beside them for
a class. The manifest is the CSV of csv_format and says everything about the frames that were
written. Lost are unusable frames, frames whose pixels could not be had, and what CSV loses; ranges
come back as far as their frames are there. Reading goes by the manifest alone, not by the images.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import make_open_folder, open_like_folder
from endoscope_app.base.unfinished import Note
from endoscope_app.labels.exchange import csv_format, export_wording, reading_wording
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.document import ExchangeDocument, ExchangeFrame, assemble
from endoscope_app.labels.exchange.file_names import Names
from endoscope_app.labels.exchange.frame_identity import blank_identity
from kd_core.schema import csv_text

Image = NDArray[np.uint8]
FrameOf = Callable[[str, int], Image | None]
"""(fingerprint, pts) to (H, W, 3) uint8 RGB, or None where there are no pixels."""
KeptPng = Callable[[str], bytes | None]
"""Content hash to the kept PNG file, or None where it is not to be had."""
Progress = Callable[[int, int], None]
"""Frames done, frames in all."""

MANIFEST = "manifest.csv"
MARKER = "endoscope-app-export.json"
_EXPECTED = reading_wording.EXPECTED_FOLDERS
JPEG_QUALITY = 95
_MARK = {"format": "endoscope-app class folders", "version": 1}
_STAGING = ".writing-"


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export: images written, and frames without pixels.

    One that was stopped or refused leaves no new image.
    """

    written: int
    without_pixels: int
    stopped: bool = False


def write(
    document: ExchangeDocument,
    folder: Path,
    frame_of: FrameOf,
    *,
    image_format: Literal["png", "jpeg"] = "png",
    blank: Callable[[Image], Image] | None = blank_identity,
    kept_png: KeptPng = lambda content: None,
    progress: Progress = lambda done, all_of_them: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Exported:
    """Export every frame that has a class.

    A kept PNG goes out as it is, unless it is blanked or a JPEG is wanted: both need its pixels.
    An earlier export in ``folder`` is replaced, and only its own images are taken away. The
    manifest comes last: a folder without one was not finished. AppError for a folder that holds
    anything else, and where it cannot be written.
    """
    earlier = _earlier(folder)
    images = _Images(frame_of, kept_png, ".png" if image_format == "png" else ".jpg", blank)
    staging = folder / f"{_STAGING}{secrets.token_hex(4)}"
    export = _Export(document, folder, images, staging)
    note = Note(staging)
    try:
        files.save(folder / MARKER, [msgspec.json.encode(_MARK)])
        for done, frame in enumerate(export.frames):
            if should_stop():
                export.take_back(earlier)
                return Exported(0, export.missing, True)
            export.write(frame)
            progress(done + 1, len(export.frames))
        export.finish(earlier)
    except OSError as error:
        export.take_back(earlier)
        raise files.export_error(error) from error
    except BaseException:  # too little memory, too
        export.take_back(earlier)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        note.done()
    return Exported(len(export.written), export.missing)


def read(path: Path, go_on: files.GoOn = files.to_the_end) -> ExchangeDocument:
    """The document of the manifest in such a folder. AppError for anything else."""
    if not (path / MANIFEST).is_file():
        raise AppError(reading_wording.NO_MANIFEST, reading_wording.expected(_EXPECTED))
    return csv_format.read(path / MANIFEST, go_on)


@dataclass(frozen=True, slots=True)
class _Images:
    """Where the file of a frame's image comes from."""

    frame_of: FrameOf
    kept_png: KeptPng
    suffix: str
    blank: Callable[[Image], Image] | None

    def file_of(self, frame: ExchangeFrame) -> bytes | None:
        """What to write; None where the pixels cannot be had."""
        if frame.picture and self.suffix == ".png" and self.blank is None:
            data = self.kept_png(frame.picture)
            if data is not None:
                return data
        pixels = None if frame.at.pts is None else self.frame_of(frame.fingerprint, frame.at.pts)
        if pixels is None:
            return None
        return _encoded(pixels if self.blank is None else self.blank(pixels), self.suffix)


class _Export:
    """One export on its way."""

    def __init__(
        self, document: ExchangeDocument, folder: Path, images: _Images, staging: Path
    ) -> None:
        self.frames = [frame for frame in document.frames if frame.class_name is not None]
        self.written: dict[ExchangeFrame, str] = {}
        self.missing = 0
        self._document = document
        self._folder, self._staging = folder, staging
        self._images = images
        self._names = Names(document)

    def write(self, frame: ExchangeFrame) -> None:
        """Write one frame's image, if its pixels can be had."""
        data = self._images.file_of(frame)
        if data is None:
            self.missing += 1
            return
        suffix = self._images.suffix
        name = f"{csv_format.IMAGES}/{csv_format.image_path(self._names, frame, suffix)}"
        target = self._folder / name
        # written where it is alone, as the atomic write looks through its folder, and then moved
        # into that of thousands
        staged = self._staging / target.name
        files.save(staged, [data])
        make_open_folder(target.parent)
        os.replace(staged, target)
        self.written[frame] = name
        open_like_folder(target)

    def finish(self, earlier: set[str]) -> None:
        """The manifest, and then no image that it does not list."""
        document = assemble(self._document.classes, self._document.procedures, self.written, ())
        files.save(self._folder / MANIFEST, [csv_format.table(document, self.written)])
        _remove(self._folder, earlier - set(self.written.values()))

    def take_back(self, earlier: set[str]) -> None:
        """Leave nothing that was not there before."""
        _remove(self._folder, set(self.written.values()) - earlier)
        _remove_empty(self._folder / csv_format.IMAGES)
        if not earlier:
            with contextlib.suppress(OSError):
                (self._folder / MARKER).unlink(missing_ok=True)


def _encoded(rgb: Image, suffix: str) -> bytes:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ValueError(f"an image is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    how = (
        [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        if suffix == ".jpg"
        else [cv2.IMWRITE_PNG_COMPRESSION, 3]
    )
    done, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), how)
    if not done:
        raise AppError(*export_wording.IMAGE_NOT_MADE)
    return data.tobytes()


def _earlier(folder: Path) -> set[str]:
    """The images of our earlier export there, by its manifest.

    AppError where the folder holds something else.
    """
    try:
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise files.export_error(error) from error
    if not names:
        return set()
    if MARKER not in names:
        raise AppError(*export_wording.NOT_EMPTY)
    if MANIFEST not in names:
        return set()
    text = files.load_text(folder / MANIFEST, _EXPECTED)
    with files.parsing(_EXPECTED):
        return {
            csv_text.unguarded(row.cells.get("file", "")) for row in csv_text.read_table(text).rows
        } - {""}


def _remove(folder: Path, names: set[str]) -> None:
    """Delete these images and the class folders that this leaves empty.

    A name that leads anywhere else is passed over.
    """
    for name in names:
        plain = PurePosixPath(name)
        parts = (
            plain.parts[1:]
            if plain.parts[:1] == (csv_format.IMAGES,) and len(plain.parts) == 3
            else plain.parts
        )
        if (
            len(parts) != 2
            or ".." in plain.parts
            or plain.is_absolute()
            or plain.suffix not in (".png", ".jpg")
        ):
            continue  # earlier versions wrote class folders without a folder around them
        with contextlib.suppress(OSError):
            (folder / plain).unlink()
            (folder / plain.parent).rmdir()
    with contextlib.suppress(OSError):
        (folder / csv_format.IMAGES).rmdir()


def _remove_empty(folder: Path) -> None:
    """The folders in it that hold nothing, and then itself if that leaves it empty."""
    with contextlib.suppress(OSError):
        for below in folder.iterdir():
            with contextlib.suppress(OSError):
                below.rmdir()
        folder.rmdir()
