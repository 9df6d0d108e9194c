"""Ranges made again from frames that a format could only list one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from endoscope_app.labels.exchange.document import ExchangeFrame, ExchangeRange


def joined_ranges(frames: Iterable[ExchangeFrame]) -> Iterator[ExchangeRange]:
    """One range for every run of neighbouring frames with one class.

    What another program took out or changed is not in it.
    """
    in_order = sorted(
        (frame for frame in frames if frame.class_name is not None),
        key=lambda frame: (frame.fingerprint, frame.class_name, frame.at.frame_index),
    )
    for _, numbered in groupby(enumerate(in_order), _run_of):
        run = [frame for _, frame in numbered]
        first, last = run[0], run[-1]
        name = first.class_name or ""
        yield ExchangeRange(first.fingerprint, first.at, last.at, name, first.where)


def _run_of(numbered: tuple[int, ExchangeFrame]) -> tuple[str, str | None, int]:
    """The same for frames of one class without a gap between them."""
    place, frame = numbered
    return frame.fingerprint, frame.class_name, frame.at.frame_index - place
