"""What of a folder of images is not shown, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import folder_wording, wording
from endoscope_app.media.dicom.layout import is_dicom_file, layout_of
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.still_header import StillHeader
from endoscope_app.media.still_listing import (
    VIDEO_SUFFIXES,
    Listing,
    dicom_kind,
    folders_with_images,
)
from endoscope_app.media.still_scale import StillScale


class NestedFolders(AppError):
    """The images lie in ``folders`` inside the chosen one: which of them is meant is the
    reader's to say.
    """

    def __init__(self, path: Path, folders: tuple[Path, ...]) -> None:
        names = [str(folder.relative_to(path)) for folder in folders]
        super().__init__(
            folder_wording.images_lie_deeper(path.name, names),
            folder_wording.OPEN_A_FOLDER,
            "nested folders",
        )
        self.folders = folders


def nothing_to_show(
    path: Path,
    listing: Listing,
    headers: Mapping[Path, StillHeader | None],
    watch: OpeningWatch,
) -> AppError:
    """Why not one image of ``path`` can be shown, and what to do."""
    large = _too_large(headers)
    if large and len(large) == len(listing.files):
        return AppError(
            folder_wording.too_large(large), folder_wording.MAKE_SMALLER, detail="too large"
        )
    if not path.is_dir():
        return AppError(
            wording.image_not_read(path.name), folder_wording.COPY_OR_CHOOSE, detail="broken image"
        )
    if listing.files:
        refused = _refused_dicom(listing.files[0][0])
        if refused is not None:
            return refused
        return AppError(
            folder_wording.none_readable(path.name, len(listing.files)),
            folder_wording.COPY_FOLDER_AGAIN,
            detail="all broken",
        )
    nested = folders_with_images(path, watch) if listing.has_folders else ()
    if nested:
        return NestedFolders(path, nested)
    videos = [
        name
        for name in listing.others
        if Path(name).suffix.lower() in VIDEO_SUFFIXES or dicom_kind(path / name) == "video"
    ]
    if videos:
        return AppError(
            folder_wording.only_videos(path.name, videos),
            folder_wording.OPEN_A_VIDEO,
            detail="videos only",
        )
    if listing.others:
        return AppError(
            folder_wording.only_other_kinds(path.name, list(listing.others)),
            folder_wording.EXPORT_AS_IMAGES,
            detail="unsupported only",
        )
    return AppError(folder_wording.no_images(path.name), folder_wording.CHOOSE_FOLDER)


def _refused_dicom(path: Path) -> AppError | None:
    """What the first file of the folder says, where it is DICOM that cannot be shown."""
    try:
        if is_dicom_file(path):
            layout_of(path)
    except AppError as error:
        return error
    except OSError:
        return None
    return None


def notes(
    path: Path,
    listing: Listing,
    shown: set[Path],
    headers: Mapping[Path, StillHeader | None],
    watch: OpeningWatch,
) -> tuple[str, ...]:
    """What a reader would otherwise miss without a word."""
    sentences = []
    large = _too_large(headers)
    if large:
        sentences.append(folder_wording.too_large(large))
    skipped = [
        file.name for file, _ in listing.files if file not in shown and file.name not in large
    ]
    if skipped:
        sentences.append(folder_wording.skipped(skipped))
    if listing.others:
        sentences.append(folder_wording.not_shown(list(listing.others)))
    animations = [
        file.name for file, header in headers.items() if header is not None and header.animation > 1
    ]
    if animations:
        sentences.append(folder_wording.animations(animations))
    pages = [
        f"{file.name} ({len(header.pages)})"
        for file, header in headers.items()
        if header is not None and len(header.pages) > 1
    ]
    if pages and path.is_dir():
        sentences.append(folder_wording.pages(pages))
    lacking = [
        f"{file.name} ({len(header.pages)} of {header.promised})"
        for file, header in headers.items()
        if header is not None and lacks_images(header)
    ]
    if lacking:
        sentences.append(folder_wording.lacking_images(lacking))
    nested = folders_with_images(path, watch, deepest=1) if listing.has_folders else ()
    if nested:
        sentences.append(folder_wording.deeper_not_shown([folder.name for folder in nested]))
    return tuple(sentences)


def lacks_images(header: StillHeader | None) -> bool:
    """Whether a file holds fewer images than it says."""
    return header is not None and len(header.pages) < header.promised


def _too_large(headers: Mapping[Path, StillHeader | None]) -> list[str]:
    return [
        file.name for file, header in headers.items() if header is not None and header.is_too_large
    ]


def scale_note(scale: StillScale) -> tuple[str, ...]:
    """How deep images were made 8 bits, where that is not plain 16 bits or 0 to 1."""
    sentences = []
    if scale.deep < 65535:
        bits = int(scale.deep).bit_length()
        sentences.append(folder_wording.fewer_bits(bits, int(scale.deep)))
    if scale.wide > 1:
        sentences.append(folder_wording.wide_range(scale.wide))
    return tuple(sentences)
