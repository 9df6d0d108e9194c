"""Reading the label library: everything the views ask for, each answered straight from the
database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, cast

from endoscope_app.labels.library import history, journal
from endoscope_app.labels.library import library_rows as rows
from endoscope_app.labels.library.frame_slots import groups_of
from endoscope_app.labels.library.library_statistics import (
    ClassStatistics,
    Statistics,
    counts,
    read_class_statistics,
    read_statistics,
    resolved,
)
from endoscope_app.labels.library.pair_records import StillPair
from endoscope_app.labels.library.reading_conditions import ReadingConditions, read_conditions
from endoscope_app.labels.library.reading_times import (
    seconds_by_procedure,
    seconds_by_reader,
)
from endoscope_app.labels.library.records import (
    FrameKind,
    FrameLabel,
    LabelClass,
    Procedure,
    RangeLabel,
)
from endoscope_app.labels.library.second_reading_records import (
    Adjudication,
    LearningUse,
    SecondReading,
)
from endoscope_app.labels.library.segment_records import ReviewRecord, SegmentRecord
from kd_core.schema.class_groups import ClassGroup

if TYPE_CHECKING:
    from endoscope_app.labels.library.label_arrays import KeptArrays, LabelArrays


class LabelReader:
    """What can be asked of an open label library.

    ``source`` gives the connection, and an AppError once the library is closed.
    """

    def __init__(self, source: Callable[[], sqlite3.Connection]) -> None:
        self._source = source
        self._arrays: KeptArrays | None = None

    def classes(self) -> list[LabelClass]:
        """All classes in the order of the panel, retired and merged ones too."""
        rows_there = self._source().execute(
            f"SELECT {rows.columns('classes')} FROM classes ORDER BY place, id"
        )
        return [cast(LabelClass, rows.record("classes", row)) for row in rows_there]

    def label_class(self, class_id: int) -> LabelClass:
        """One class by its id; KeyError where there is none."""
        row = (
            self._source()
            .execute(f"SELECT {rows.columns('classes')} FROM classes WHERE id = ?", (class_id,))
            .fetchone()
        )
        if row is None:
            raise KeyError(class_id)
        return cast(LabelClass, rows.record("classes", row))

    def resolved_class(self, class_id: int) -> LabelClass:
        """The class itself, or the one that it was merged into, however often."""
        return resolved({item.id: item for item in self.classes()}, class_id)

    def class_of_key(self, key: str) -> LabelClass | None:
        """The class that a model calls so, or the one that it was merged into; None where the
        library has none.
        """
        known = {item.id: item for item in self.classes()}
        match = next(
            (item for item in known.values() if item.key.casefold() == key.casefold()), None
        )
        return None if match is None else resolved(known, match.id)

    def procedures(self) -> list[Procedure]:
        """All procedures that were ever noted, by name."""
        rows_there = self._source().execute(
            f"SELECT {rows.columns('procedures')} FROM procedures ORDER BY name, fingerprint"
        )
        return [cast(Procedure, rows.record("procedures", row)) for row in rows_there]

    def procedure(self, fingerprint: str) -> Procedure | None:
        """One procedure, or None where it was never noted."""
        query = f"SELECT {rows.columns('procedures')} FROM procedures WHERE fingerprint = ?"
        row = self._source().execute(query, (fingerprint,)).fetchone()
        return None if row is None else cast(Procedure, rows.record("procedures", row))

    def labelled_procedures(self) -> set[str]:
        """The fingerprints that have any label."""
        return {
            row[0]
            for row in self._source().execute(
                "SELECT fingerprint FROM frame_labels UNION SELECT fingerprint FROM range_labels"
            )
        }

    def is_labelled(self, fingerprint: str) -> bool:
        """Whether this procedure has any label: of a frame, or of a range."""
        query = (
            "SELECT EXISTS (SELECT 1 FROM frame_labels WHERE fingerprint = :it)"
            " OR EXISTS (SELECT 1 FROM range_labels WHERE fingerprint = :it)"
        )
        return bool(self._source().execute(query, {"it": fingerprint}).fetchone()[0])

    def labelled_at(self, fingerprint: str) -> str:
        """When this procedure was last labelled, UTC as the history has it; empty for never."""
        row = (
            self._source()
            .execute("SELECT max(when_utc) FROM journal WHERE scope = ?", (fingerprint,))
            .fetchone()
        )
        return "" if row[0] is None else str(row[0])

    def conditions(self, fingerprint: str) -> ReadingConditions:
        """Who read one procedure, and what they could see of the model."""
        return read_conditions(self._source(), fingerprint)

    def frame_labels(self, fingerprint: str) -> list[FrameLabel]:
        """The labels of frames of one procedure, by frame."""
        query = (
            f"SELECT {rows.columns('frame_labels')} FROM frame_labels WHERE fingerprint = ? ORDER"
            " BY frame_index, pts, slot"
        )
        return [FrameLabel(*row) for row in self._source().execute(query, (fingerprint,))]

    def labels_at(self, fingerprint: str, pts: int) -> list[FrameLabel]:
        """The labels of one frame, at most one of each group."""
        query = (
            f"SELECT {rows.columns('frame_labels')} FROM frame_labels WHERE fingerprint = ? AND"
            " pts = ? ORDER BY slot"
        )
        return [FrameLabel(*row) for row in self._source().execute(query, (fingerprint, pts))]

    def groups(self) -> dict[int, ClassGroup]:
        """By class id the group that it counts in: that of the class that it was merged into."""
        return groups_of(self.classes())

    def label_arrays(self, fingerprint: str) -> LabelArrays:
        """The same labels as arrays, for whole procedures at once."""
        # A process that only writes labels starts without numpy
        from endoscope_app.labels.library.label_arrays import KeptArrays

        if self._arrays is None:
            self._arrays = KeptArrays()
        return self._arrays.read(self._source(), fingerprint)

    def ranges(self, fingerprint: str) -> list[RangeLabel]:
        """The ranges of one procedure, by their first frame."""
        query = (
            f"SELECT {rows.columns('range_labels')} FROM range_labels WHERE fingerprint = ? ORDER"
            " BY first_index, last_index, id"
        )
        return [RangeLabel(*row) for row in self._source().execute(query, (fingerprint,))]

    def segments(self, fingerprint: str) -> list[SegmentRecord]:
        """What was decided or written about stretches of one procedure, by their first frame."""
        query = (
            f"SELECT {rows.columns('segments')} FROM segments WHERE fingerprint = ? ORDER BY"
            " first_index, last_index, id"
        )
        return [
            cast(SegmentRecord, rows.record("segments", row))
            for row in self._source().execute(query, (fingerprint,))
        ]

    def pairs(self, fingerprint: str) -> list[StillPair]:
        """Stills of one folder that were put side by side for the report, by the first of each."""
        query = (
            f"SELECT {rows.columns('still_pairs')} FROM still_pairs WHERE fingerprint = ? ORDER BY"
            " before_index, after_index, id"
        )
        return [StillPair(*row) for row in self._source().execute(query, (fingerprint,))]

    def review(self, fingerprint: str) -> ReviewRecord | None:
        """How the review of a procedure was finished; None where it was not."""
        query = f"SELECT {rows.columns('reviews')} FROM reviews WHERE fingerprint = ?"
        row = self._source().execute(query, (fingerprint,)).fetchone()
        return None if row is None else ReviewRecord(*row)

    def second_reading(self, fingerprint: str) -> SecondReading | None:
        """The second reading of a procedure; None where nobody began one."""
        return self.second_readings().get(fingerprint)

    def second_readings(self) -> dict[str, SecondReading]:
        """All of them by fingerprint."""
        query = f"SELECT {rows.columns('second_readings')} FROM second_readings"
        found = (rows.record("second_readings", row) for row in self._source().execute(query))
        return {item.fingerprint: item for item in found if isinstance(item, SecondReading)}

    def adjudications(self, fingerprint: str) -> list[Adjudication]:
        """What became of frames of one procedure on which two readers differ, by first frame."""
        query = (
            f"SELECT {rows.columns('adjudications')} FROM adjudications WHERE fingerprint = ? ORDER"
            " BY first_index, id"
        )
        return [Adjudication(*row) for row in self._source().execute(query, (fingerprint,))]

    def labellers(self, fingerprint: str) -> tuple[str, ...]:
        """Whose labels of one procedure stand or stood in the library, in the order of their first
        act; who adjudicated between two readers has not read it by that.
        """
        query = (
            "SELECT reader FROM journal WHERE scope = ?1 AND sequence IN (SELECT sequence FROM"
            " journal_rows WHERE fingerprint = ?1 AND table_name IN ('frame_labels',"
            " 'range_labels')) AND sequence NOT IN (SELECT sequence FROM journal_rows WHERE"
            " fingerprint = ?1 AND table_name = 'adjudications') GROUP BY reader ORDER BY"
            " min(sequence)"
        )
        return tuple(row[0] for row in self._source().execute(query, (fingerprint,)))

    def adjudicators(self, fingerprint: str) -> tuple[str, ...]:
        """Who adjudicated between two readers of one procedure, in the order of the first act."""
        query = (
            "SELECT reader FROM journal JOIN journal_rows USING (sequence) WHERE table_name ="
            " 'adjudications' AND fingerprint = ? AND kind <> 'undo' AND after IS NOT NULL AND"
            " CAST(key AS INTEGER) IN (SELECT id FROM adjudications) GROUP BY reader ORDER BY"
            " min(sequence)"
        )
        return tuple(row[0] for row in self._source().execute(query, (fingerprint,)))

    def reading_times(self, fingerprint: str) -> dict[str, float]:
        """By reader, the seconds for which this procedure was read."""
        return seconds_by_reader(self._source(), fingerprint)

    def reading_seconds(self) -> dict[str, float]:
        """By fingerprint, the seconds for which procedures were read, by all readers together."""
        return seconds_by_procedure(self._source())

    def uses(self) -> dict[str, LearningUse]:
        """By fingerprint, what procedures may be used for, where the reader has said so."""
        return dict(self._source().execute("SELECT fingerprint, use FROM procedure_uses"))

    def range_with(self, range_id: int) -> tuple[str, RangeLabel]:
        """The fingerprint of its procedure and the range; KeyError where there is none of this
        id.
        """
        query = f"SELECT fingerprint, {rows.columns('range_labels')} FROM range_labels WHERE id = ?"
        row = self._source().execute(query, (range_id,)).fetchone()
        if row is None:
            raise KeyError(range_id)
        return row[0], RangeLabel(*row[1:])

    def next_label(self, fingerprint: str, frame_index: int) -> int | None:
        """The index of the nearest labelled frame, or first frame of a range, after
        ``frame_index``.
        """
        return self._nearest(fingerprint, frame_index, ">", "min")

    def previous_label(self, fingerprint: str, frame_index: int) -> int | None:
        """The index of the nearest labelled frame, or first frame of a range, before
        ``frame_index``.
        """
        return self._nearest(fingerprint, frame_index, "<", "max")

    def grouped_frame_labels(self) -> list[tuple[str, FrameKind, int | None, int]]:
        """Labels of frames in the whole library: fingerprint, kind, class id (merged classes as
        they were given), how many.

        Labels beyond the frames of their procedure are left out, as effective() does.
        """
        query = (
            "SELECT fingerprint, kind, class_id, count(*) FROM frame_labels JOIN procedures USING"
            " (fingerprint) WHERE frame_index < frame_count GROUP BY fingerprint, kind, class_id"
        )
        return self._source().execute(query).fetchall()

    def labels_beside(self) -> dict[str, int]:
        """By fingerprint, how many labels of frames are not the only one of their frame; counted
        without the first of each frame. Labels beyond the frames are left out.
        """
        query = (
            "SELECT fingerprint, count(*) - count(DISTINCT pts) FROM frame_labels JOIN procedures"
            " USING (fingerprint) WHERE frame_index < frame_count AND fingerprint IN (SELECT"
            " fingerprint FROM frame_labels WHERE slot > 0) GROUP BY fingerprint"
        )
        return dict(self._source().execute(query).fetchall())

    def procedures_with_ranges(self) -> set[str]:
        """The fingerprints that have any range."""
        return {
            row[0]
            for row in self._source().execute("SELECT DISTINCT fingerprint FROM range_labels")
        }

    def frame_counts(self, fingerprint: str | None = None) -> dict[int, int]:
        """Labelled frames per class, merged classes counted where they went; of one procedure
        or of all. Ranges are not in it.
        """
        return counts(self._source(), "frame_labels", self.classes(), fingerprint)

    def range_counts(self, fingerprint: str | None = None) -> dict[int, int]:
        """Ranges per class, in the same way."""
        return counts(self._source(), "range_labels", self.classes(), fingerprint)

    def statistics(self) -> Statistics:
        """The whole library in numbers."""
        return read_statistics(self._source(), self.classes())

    def class_statistics(self) -> dict[int, ClassStatistics]:
        """The same, class by class; an act's time counts for the class that it gave.

        Classes without anything are left out.
        """
        return read_class_statistics(self._source(), self.classes())

    def undo_title(self, scope: str) -> str:
        """What undo would undo in this scope, empty where there is nothing."""
        return history.title(self._source(), journal.top(self._source(), scope).undo)

    def rows_to(self, way: Literal["undo", "redo"], scope: str) -> int:
        """How many rows the next undo or redo of this scope would change."""
        top = journal.top(self._source(), scope)
        return history.row_count(self._source(), top.undo if way == "undo" else top.redo)

    def redo_title(self, scope: str) -> str:
        """What redo would do again in this scope, empty where there is nothing."""
        return history.title(self._source(), journal.top(self._source(), scope).redo)

    def last_sequence(self) -> int:
        """The number of the history's last entry, 0 before the first: as long as it stays,
        nothing was labelled.
        """
        return int(
            self._source().execute("SELECT coalesce(max(sequence), 0) FROM journal").fetchone()[0]
        )

    def journal_rows(self) -> Iterator[journal.JournalRow]:
        """Every row of every entry, oldest first."""
        return journal.journal_rows(self._source())

    def reader_name(self) -> str:
        """The reader's name, empty until it was asked."""
        row = self._source().execute("SELECT value FROM settings WHERE key = 'reader'").fetchone()
        return "" if row is None else str(row[0])

    def _nearest(self, fingerprint: str, frame_index: int, side: str, best: str) -> int | None:
        row = (
            self._source()
            .execute(
                f"SELECT {best}(frame) FROM (SELECT {best}(frame_index) AS frame FROM frame_labels"
                f" WHERE fingerprint = ?1 AND frame_index {side} ?2 UNION ALL SELECT"
                f" {best}(first_index) FROM range_labels WHERE fingerprint = ?1 AND first_index"
                f" {side} ?2)",
                (fingerprint, frame_index),
            )
            .fetchone()
        )
        return None if row[0] is None else int(row[0])
