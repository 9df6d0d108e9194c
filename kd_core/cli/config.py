"""``kd-core config``: the settings of a training, explained, or as a file to change."""

from __future__ import annotations

from typing import Any

import msgspec

from kd_core.cli.options import settings_of
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig


def run(*, scheme: str, teacher: bool, **switches: Any) -> int:
    """Print the settings: a table, or with the switch "print" a file for --config."""
    config = TEACHER_DEFAULTS if teacher else TrainConfig(losses=SCHEMES[scheme])
    if switches["print"]:
        print(msgspec.json.format(msgspec.json.encode(config), indent=2).decode())
        return 0
    for name, _, text in settings_of(TrainConfig):
        print(f"{name:<16} {getattr(config, name)!s:<10} {text}")
    for loss, weight in msgspec.to_builtins(config.losses).items():
        print(f"{'losses.' + loss:<25} {weight}")
    return 0
