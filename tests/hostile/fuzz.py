"""A reader fed by atheris, which follows the code that its bytes reach: ``python -m
tests.hostile.fuzz TARGET RUNS SEEDS``, SEEDS being a folder of sound files.

Whatever is neither read nor refused in a sentence ends the process with atheris's report.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["endoscope_app", "kd_core.schema", "pydicom"]):
    from endoscope_app.base.errors import AppError
    from endoscope_app.labels.exchange import format_detection
    from endoscope_app.media.dicom.layout import is_dicom_file, layout_of
    from endoscope_app.media.matroska import first_break
    from endoscope_app.media.opening_here import open_here
    from endoscope_app.media.promised_size import is_cut_off
    from endoscope_app.media.still_header import read_header
    from kd_core.schema.errors import CoreError
    from kd_core.schema.model_card import read_card


def _index(path: Path) -> None:
    """The index builder, and everything that looks at a recording before it."""
    open_here(path).close()


def _headers(path: Path) -> None:
    """What is read of files without FFmpeg."""
    with suppress(OSError):  # as they document it
        first_break(path)
        is_cut_off(path)
        with path.open("rb") as file:
            read_header(file)


def _dicom(path: Path) -> None:
    if is_dicom_file(path):
        layout_of(path)


#: By name, what is read and what the file is called.
TARGETS: dict[str, tuple[Callable[[Path], object], str]] = {
    "labels": (format_detection.read, "labels.dat"),
    "card": (lambda path: read_card(path.parent), "card.json"),
    "headers": (_headers, "file.mkv"),
    "dicom": (_dicom, "file.dcm"),
    "index": (_index, "file.mp4"),
}


def main() -> None:
    """Run one target so many times."""
    target, runs, seeds = sys.argv[1:4]
    read, name = TARGETS[target]
    path = Path(tempfile.mkdtemp()) / name

    def attack(data: bytes) -> None:
        path.write_bytes(data)
        try:
            read(path)
        except (AppError, CoreError) as error:
            said = error.sentence, error.way_out
            if not (said[0].endswith(".") and said[1]):
                raise SystemExit(f"no sentence with a way out: {said}") from error

    corpus = tempfile.mkdtemp()
    options = [f"-runs={runs}", "-seed=17", "-timeout=60", "-rss_limit_mb=3000", "-max_len=40000"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", corpus, seeds], attack)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
