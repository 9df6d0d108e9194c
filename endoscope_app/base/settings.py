"""What the reader chose, as one small JSON file that is replaced in one step.

A damaged one is set aside, never fatal.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from endoscope_app.base import wording
from endoscope_app.base.atomic_file import write_file
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.base.errors import AppError
from kd_core.schema.json_text import JsonError, read_json

Theme = Literal["dark", "light"]
ColourMap = Literal["inferno", "viridis", "cividis"]
ReaderMode = Literal["always", "hidden", "on request"]


class WindowPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the window was left, and what was open in it; lengths in logical pixels, 0 for the
    size of a new window.

    ``frame``: left, top, width and height on the desk; None where it was never moved.
    """

    labels_shown: bool = True
    model_shown: bool = True
    timeline_shown: bool = True
    labels_width: Annotated[int, Meta(ge=0, le=10_000)] = 0
    model_width: Annotated[int, Meta(ge=0, le=10_000)] = 0
    timeline_height: Annotated[int, Meta(ge=0, le=10_000)] = 0
    frame: tuple[int, int, int, int] | None = None
    maximised: bool = False


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults are what a new reader meets. Times in seconds; the bounds are those of the controls.

    ``joining_s``: parts of a finding that are no further apart are one; ``reader_mode``: when the
    model is shown; ``kept_pictures_gb``: most that images of labelled frames may take;
    ``usable_only``: frames that cannot be judged are no part of a finding; ``adjusting``: what
    makes a segment is shown beside their list; ``quality_lane`` and ``colour_lane``: of the
    timeline; ``range_step``: every how manieth frame of a labelled range is
    trained on; ``thin_ranges``: without those nearly like the one before; ``keys``: of the
    commands, by name, that have others than they came with.
    """

    theme: Theme = "dark"
    overlay_visible: bool = True
    overlay_opacity: Annotated[float, Meta(ge=0, le=1)] = 0.45
    colour_map: ColourMap = "viridis"
    heat_contour: bool = False
    deinterlace: bool = True
    minimum_finding_s: Annotated[float, Meta(ge=0, le=10)] = 0.5
    joining_s: Annotated[float, Meta(ge=0, le=10)] = 0.5
    smoothing_s: Annotated[float, Meta(ge=0, le=5)] = 0.4
    usable_only: bool = True
    adjusting: bool = False
    quality_lane: bool = True
    colour_lane: bool = True
    analyse_on_open: bool = True
    reader_mode: ReaderMode = "always"
    kept_pictures_gb: Annotated[float, Meta(ge=0, le=10_000)] = 4.0
    range_step: Annotated[int, Meta(ge=1, le=1000)] = 5
    thin_ranges: bool = True
    window: WindowPlace = WindowPlace()
    keys: dict[str, tuple[str, ...]] = {}

    @property
    def model_always_shown(self) -> bool:
        """Whether the timeline and the findings may show what the model says.

        They would tell about frames that are still to be labelled.
        """
        return self.reader_mode == "always"


def with_changes(settings: Settings, shown: Settings, entered: Settings) -> Settings:
    """``settings`` with what the reader changed from ``shown`` to ``entered``.

    What was changed elsewhere meanwhile stays.
    """
    changes = {
        name: getattr(entered, name)
        for name in Settings.__struct_fields__
        if getattr(entered, name) != getattr(shown, name)
    }
    return msgspec.structs.replace(settings, **changes)


def read_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """The stored settings, and the names of those that are back at their defaults.

    Those cannot be what they say; the others stay. Nothing is written. Raises OSError
    (FileNotFoundError where nothing was stored yet) and JsonError.
    """
    plain = read_json(path, dict[str, Any])
    kept: dict[str, Any] = {}
    wrong: list[str] = []
    for field in msgspec.structs.fields(Settings):
        if field.name in plain:
            try:
                kept[field.name] = msgspec.convert(plain[field.name], field.type)
            except msgspec.ValidationError:
                wrong.append(field.name)
    return Settings(**kept), tuple(wrong)


def load_settings(path: Path) -> tuple[Settings, str]:
    """As ``read_settings``, with a sentence about what could not be read, or ''.

    The file as it was is then kept aside.
    """
    try:
        settings, wrong = read_settings(path)
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, JsonError):
        return Settings(), wording.settings_unreadable(set_aside(path))
    if not wrong:
        return settings, ""
    aside, names = set_aside(path), ", ".join(name.replace("_", " ") for name in wrong)
    with suppress(AppError):  # a data folder that cannot be written is said elsewhere
        save_settings(path, settings)
    return settings, wording.settings_wrong(names, aside)


def save_settings(path: Path, settings: Settings) -> None:
    """Replace the file in one step. Raises AppError where the folder cannot be written."""
    try:
        write_file(path, msgspec.json.format(msgspec.json.encode(settings), indent=2))
    except OSError as error:
        raise AppError(
            wording.SETTINGS_NOT_SAVED, wording.SETTINGS_NOT_SAVED_WAY_OUT, str(error)
        ) from error
