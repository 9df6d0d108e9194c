"""``endoscope-app add``: procedures for the worklist, which the window then analyses."""

from __future__ import annotations

import argparse
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import DataDir
from endoscope_app.media.part_list import write_part_list
from endoscope_app.worklist import inbox, wording
from endoscope_app.worklist.folder_contents import procedures_in, videos_together
from kd_core.schema.model_card import RESEARCH_USE


def run_add(arguments: list[str]) -> int:
    """Returns 0 when everything that was found was left for the window."""
    options = _parser().parse_args(arguments)
    paths = [Path(path).absolute() for path in options.path]
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise AppError(wording.not_there(gone), wording.NOTHING_IN_THERE_WAY_OUT)
    found = [item.path for item in procedures_in(paths)]
    if not found:
        raise AppError(wording.NOTHING_IN_THERE, wording.NOTHING_IN_THERE_WAY_OUT)
    data = DataDir.open(options.data_dir)
    if options.joined:
        found = [write_part_list(data.joined, _parts(paths))]
    inbox.leave(data.added, found)
    print(wording.left_for_window(len(found)))
    return 0


def _parts(paths: list[Path]) -> list[Path]:
    """The videos of one procedure: as they were named, or by name in the folder that was named."""
    together = videos_together(paths)
    if not together:
        raise AppError(wording.NOT_TOGETHER, wording.NOT_TOGETHER_WAY_OUT)
    return together if paths[0].is_dir() else paths


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="endoscope-app add",
        description=(
            "Add every procedure in a folder to the worklist; the window analyses them one after"
            f" the other. {RESEARCH_USE}"
        ),
    )
    parser.add_argument("path", nargs="+", help="a video, or a folder with videos or stills")
    parser.add_argument(
        "--joined",
        action="store_true",
        help=(
            "these videos are the parts of one procedure, in this order (of a folder: the natural"
            " order of their names)"
        ),
    )
    parser.add_argument(
        "--data-dir", help="where the worklist lives (default: the system's folder for user data)"
    )
    return parser
