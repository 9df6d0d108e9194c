"""Ranges told from frames that a format could only list one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from endoscope_app.labels.exchange.document import ExchangeFrame, ExchangeRange


def joined_ranges(frames: Iterable[ExchangeFrame]) -> Iterator[ExchangeRange]:
    """One range for every run of neighbouring frames with one class; what another program took
    out or changed is not in it.
    """
    in_order = sorted(
        (frame for frame in frames if frame.class_name is not None),
        key=lambda frame: (frame.fingerprint, frame.class_name, frame.at.frame_index),
    )
    numbered = enumerate(in_order)
    for _, run in groupby(
        numbered,
        lambda one: (one[1].fingerprint, one[1].class_name, one[1].at.frame_index - one[0]),
    ):
        found = [frame for _, frame in run]
        first, last = found[0], found[-1]
        yield ExchangeRange(
            first.fingerprint, first.at, last.at, first.class_name or "", first.where
        )
