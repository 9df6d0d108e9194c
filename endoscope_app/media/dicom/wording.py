"""What a DICOM file that cannot be shown says to the reader. No tag's text is quoted."""

from __future__ import annotations

COPY_AGAIN = "Copy it again from the archive."
EXPORT_PLAIN = (
    "Export it from its viewer as MP4, or as DICOM with JPEG, JPEG 2000, JPEG-LS, RLE or"
    " uncompressed images of 8 bits."
)
CHOOSE_ITS_FILES = "Open the folder that the files lie in."

COMPRESSIONS = {
    "1.2.840.10008.1.2.4.57": "lossless JPEG",
    "1.2.840.10008.1.2.4.70": "lossless JPEG",
    "1.2.840.10008.1.2.4.201": "high-throughput JPEG 2000",
    "1.2.840.10008.1.2.4.202": "high-throughput JPEG 2000",
    "1.2.840.10008.1.2.4.203": "high-throughput JPEG 2000",
    "1.2.840.10008.1.2.1.99": "deflate",
}


def damaged(name: str) -> str:
    return f"“{name}” is a DICOM file whose header is damaged."


def no_pixels(name: str) -> str:
    return f"“{name}” is a DICOM file without images."


def is_directory(name: str) -> str:
    return f"“{name}” is only the table of contents of a DICOM disc."


def compressed(name: str, uid: str) -> str:
    """``uid``: the transfer syntax."""
    how = COMPRESSIONS.get(uid)
    return f"“{name}” is a DICOM file compressed in a way that cannot be read" + (
        f" ({how})." if how else "."
    )


def mixed_samples(name: str) -> str:
    return (
        f"“{name}” is a DICOM file compressed by JPEG-LS pixel by pixel; line by line and colour by"
        " colour can be read."
    )


def big_endian(name: str) -> str:
    return f"“{name}” is a DICOM file in the retired big-endian form, which cannot be read."


def too_deep(name: str, bits: int) -> str:
    return f"“{name}” is a DICOM file of {bits} bits per sample; images of 8 bits can be read."


def colours(name: str) -> str:
    return f"“{name}” is a DICOM file whose colours are kept in a way that cannot be read."


def impossible_size(name: str, columns: int, rows: int) -> str:
    return f"“{name}” is a DICOM file that says its images are {columns:,} x {rows:,} pixels."


def too_many_frames(name: str, frames: int) -> str:
    return f"“{name}” is a DICOM file that says it holds {frames:,} frames."


def too_short(name: str) -> str:
    return f"“{name}” is a DICOM file that ends before its first image is whole."
