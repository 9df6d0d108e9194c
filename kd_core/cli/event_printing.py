"""Events of a run as JSON lines on standard output, or as text on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec

from kd_core.schema.events import (
    EpochEnded,
    PartStarted,
    RunEnded,
    RunEvent,
    RunProgress,
    RunStarted,
)

BAR = 30  # characters


def event_printer(as_json: bool) -> Callable[[RunEvent], object]:
    """What prints events; a bar with the time left only on a terminal."""
    return _print_json if as_json else _print_text


def warn(sentence: str) -> None:
    """A sentence for people, whatever standard output is for."""
    print(f"kd-core: {sentence}", file=sys.stderr, flush=True)


def _print_json(event: RunEvent) -> None:
    print(msgspec.json.encode(event).decode(), flush=True)


def _print_text(event: RunEvent) -> None:
    terminal = sys.stderr.isatty()
    if not isinstance(event, RunProgress):
        print(("\r\x1b[K" if terminal else "") + _text(event), file=sys.stderr, flush=True)
    elif terminal:
        filled = round(BAR * event.done / max(1, event.total))
        bar = "#" * filled + "-" * (BAR - filled)
        left = f"{event.done} of {event.total}, {_time(event.seconds_left)} left"
        print(f"\r[{bar}] {left}   ", end="", file=sys.stderr, flush=True)


def _text(event: RunEvent) -> str:
    match event:
        case PartStarted(name):
            return f"{name} ..."
        case RunStarted():
            extra = (
                f" and {event.training_only:,} used only in training" if event.training_only else ""
            )
            return (
                f"{event.samples} images, {len(event.classes)} classes, {event.parameters:,}"
                f" parameters{extra}, {event.epochs} epochs"
            )
        case EpochEnded():
            numbers = {**event.losses, **event.scores}.items()
            return f"epoch {event.epoch}: " + "  ".join(f"{n} {value:.4f}" for n, value in numbers)
        case RunEnded():
            return event.sentence
        case _:
            return ""


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def image_counter() -> Callable[[int, int], None] | None:
    """What counts images in a line of its own; None where nobody would see it."""
    return _print_count if sys.stderr.isatty() else None


def _print_count(done: int, total: int) -> None:
    if done == total:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    elif done % 20 == 0:
        print(f"\r{done} of {total} images", end="", file=sys.stderr, flush=True)
