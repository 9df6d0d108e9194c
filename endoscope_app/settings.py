"""What the reader chose, as one small JSON file that is replaced in one step; a damaged one is set aside, never fatal."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from endoscope_app.errors import AppError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults are what a new reader meets. Times in seconds.

    ``reader_mode``: when the model is shown; ``kept_pictures_gb``: most that pictures of labelled frames may take;
    ``range_step``: every how manieth frame of a labelled range is trained on; ``thin_ranges``: without those nearly like the one before.
    """

    theme: str = "dark"
    overlay_visible: bool = True
    overlay_opacity: float = 0.45
    colour_map: str = "inferno"
    deinterlace: bool = True
    minimum_finding_s: float = 0.3
    smoothing_s: float = 0.4
    analyse_on_open: bool = True
    reader_mode: Literal["always", "hidden", "on request"] = "always"
    kept_pictures_gb: float = 4.0
    range_step: int = 5
    thin_ranges: bool = True


def load_settings(path: Path) -> Settings:
    """The stored settings, or the defaults where there are none or the file is damaged (which is kept as .damaged)."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.DecodeError):
        with suppress(OSError):
            path.replace(path.with_name(path.name + ".damaged"))
        return Settings()


def save_settings(path: Path, settings: Settings) -> None:
    """Replace the file in one step. Raises AppError where the folder cannot be written."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(settings), indent=2))
        os.replace(temporary, path)
    except OSError as error:
        raise AppError("The settings could not be saved.", "Check that the data folder can be written.", str(error)) from error
