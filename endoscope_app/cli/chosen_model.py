"""The model and the settings that the window would use, for commands without one."""

from __future__ import annotations

import sys
from pathlib import Path

from endoscope_app.base.paths import DataDir, shipped_model
from endoscope_app.base.settings import Settings, read_settings
from endoscope_app.models.model_registry import ModelRegistry
from kd_core.schema.json_text import JsonError


def settings_of(data: DataDir) -> Settings:
    """Those of the window. Damaged ones are left for it to set aside."""
    try:
        settings, wrong = read_settings(data.settings_file)
    except FileNotFoundError:
        return Settings()
    except (OSError, JsonError):
        print(
            "endoscope-app: The settings could not be read, so the defaults are used.",
            file=sys.stderr,
        )
        return Settings()
    if wrong:
        print(
            "endoscope-app: Settings that could not be read are taken as their defaults:"
            f" {', '.join(wrong)}.",
            file=sys.stderr,
        )
    return settings


def model_in_use(data: DataDir) -> Path:
    """The model that the window would use, so that both say the same."""
    registry = ModelRegistry(data.models, shipped_model())
    path = registry.active_path()
    if registry.trouble:
        print(f"endoscope-app: {registry.trouble}", file=sys.stderr)
    return path
