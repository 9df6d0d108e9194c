"""What a command was given: one procedure, by its file or by the files it was recorded into."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from endoscope_app.media.opening import open_joined, open_source
from endoscope_app.media.source import FrameSource
from endoscope_app.worklist.folder_contents import videos_together

ONE_PROCEDURE = (
    "a video, or a folder of stills; several videos, or a folder that holds only videos, are the"
    " parts of one procedure, in this order (of a folder: the natural order of their names)"
)


def add_procedure(parser: argparse.ArgumentParser) -> None:
    """The argument that names it."""
    parser.add_argument("path", nargs="+", help=ONE_PROCEDURE)


def opened(given: Sequence[str], *, deinterlace: bool) -> FrameSource:
    """Raises AppError with one sentence and the way out."""
    paths = [Path(path).absolute() for path in given]
    if len(paths) == 1 and paths[0].is_dir():
        paths = videos_together(paths) or paths
    if len(paths) == 1:
        return open_source(paths[0], deinterlace=deinterlace)
    return open_joined(paths, deinterlace=deinterlace)
