"""Kept figures of the benchmark, and whether a commit has made the program slower: its ratios
beside the last kept ones of an equal machine.

A ratio compares two figures of the same run, so that it hardly depends on the machine's hour.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from endoscope_app import __version__
from endoscope_app.base.errors import AppError
from endoscope_app.cli.benchmark.figures import MachineFigures
from kd_core.schema.errors import CoreError
from kd_core.schema.json_text import decode_json

#: A ratio that has fallen by this share of itself is a slower program.
FALL = 0.15
#: part -> the ratios that are kept an eye on, and whether a higher one is better.
RATIOS = {
    "analysis": {"ratio": True},
    "quick": {"share": False},
    "apart": {"analysis_ratio": True, "seek_ratio": False, "in_order_ratio": True},
    "peer_opencv": {"analysis_times": True, "seek_times": True, "heat_map_times": True},
}
_SPEED = 1e-9  # a ratio of nothing would divide by zero

Ratios = dict[str, float]
"""By ``part.name``; higher is better."""


class Kept(msgspec.Struct, frozen=True):
    """A file of the history: where it was taken, and its ratios."""

    name: str
    machine: MachineFigures
    ratios: Ratios


def this_machine(runs: int, clip: str) -> MachineFigures:
    """As it is now."""
    return MachineFigures(
        taken=datetime.now(UTC).date().isoformat(),
        program=__version__,
        processor=_processor(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        runs=runs,
        clip=clip,
    )


def ratios_in(printed: dict[str, dict[str, object]]) -> Ratios:
    """Those of ``RATIOS`` that were measured."""
    found = {}
    for part, names in RATIOS.items():
        for name, higher_is_better in names.items():
            value = printed.get(part, {}).get(name)
            if isinstance(value, int | float):
                found[f"{part}.{name}"] = (
                    float(value) if higher_is_better else 1 / max(float(value), _SPEED)
                )
    return found


def last_kept(folder: Path, machine: MachineFigures) -> Kept | None:
    """The newest file of ``folder`` that was taken on such a machine.

    Raises AppError where a file is none of the benchmark's.
    """
    kept = [_read(path) for path in sorted(folder.glob("*.json"))]
    like = [each for each in kept if each.machine.is_like(machine)]
    return max(like, key=lambda each: (each.machine.taken, each.name), default=None)


def fallen(now: Ratios, kept: Kept) -> Iterator[tuple[str, float, float]]:
    """Name, kept and present value of each ratio that has fallen by ``FALL``."""
    for name in sorted(now.keys() & kept.ratios.keys()):
        if now[name] < kept.ratios[name] * (1 - FALL):
            yield name, kept.ratios[name], now[name]


def _read(path: Path) -> Kept:
    try:
        parts = decode_json(path.read_bytes(), dict[str, dict[str, object]])
        machine = msgspec.convert(parts["machine"], MachineFigures)
    except (OSError, CoreError, KeyError, msgspec.ValidationError) as error:
        raise AppError(
            f"{path} holds no figures of the benchmark.",
            "Take it away, or write it again with --json.",
            str(error),
        ) from error
    return Kept(path.name, machine, ratios_in(parts))


def _processor() -> str:
    """Its name and model where the system tells them: one name stands for many models."""
    if not sys.platform.startswith("linux"):
        return platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.machine()
    said = dict(re.findall(r"^([a-z ]+?)\s*: (.+)$", text, re.MULTILINE))
    numbers = [f"{key} {said[key]}" for key in ("cpu family", "model", "stepping") if key in said]
    return ", ".join([said.get("model name", platform.machine()), *numbers])
