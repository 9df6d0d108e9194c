"""What a folder of stills says to the reader: why nothing of it is shown, or what is not."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 10
_NAMED_FOLDERS = 3

COPY_OR_CHOOSE = "Copy it again, or choose another."
COPY_FOLDER_AGAIN = "Copy the folder again."
OPEN_A_FOLDER = "Open one of these folders."
OPEN_A_VIDEO = "Open one of the videos."
MAKE_SMALLER = "Make a smaller copy, or choose another."
EXPORT_AS_IMAGES = "Export them as JPEG or PNG images, or as a video."
CHOOSE_FOLDER = "Choose a folder with JPEG, PNG, BMP, TIFF, WebP or DICOM files, or a video file."


def images_lie_deeper(name: str, folders: Sequence[str]) -> str:
    listed = _listed(folders, _NAMED_FOLDERS)
    return f"The images of “{name}” are in folders inside it: {listed}."


def none_readable(name: str, count: int) -> str:
    if count == 1:
        return f"The only image in “{name}” cannot be read."
    return f"None of the {count:,} images in “{name}” can be read."


def only_videos(name: str, videos: Sequence[str]) -> str:
    return f"The folder “{name}” holds videos, no images: {_listed(videos)}."


def only_other_kinds(name: str, files: Sequence[str]) -> str:
    return f"The folder “{name}” holds only files of kinds that cannot be opened: {_listed(files)}."


def no_images(name: str) -> str:
    return f"The folder “{name}” holds no images."


def skipped(images: Sequence[str]) -> str:
    what = (
        "1 image could not be read and was"
        if len(images) == 1
        else f"{len(images)} images could not be read and were"
    )
    return f"{what} skipped: {_listed(images)}."


def too_large(images: Sequence[str]) -> str:
    what = "1 image has" if len(images) == 1 else f"{len(images)} images have"
    return f"{what} more than 100 megapixels and cannot be shown: {_listed(images)}."


def not_shown(files: Sequence[str]) -> str:
    what = (
        "1 file of another kind is" if len(files) == 1 else f"{len(files)} files of other kinds are"
    )
    return f"{what} not shown: {_listed(files)}."


def animations(files: Sequence[str]) -> str:
    return f"Only the first frame of an animation is shown: {_listed(files)}."


def pages(files: Sequence[str]) -> str:
    return f"Files with several pages are shown page by page: {_listed(files)}."


def lacking_images(files: Sequence[str]) -> str:
    return f"Files that hold fewer images than they say are damaged: {_listed(files)}."


def deeper_not_shown(folders: Sequence[str]) -> str:
    return f"Images in folders inside are not shown: {_listed(folders)}."


def fewer_bits(bits: int, brightest: int) -> str:
    """16-bit images whose values end at ``brightest``."""
    return f"16-bit images that use {bits} bits are shown by these {bits} bits (0 to {brightest})."


def wide_range(brightest: float) -> str:
    """Floating-point images brighter than 1."""
    return f"Images of floating-point numbers are shown over the range 0 to {brightest:g}."


def _listed(names: Sequence[str], most: int = _NAMED) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
