"""Content fingerprints, quick for large files: a renamed or moved procedure is still the same
procedure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from endoscope_app.media.video_bytes import open_video_bytes

EDGE = 1 << 20
BLOCK = 1 << 16
BLOCKS = 16
DIGEST_BYTES = 20
# Of stills: files up to WHOLE bytes are read whole (every usual JPEG), of larger ones 384 KiB.
WHOLE = 1 << 20
IMAGE_EDGE = 1 << 16
SAMPLE = 1 << 12
SAMPLES = 64


def of_file(path: Path) -> str:
    """Over the size, the first and last megabyte, and 16 blocks evenly between: two files
    differ in at least one. Of a DICOM file over its pixel data: a copy without the patient's name
    is the same.
    """
    with open_video_bytes(path) as file:
        size = file.seek(0, SEEK_END)
        return _of_samples(
            file, size, "video", 2 * EDGE + BLOCKS * BLOCK, EDGE, BLOCK, BLOCKS
        ).hexdigest()


def of_stream(of_the_file: str, stream: int) -> str:
    """Of a stream of a file that does not open by itself."""
    return hashlib.blake2b(
        f"stream {stream} of {of_the_file}".encode(), digest_size=DIGEST_BYTES
    ).hexdigest()


def of_parts(of_the_files: Iterable[str]) -> str:
    """Of a procedure in several files, over their fingerprints in order."""
    return hashlib.blake2b(
        f"parts {' '.join(of_the_files)}".encode(), digest_size=DIGEST_BYTES
    ).hexdigest()


def of_image(file: BinaryIO, size: int) -> bytes:
    """The content hash (20 bytes) of a still of ``size`` bytes: of the whole file up to ``WHOLE``,
    of its size, its edges and ``SAMPLES`` blocks between for larger ones. Raises OSError.
    """
    return _of_samples(file, size, "image", WHOLE, IMAGE_EDGE, SAMPLE, SAMPLES).digest()


def _of_samples(
    file: BinaryIO, size: int, kind: str, whole: int, edge: int, block: int, blocks: int
) -> hashlib.blake2b:
    """Over ``kind`` and size in bytes, and all of a file of up to ``whole`` bytes; of a larger one
    its first and last ``edge`` bytes and ``blocks`` blocks of ``block`` bytes evenly between.
    Labels are kept under the result: it may never change.
    """
    digest = hashlib.blake2b(f"{kind} {size} ".encode(), digest_size=DIGEST_BYTES)
    file.seek(0)
    if size <= whole:
        digest.update(file.read())
        return digest
    digest.update(file.read(edge))
    step = (size - 2 * edge) / (blocks + 1)
    for number in range(1, blocks + 1):
        file.seek(edge + round(number * step))
        digest.update(file.read(block))
    file.seek(size - edge)
    digest.update(file.read(edge))
    return digest


def of_page(content: bytes, page: int) -> bytes:
    """Of one page of a file with this content hash; the first page is the file's own."""
    return (
        hashlib.blake2b(content + f" page {page}".encode(), digest_size=DIGEST_BYTES).digest()
        if page
        else content
    )


def of_images(hashes: Iterable[bytes]) -> str:
    """Over the content hashes of a folder's images in the order of their names; no name is part
    of it.
    """
    digest = hashlib.blake2b(b"images ", digest_size=DIGEST_BYTES)
    for content in hashes:
        digest.update(content)
    return digest.hexdigest()


def stamps_of(hashes: Iterable[bytes]) -> list[int]:
    """A positive 63-bit number per still from its content hash; the n-th copy of the same
    content gets its own.
    """
    taken: set[int] = set()
    copies: dict[bytes, int] = {}  # of a content so far: all of their numbers are taken
    stamps = []
    for content in hashes:
        copy = copies.get(content, 0)
        stamp = _positive(content)
        while stamp in taken:
            copy += 1
            stamp = _positive(
                hashlib.blake2b(
                    content + f" copy {copy}".encode(), digest_size=DIGEST_BYTES
                ).digest()
            )
        copies[content] = copy
        taken.add(stamp)
        stamps.append(stamp)
    return stamps


def _positive(content: bytes) -> int:
    return (int.from_bytes(content[:8], "big") & ((1 << 63) - 1)) or 1


def of_listing(files: Iterable[tuple[str, int]]) -> str:
    """Over (name, size) of the images inside a folder, in any order: what libraries before version
    2 know a folder by.

    Never an identity: uncompressed images of two patients have equal sizes, and often equal names.
    """
    digest = hashlib.blake2b(b"folder ", digest_size=DIGEST_BYTES)
    for name, size in sorted(files):
        digest.update(f"{name}\0{size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
