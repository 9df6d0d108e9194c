"""A second reading from its beginning to its end: nothing of the first one can be seen, labels go
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.base.command import Command
from endoscope_app.base.errors import AppError
from endoscope_app.base.plain_text import ask
from endoscope_app.labels import commands as label_commands
from endoscope_app.labels.label_room import LabelRoom
from endoscope_app.labels.library.records import SECOND_SCOPE, Act, Context
from endoscope_app.labels.library.second_reading_records import SecondReading
from endoscope_app.labels.wording import UNNAMED
from endoscope_app.second_reading import reading_acts, second_library, wording
from endoscope_app.second_reading.begin_dialog import BeginDialog
from endoscope_app.second_reading.chosen_procedure import ChosenProcedure, WhichProcedure
from endoscope_app.second_reading.commands import (
    ADJUDICATE,
    AGREEMENT,
    IMPORT_SECOND,
    SECOND_READING,
)

#: They show, change or hand out what the first reader has said, or what models make of it.
RESTING = (
    label_commands.LABEL_ERRORS,
    label_commands.STATISTICS,
    label_commands.CLASSES,
    label_commands.UNDO_CLASSES,
    label_commands.REDO_CLASSES,
    label_commands.PATIENTS,
    label_commands.IMPORT_LABELS,
    label_commands.EXPORT_LABELS,
    label_commands.EXPORT_HISTORY,
    label_commands.READER,
    AGREEMENT,
    ADJUDICATE,
    IMPORT_SECOND,
)


class BlindReading(QObject):
    """``now``: the second reading that is under way; ``changed``: it began or ended.

    ``resting``: commands of other rooms that rest meanwhile, told by who knows them.
    """

    changed = Signal()

    def __init__(
        self,
        labels: LabelRoom,
        view: AnalysisView,
        library: Path,
        which: WhichProcedure,
    ) -> None:
        """``library``: the folder of the library that counts; ``which``: what is chosen."""
        desk = labels.desk
        super().__init__(desk.window.as_widget())
        self.now: SecondReading | None = None
        self.dialog: BeginDialog | None = None
        self.resting: tuple[Command, ...] = RESTING
        self.show_procedure: Callable[[], None] = lambda: None
        self._labels, self._view, self._library, self._which = labels, view, library, which
        self._window, self._player, self._session = desk.window, desk.player, desk.session
        self._wanted: SecondReading | None = None  # its procedure is being opened
        self._notice = ""
        self._window.action(SECOND_READING).triggered.connect(self._on_command)
        self._player.refused.connect(self._on_refused)

    def rests(self) -> Collection[Command]:
        """Commands that cannot be used now."""
        return self.resting if self.now is not None else ()

    def settle(self) -> None:
        """Another procedure has been opened, and nothing of its labels is shown yet."""
        info, wanted = self._player.info, self._wanted
        self._wanted = None
        if self.now is not None and (info is None or info.fingerprint != self.now.fingerprint):
            self._window.banner.add_message(wording.left(self.now.reader))
            self._leave()
        if wanted is not None and info is not None and info.fingerprint == wanted.fingerprint:
            self._enter(wanted)

    def _on_command(self) -> None:
        if self.now is not None:
            self._finish(self.now)
            return
        chosen = self._which()
        because = wording.NOBODY if chosen is None else self._why_not(chosen)
        if chosen is None or because:
            self._window.banner.show_message(because)
            return
        self._ask(chosen)

    def _why_not(self, chosen: ChosenProcedure) -> str:
        """Why there can be no second reading of it now, as a sentence."""
        main, fingerprint = self._session.main, chosen.fingerprint
        reading = main.read.second_reading(fingerprint)
        if main.read_only_because or self._session.not_open_because:
            return main.read_only_because or self._session.not_open_because
        if reading is not None and reading.state == "finished":
            return wording.finished_already(reading.reader)
        if not main.read.is_labelled(fingerprint):
            return wording.NOTHING_LABELLED
        open_dialog = self._labels.key_guard.open_dialog()
        return wording.close_first(open_dialog) if open_dialog else ""

    def _ask(self, chosen: ChosenProcedure) -> None:
        library = self._session.main.read
        first, known = (
            library.labellers(chosen.fingerprint),
            library.second_reading(chosen.fingerprint),
        )
        here = library.reader_name()
        others = {name.casefold() for name in (*first, UNNAMED)}
        dialog = self.dialog = BeginDialog(
            wording.first_reading(first),
            lambda name: why_not_second(name, first),
            name=known.reader if known else "" if here.casefold() in others else here,
            resumes=known is not None,
            parent=self._window.as_widget(),
        )

        def begin(name: str, hides_model: bool) -> None:
            self._begin(chosen.path, SecondReading(chosen.fingerprint, name, hides_model))

        dialog.begun.connect(begin)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def _begin(self, path: Path, reading: SecondReading) -> None:
        info = self._player.info
        if info is not None and info.fingerprint == reading.fingerprint:
            if self._enter(reading):
                self._labels.open_procedure()
                self.show_procedure()
            return
        self._wanted = reading
        self._player.open(path)

    def _enter(self, reading: SecondReading) -> bool:
        """Whether it has begun; where not, the reader was told why."""
        session = self._session
        try:
            self._write(lambda: reading_acts.begun(session.main, reading), reading.reader)
            store = second_library.open_to_write(self._library, session.main.read, reading.reader)
        except AppError as error:
            self._window.banner.show_message(str(error))
            return False
        self.now, self._notice = (
            reading,
            wording.under_way(reading.reader, hides_model=reading.hides_model),
        )
        session.use_second(store)
        self._withhold(reading.hides_model)
        self._window.banner.show_standing_message(self._notice)
        self._rest()
        return True

    def _leave(self) -> None:
        self.now = None
        self._session.use_second(None)
        self._withhold(False)
        self._window.banner.withdraw_message(self._notice)
        self._rest()

    def _withhold(self, withheld: bool) -> None:
        self._labels.visibility.withhold(withheld)
        self._view.withhold(withheld)

    def _rest(self) -> None:
        for command in self.resting:
            self._window.action(command).setEnabled(self.now is None)
        self.changed.emit()

    def _finish(self, reading: SecondReading) -> None:
        labelled = int(self._labels.procedure_labels.states.answered().sum())
        question = wording.finish_question(reading.reader, labelled)
        if not ask(self._window.as_widget(), wording.FINISH_TITLE, question):
            return
        self._leave()
        self._labels.open_procedure()
        main = self._session.main
        try:
            self._write(lambda: reading_acts.finished(main, reading.fingerprint), reading.reader)
        except AppError as error:
            self._window.banner.show_message(str(error))
            return
        self._window.banner.show_message(
            wording.finished(reading.reader), undo=lambda: self._undo(reading)
        )

    def _undo(self, reading: SecondReading) -> None:
        """Not finished after all, where nothing was begun or finished since."""
        known = self._session.main.read.second_reading(reading.fingerprint)
        if known != replace(reading, state="finished"):
            return
        try:
            context = Context(reading.reader, self._labels.visibility.recorded())
            self._session.announce(self._session.main.undo(context, SECOND_SCOPE))
        except AppError as error:
            self._window.banner.show_message(str(error))
            return
        self._window.banner.show_remark(wording.left(reading.reader))

    def _write(self, build: Callable[[], Act], reader: str) -> None:
        context = Context(reader, self._labels.visibility.recorded())
        self._session.announce(self._session.main.apply(build(), context))

    def _on_refused(self) -> None:
        self._wanted = None


def why_not_second(name: str, first: Collection[str]) -> str:
    """Why this reader cannot be the second one; empty where they can."""
    known = next((one for one in first if one.casefold() == name.casefold()), "")
    return wording.same_reader(known) if known else ""
