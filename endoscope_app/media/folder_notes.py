"""Sentences about a folder of images: what of it is not shown, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.still_header import StillHeader
from endoscope_app.media.still_listing import VIDEO_SUFFIXES, Listing, folders_with_images
from endoscope_app.media.still_scale import StillScale

NAMED = 10
NAMED_FOLDERS = 3


class NestedFolders(AppError):
    """The images lie in ``folders`` inside the chosen one: which of them is meant is the
    reader's to say.
    """

    def __init__(self, path: Path, folders: tuple[Path, ...]) -> None:
        names = _listed([str(folder.relative_to(path)) for folder in folders], NAMED_FOLDERS)
        super().__init__(
            f"The images of “{path.name}” lie in folders inside it: {names}.",
            "Open one of these folders.",
            "nested folders",
        )
        self.folders = folders


def nothing_to_show(path: Path, listing: Listing, watch: OpeningWatch) -> AppError:
    """Why not one image of ``path`` can be shown, and what to do."""
    if not path.is_dir():
        return AppError(
            f"The image “{path.name}” could not be read.",
            "Copy it again, or choose another.",
            detail="broken image",
        )
    if listing.files:
        count = len(listing.files)
        which = "The only image" if count == 1 else f"None of the {count:,} images"
        verb = "cannot" if count == 1 else "can"
        return AppError(
            f"{which} in “{path.name}” {verb} be read.",
            "Copy the folder again.",
            detail="all broken",
        )
    nested = folders_with_images(path, watch) if listing.has_folders else ()
    if nested:
        return NestedFolders(path, nested)
    videos = [name for name in listing.others if Path(name).suffix.lower() in VIDEO_SUFFIXES]
    if videos:
        return AppError(
            f"The folder “{path.name}” holds videos, no images: {_listed(videos)}.",
            "Open one of the videos.",
            "videos only",
        )
    if listing.others:
        return AppError(
            f"The folder “{path.name}” holds only files of kinds that cannot be opened:"
            f" {_listed(list(listing.others))}.",
            "Export them as JPEG or PNG images, or as a video.",
            detail="unsupported only",
        )
    return AppError(
        f"The folder “{path.name}” holds no images.",
        "Choose a folder with JPEG, PNG, BMP, TIFF or WebP files, or a video file.",
    )


def notes(
    path: Path,
    listing: Listing,
    shown: set[Path],
    headers: Mapping[Path, StillHeader | None],
    watch: OpeningWatch,
) -> tuple[str, ...]:
    """What a reader would otherwise miss without a word."""
    sentences = []
    skipped = [file.name for file, _ in listing.files if file not in shown]
    if skipped:
        images, were = ("image", "was") if len(skipped) == 1 else ("images", "were")
        sentences.append(
            f"{len(skipped)} {images} could not be read and {were} skipped: {_listed(skipped)}"
        )
    if listing.others:
        files, are = ("file", "is") if len(listing.others) == 1 else ("files", "are")
        sentences.append(
            f"{len(listing.others)} {files} of other kinds {are} not shown:"
            f" {_listed(list(listing.others))}"
        )
    animations = [
        file.name for file, header in headers.items() if header is not None and header.animation > 1
    ]
    if animations:
        sentences.append(f"Animations are shown by their first frame only: {_listed(animations)}")
    pages = [
        f"{file.name} ({len(header.pages)})"
        for file, header in headers.items()
        if header is not None and len(header.pages) > 1
    ]
    if pages and path.is_dir():
        sentences.append(f"Files of several pages are shown page by page: {_listed(pages)}")
    nested = folders_with_images(path, watch, deepest=1) if listing.has_folders else ()
    if nested:
        sentences.append(
            f"Images in folders inside are not shown: {_listed([folder.name for folder in nested])}"
        )
    return tuple(sentences)


def scale_note(scale: StillScale) -> tuple[str, ...]:
    """How deep images were made 8 bits, where that is not plain 16 bits or 0 to 1."""
    sentences = []
    if scale.deep < 65535:
        bits = int(scale.deep).bit_length()
        sentences.append(
            f"16-bit images that use {bits} bits are shown by these {bits} bits (0 to"
            f" {int(scale.deep)})."
        )
    if scale.wide > 1:
        sentences.append(
            f"Images of floating-point numbers are shown by the range 0 to {scale.wide:g}."
        )
    return tuple(sentences)


def _listed(names: list[str], most: int = NAMED) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
