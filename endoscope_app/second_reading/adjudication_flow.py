"""Leading through the disagreements of two readers: what is decided counts at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import DIGITS, REDO, UNDO
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Changes
from endoscope_app.labels.library.second_reading_records import OPEN
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.second_reading import adjudication_acts, second_library, wording
from endoscope_app.second_reading.adjudication_dialog import AdjudicationDialog
from endoscope_app.second_reading.agreement import names_of
from endoscope_app.second_reading.agreement_flow import why_not_compared
from endoscope_app.second_reading.chosen_procedure import ChosenProcedure, WhichProcedure
from endoscope_app.second_reading.class_words import shown
from endoscope_app.second_reading.commands import ADJUDICATE
from endoscope_app.second_reading.differences_table import DifferenceRow
from endoscope_app.second_reading.library_readings import read_both
from endoscope_app.second_reading.two_readings import Difference, TwoReadings
from kd_core.schema.reader_labels import NONE_OF_THESE


class AdjudicationFlow(QObject):
    """``dialog`` while it is open, over the procedure that it is about."""

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
        labels: ProcedureLabels,
        library: Path,
        which: WhichProcedure,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: AdjudicationDialog | None = None
        self._window, self._player = desk.window, desk.player
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._library, self._which = library, which
        self._tasks = Tasks(self)
        self._images = FrameThumbnails(desk.player, desk.window, self)
        self._images.outdated.connect(self._on_outdated)
        self._images.made.connect(self._on_image)
        self._fingerprint, self._wanted = "", ""
        self._names = ("", "")
        self._differences: list[Difference] = []
        self._asked = 0
        desk.window.action(ADJUDICATE).triggered.connect(self._on_command)
        desk.session.changed.connect(self._on_changed)
        labels.opened.connect(self._on_opened)

    def begin(self, chosen: ChosenProcedure) -> None:
        """Lead through what differs in this procedure, which is opened where it is not."""
        if self._procedure.fingerprint == chosen.fingerprint:
            self._read()
            return
        self._wanted = chosen.fingerprint
        self._player.open(chosen.path)

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._images.close()
        self._tasks.close()

    def _on_command(self) -> None:
        chosen = self._which()
        because = why_not_compared(self._session.main, chosen)
        if chosen is None or because:
            self._window.banner.show_message(because)
            return
        self.begin(chosen)

    def _on_opened(self) -> None:
        here, wanted = self._procedure.fingerprint, self._wanted
        if self.dialog is not None and (here != self._fingerprint or self._session.is_second):
            self.dialog.reject()
        if here and here == wanted and not self._session.is_second:
            self._wanted = ""
            self._read()

    def _on_changed(self, changes: Changes) -> None:
        if self.dialog is not None and self._fingerprint in changes.fingerprints():
            self._read()

    def _read(self) -> None:
        """The disagreements as they are now, in the background."""
        self._fingerprint = fingerprint = self._procedure.fingerprint
        self._asked += 1
        asked, library = self._asked, self._library

        def work() -> tuple[TwoReadings, tuple[str, str]]:
            second = second_library.open_to_read(library)
            if second is None:
                raise AppError(wording.NO_SECOND_READING)
            with LabelStore(library) as main, second:
                both = read_both(main.read, second.read, fingerprint)
                return both, names_of(main.read, [fingerprint])

        self._tasks.run(work, lambda made: self._show(asked, *made), self._on_failed)

    def _show(self, asked: int, both: TwoReadings, names: tuple[str, str]) -> None:
        if asked != self._asked or self._fingerprint != self._procedure.fingerprint:
            return
        dialog = self.dialog
        if dialog is None:
            if not both.differences(of_one=True):
                self._window.banner.show_message(wording.NO_DIFFERENCE)
                return
            dialog = self.dialog = self._new_dialog(names)
        self._names = names
        self._differences = both.differences(of_one=dialog.of_one.isChecked())
        rows = [self._row(item) for item in self._differences]
        decided = sum(item.outcome is not None for item in self._differences)
        total = len(self._differences)
        done = total > 0 and decided == total
        sentence = wording.ALL_DECIDED if done else wording.progress(decided, total)
        dialog.table.show_groups(both.groups > 1)
        dialog.set_rows(rows, sentence if rows else wording.NO_DIFFERENCE)
        self._images.want(dialog.table.frames())
        dialog.show()

    def _on_outdated(self) -> None:
        if self.dialog is not None:
            self.dialog.table.forget_images()
            self._images.want(self.dialog.table.frames())

    def _new_dialog(self, names: tuple[str, str]) -> AdjudicationDialog:
        dialog = AdjudicationDialog(names, self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.scope_changed.connect(self._read)
        dialog.finished.connect(self._forget)
        dialog.class_chosen.connect(self._on_class)
        table = dialog.table
        table.itemSelectionChanged.connect(self._on_chosen)
        table.first_taken.connect(lambda: self._take(first=True))
        table.second_taken.connect(lambda: self._take(first=False))
        table.class_taken.connect(self._on_digit)
        table.class_asked.connect(self._ask_class)
        table.none_taken.connect(lambda: self._decide(NONE_OF_THESE))
        table.left_open.connect(lambda: self._decide(OPEN))
        table.show_requested.connect(self._show_frame)
        table.undo_requested.connect(self._window.action(UNDO).trigger)
        table.redo_requested.connect(self._window.action(REDO).trigger)
        return dialog

    def _row(self, item: Difference) -> DifferenceRow:
        names, places = self._session.names, self._procedure.places
        return DifferenceRow(
            (item.first_index + item.last_index) // 2,
            places.span(item.first_index, item.last_index),
            f"{item.frames:,}",
            item.group.value,
            shown(item.first_said, names),
            shown(item.second_said, names),
            wording.STILL_OPEN if item.outcome is None else shown(item.outcome, names),
        )

    def _chosen(self) -> Difference | None:
        line = -1 if self.dialog is None else self.dialog.table.currentRow()
        return self._differences[line] if 0 <= line < len(self._differences) else None

    def _on_chosen(self) -> None:
        item = self._chosen()
        if self.dialog is not None and item is not None:
            self.dialog.show_chosen(self._row(item))

    def _show_frame(self) -> None:
        item = self._chosen()
        if item is not None:
            self._player.pause()
            self._player.go_to(item.first_index)

    def _take(self, *, first: bool) -> None:
        item = self._chosen()
        if item is not None:
            self._decide(item.first_said if first else item.second_said)

    def _on_digit(self, place: int) -> None:
        classes = self._session.panel_classes()
        if place < len(classes):
            self._on_class(classes[place].id)
        elif self.dialog is not None:
            self.dialog.say(act_wording.no_class_on_key(DIGITS[place]))

    def _on_class(self, class_id: int) -> None:
        item, chosen = self._chosen(), self._session.library.label_class(class_id)
        group = self._session.library.groups()[class_id]
        if item is None or self.dialog is None:
            return
        if item.whole or item.group == group:
            self._decide(chosen.key)
            return
        self.dialog.say(wording.of_another_group(chosen.name, group.value, item.group.value))

    def _ask_class(self) -> None:
        item, groups = self._chosen(), self._session.library.groups()
        if self.dialog is not None and item is not None:
            self.dialog.ask_class(
                [
                    (each.id, each.name)
                    for each in self._session.panel_classes()
                    if item.whole or item.group == groups[each.id]
                ]
            )

    def _decide(self, outcome: str) -> None:
        """Write it, and go on to the next that is open."""
        item, dialog = self._chosen(), self.dialog
        if item is None or dialog is None:
            return
        outcome = adjudication_acts.meant(item, outcome)
        names, where, moment = self._session.names, self._fingerprint, self._procedure.moment
        title = wording.adjudicated(
            shown(outcome, names),
            self._names,
            (shown(item.first_said, names), shown(item.second_said, names)),
            self._procedure.places.span(item.first_index, item.last_index),
        )
        written = self._writer.write(
            lambda store: adjudication_acts.adjudicate(store, where, item, outcome, moment, title),
            failed=lambda error: dialog.say(str(error)),
        )
        if written:
            line = dialog.table.currentRow()
            later = [*range(line + 1, len(self._differences)), *range(line)]
            following = (at for at in later if self._differences[at].outcome is None)
            dialog.table.choose(next(following, line))

    def _on_image(self, frame: int, image: QImage) -> None:
        if self.dialog is not None:
            self.dialog.table.show_image(frame, image)

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.say(str(error))
        else:
            self._window.banner.show_message(str(error))

    def _forget(self) -> None:
        self.dialog, self._differences = None, []
        self._asked += 1
        self._images.want_none()
