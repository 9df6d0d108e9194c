"""Frames as images, a folder per class below the folder images, with a manifest.csv beside it that
kd_core's training reads.

Class folders lie alone in images, as other programs take whatever lies beside them for a class. The
manifest is the CSV of csv_format and says everything about the frames that were written. Lost are
unusable frames, frames whose pixels could not be had, and what CSV loses; ranges come back as far
as their frames are there. Reading goes by the manifest alone, not by the images.
"""

from __future__ import annotations

import contextlib
import os
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
from endoscope_app.labels.exchange import csv_format
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import Names
from endoscope_app.labels.exchange.document import ExchangeDocument, ExchangeFrame, assemble
from endoscope_app.labels.exchange.frame_identity import blank_identity
from kd_core.schema import csv_text

Image = NDArray[np.uint8]
FrameOf = Callable[[str, int], Image | None]
"""(fingerprint, pts) to (H, W, 3) uint8 RGB, or None where there are no pixels."""
Progress = Callable[[int, int], None]
"""Frames done, frames in all."""

MANIFEST = "manifest.csv"
MARKER = "endoscope-app-export.json"
EXPECTED = f"a folder of class folders with the {MANIFEST} that this program writes"
JPEG_QUALITY = 95
_MARK = {"format": "endoscope-app class folders", "version": 1}
_STAGING = ".writing"


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export: pictures written, frames without pixels, and whether it was
    stopped, which leaves no new picture.
    """

    written: int
    without_pixels: int
    stopped: bool = False


def write(
    document: ExchangeDocument,
    folder: Path,
    frame_of: FrameOf,
    *,
    picture: Literal["png", "jpeg"] = "png",
    blank: Callable[[Image], Image] = blank_identity,
    progress: Progress = lambda done, all_of_them: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Exported:
    """Export every frame that has a class.

    An earlier export in ``folder`` is replaced, and only its own pictures are taken away.

    The manifest comes last: a folder without one was not finished. AppError for a folder that holds
    anything else, and where it cannot be written.
    """
    earlier = _earlier(folder)
    export = _Export(document, folder, frame_of, ".png" if picture == "png" else ".jpg", blank)
    try:
        files.save(folder / MARKER, [msgspec.json.encode(_MARK)])
        for done, frame in enumerate(export.frames):
            if should_stop():
                export.take_back(earlier)
                return Exported(0, export.missing, True)
            export.picture(frame)
            progress(done + 1, len(export.frames))
        export.finish(earlier)
    except OSError as error:
        raise files.export_error(error, f"{type(error).__name__} errno {error.errno}") from error
    finally:
        shutil.rmtree(folder / _STAGING, ignore_errors=True)
    return Exported(len(export.written), export.missing)


def read(path: Path) -> ExchangeDocument:
    """The document of the manifest in such a folder. AppError for anything else."""
    if not (path / MANIFEST).is_file():
        raise AppError(
            f"The folder holds no {MANIFEST}, so it cannot be read as labels.",
            f"Expected is {EXPECTED}.",
        )
    return csv_format.read(path / MANIFEST)


class _Export:
    """One export on its way."""

    def __init__(
        self,
        document: ExchangeDocument,
        folder: Path,
        frame_of: FrameOf,
        suffix: str,
        blank: Callable[[Image], Image],
    ) -> None:
        self.frames = [frame for frame in document.frames if frame.class_name is not None]
        self.written: dict[ExchangeFrame, str] = {}
        self.missing = 0
        self._document = document
        self._folder = folder
        self._frame_of = frame_of
        self._suffix = suffix
        self._blank = blank
        self._names = Names(document)

    def picture(self, frame: ExchangeFrame) -> None:
        """Write one frame's picture, if its pixels can be had."""
        pixels = None if frame.at.pts is None else self._frame_of(frame.fingerprint, frame.at.pts)
        if pixels is None:
            self.missing += 1
            return
        name = f"{csv_format.IMAGES}/{csv_format.picture_path(self._names, frame, self._suffix)}"
        target = self._folder / name
        # written where it is alone, as the atomic write looks through its folder, and then moved
        # into that of thousands
        staged = self._folder / _STAGING / target.name
        files.save(staged, [_encoded(self._blank(pixels), self._suffix)])
        make_open_folder(target.parent)
        os.replace(staged, target)
        open_like_folder(target)
        self.written[frame] = name

    def finish(self, earlier: set[str]) -> None:
        """The manifest, and then no picture that it does not list."""
        document = assemble(self._document.classes, self._document.procedures, self.written, ())
        files.save(self._folder / MANIFEST, [csv_format.table(document, self.written)])
        _remove(self._folder, earlier - set(self.written.values()))

    def take_back(self, earlier: set[str]) -> None:
        """Leave nothing that was not there before."""
        _remove(self._folder, set(self.written.values()) - earlier)
        if not earlier:
            (self._folder / MARKER).unlink(missing_ok=True)


def _encoded(rgb: Image, suffix: str) -> bytes:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ValueError(f"a picture is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    how = (
        [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        if suffix == ".jpg"
        else [cv2.IMWRITE_PNG_COMPRESSION, 3]
    )
    done, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), how)
    if not done:
        raise AppError(
            "A picture could not be made, so the export was stopped.",
            "Try PNG instead of JPEG, or the other way round.",
        )
    return data.tobytes()


def _earlier(folder: Path) -> set[str]:
    """The pictures of our earlier export there, by its manifest.

    AppError where the folder holds something else.
    """
    try:
        found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise files.export_error(error, f"{type(error).__name__} errno {error.errno}") from error
    if not found:
        return set()
    if MARKER not in found:
        way_out = "Choose an empty folder, or an earlier export of this program."
        raise AppError("The folder is not empty, so nothing was exported into it.", way_out)
    if MANIFEST not in found:
        return set()
    text = files.load_text(folder / MANIFEST, EXPECTED)
    with files.parsing(EXPECTED):
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
