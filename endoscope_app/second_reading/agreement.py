"""How well two readers agree, as figures that can be shown, copied and saved. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.second_reading import wording
from endoscope_app.second_reading.kappa import Kappa, Runs, joined, measured
from endoscope_app.second_reading.library_readings import read_both
from endoscope_app.second_reading.two_readings import TwoReadings
from kd_core.schema.csv_text import write_table
from kd_core.schema.reader_labels import NONE_OF_THESE


@dataclass(frozen=True)
class Agreement:
    """Of one procedure or of several.

    ``names``: of the two readers; ``keys``: the C classes that either of them used; ``table``
    (C, C) frames by what the first (rows) and the second says; ``of_classes``: of each against the
    others of its group; ``runs``: within which neither changes what they say; ``of_one``: frames
    that only one of them labelled; ``differences``: runs on which they differ; ``several``: whether
    frames have labels of several groups, and count in each.
    """

    names: tuple[str, str]
    keys: tuple[str, ...]
    table: NDArray[np.int64]
    overall: Kappa
    of_classes: tuple[Kappa, ...]
    runs: int
    of_one: int
    differences: int
    several: bool

    @property
    def both(self) -> int:
        """Frames that both labelled."""
        return int(self.table.sum())

    @property
    def same(self) -> int:
        """Of those, frames of which both say the same."""
        return int(np.trace(self.table))


def agreement_of(readings: Sequence[TwoReadings], names: tuple[str, str]) -> Agreement:
    """Of the readings of one or several procedures, which have the same keys."""
    runs = joined([reading.runs() for reading in readings])
    keys = readings[0].keys if readings else (NONE_OF_THESE,)
    used = np.unique([runs.first, runs.second])
    # Of those alone that anybody used, so that drawing them again takes no more room than it must
    first, second = (np.searchsorted(used, each) for each in (runs.first, runs.second))
    runs = Runs(first, second, runs.frames, runs.group)
    overall, of_classes = measured(runs, len(used))
    return Agreement(
        names,
        tuple(keys[code] for code in used),
        runs.tables(len(used)).sum(axis=0),
        overall,
        tuple(of_classes),
        len(runs),
        sum(reading.of_one for reading in readings),
        sum(len(reading.differences(of_one=False)) for reading in readings),
        any(reading.several for reading in readings),
    )


def read_agreement(
    main: LabelReader, second: LabelReader, fingerprints: Sequence[str]
) -> Agreement:
    """Of these procedures, whose second readings are finished."""
    readings = [read_both(main, second, fingerprint) for fingerprint in fingerprints]
    return agreement_of(readings, names_of(main, fingerprints))


def names_of(main: LabelReader, fingerprints: Sequence[str]) -> tuple[str, str]:
    """The first and the second reader of these procedures, several as "A and B"."""
    known = main.second_readings()
    first = dict.fromkeys(name for each in fingerprints for name in main.labellers(each))
    second = dict.fromkeys(known[each].reader for each in fingerprints if each in known)
    return wording.readers([*first]), wording.readers([*second])


def class_rows(agreement: Agreement, shown: Mapping[str, str]) -> list[tuple[str, ...]]:
    """A line over all classes, then one per class, in the order of wording.CLASS_HEADINGS;
    ``shown``: what keys are called.
    """
    first, second = agreement.table.sum(axis=1), agreement.table.sum(axis=0)
    rows = [
        _row(wording.ALL_CLASSES, agreement.both, agreement.both, agreement.same, agreement.overall)
    ]
    rows += [
        _row(
            shown[key],
            int(first[place]),
            int(second[place]),
            int(agreement.table[place, place]),
            agreement.of_classes[place],
        )
        for place, key in enumerate(agreement.keys)
    ]
    return rows


def _row(name: str, first: int, second: int, both: int, kappa: Kappa) -> tuple[str, ...]:
    return (
        name,
        f"{first:,}",
        f"{second:,}",
        f"{both:,}",
        wording.number(kappa.value),
        wording.interval(kappa.low, kappa.high) if kappa.value is not None else "",
    )


def as_table(agreement: Agreement, shown: Mapping[str, str]) -> list[list[object]]:
    """All of it as rows of cells, numbers as numbers; None where a figure is not known."""
    names = [shown[key] for key in agreement.keys]
    kappas = [agreement.overall, *agreement.of_classes]
    rows: list[list[object]] = [
        ["first reader", agreement.names[0]],
        ["second reader", agreement.names[1]],
        ["frames labelled by both", agreement.both],
        ["frames labelled by one only", agreement.of_one],
        ["runs", agreement.runs],
        [],
        ["class", "kappa", "95 % low", "95 % high"],
    ]
    if agreement.several:
        rows.insert(5, [wording.IN_EACH_GROUP])
    rows += [
        [name, *(None if value is None else round(value, 4) for value in (k.value, k.low, k.high))]
        for name, k in zip([wording.ALL_CLASSES, *names], kappas, strict=True)
    ]
    rows += [[], ["frames: first reader down, second reader across", *names]]
    rows += [[name, *row] for name, row in zip(names, agreement.table.tolist(), strict=True)]
    return rows


def as_text(agreement: Agreement, shown: Mapping[str, str]) -> str:
    """The same for the clipboard: cells apart by tabs, as spreadsheets take them."""
    lines = (
        "\t".join("" if cell is None else str(cell) for cell in row)
        for row in as_table(agreement, shown)
    )
    return "\n".join((*lines, "", wording.INTERVAL_NOTE, ""))


def save_csv(agreement: Agreement, shown: Mapping[str, str], path: Path) -> None:
    """The same as CSV in UTF-8. AppError where it cannot be written."""
    write_atomically(path, [write_table(as_table(agreement, shown))], wording.THE_AGREEMENT)
