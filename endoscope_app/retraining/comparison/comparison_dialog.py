"""Candidate and active model side by side, and what becomes of the candidate: promoted, kept
for later, or discarded.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import ask, plain_label, plain_tip
from endoscope_app.base.wording import minute_of
from endoscope_app.models.promotion_reason import PromotionReason
from endoscope_app.retraining.comparison.comparison_data import (
    Comparison,
    DifferingFrame,
    Side,
    seen_sentence,
)
from endoscope_app.retraining.comparison.confusion_view import ConfusionView
from endoscope_app.retraining.comparison.differing_view import DifferingView
from endoscope_app.retraining.comparison.scores_view import ScoresView
from endoscope_app.retraining.comparison.seen_frame import SeenFrame
from kd_core.schema.model_card import RESEARCH_USE

NO_SENTENCE = "This proof says nothing: look at the scores."
UNDECIDED = "Closing decides nothing: Compare… in the window Retrain opens this again."
KEPT = "This candidate is among the models already (Model, Models)."
NO_REPORT = "This run has written no report."
WIDTH, HEIGHT, FRAME = 1300, 700, 40


class ComparisonDialog(QDialog):
    """Every act is a signal; the flow answers through ``set_standing``, ``show_`` methods and
    ``set_thumbnail``.
    """

    promoted = Signal(str)  # reason
    kept = Signal()
    discarded = Signal()
    report_wanted = Signal()
    frame_chosen = Signal(object)  # DifferingFrame
    thumbnail_wanted = Signal(str)
    # To be opened in its procedure: fingerprint, path of the picture
    frame_wanted = Signal(str, str)

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare models")
        self._comparison = comparison
        self._is_kept, self._against, self._unsound, self._busy = False, "", "", ""
        self._reason = PromotionReason(self)
        self._note, self._problem = plain_label(parent=self), plain_label(parent=self)
        self._promote, self._keep = QPushButton("&Promote"), QPushButton("&Keep for later")
        self._discard, self._report = QPushButton("&Discard…"), QPushButton("Open &report")
        self.scores = ScoresView(comparison.evidence, comparison.classes)
        self.confusions = ConfusionView(comparison)
        self.differing = DifferingView(comparison)
        self.tabs = QTabWidget(self)
        self._lay_out()
        self._reason.changed.connect(self._tell)
        self._promote.clicked.connect(lambda: self.promoted.emit(self._reason.text))
        self._keep.clicked.connect(self.kept)
        self._discard.clicked.connect(self._on_discard)
        self._report.clicked.connect(self.report_wanted)
        self.differing.frame_chosen.connect(self.frame_chosen)
        self.differing.thumbnail_wanted.connect(self.thumbnail_wanted)
        self.differing.frame_wanted.connect(self.frame_wanted)
        self.tabs.currentChanged.connect(self._on_tab)
        self.scores.table.setFocus()
        self._tell()

    def set_standing(self, *, is_kept: bool, against: str = "", note: str = "") -> None:
        """``is_kept``: whether it is among the models; ``against``: why it cannot be promoted;
        ``note``: what else to know.
        """
        self._is_kept, self._against = is_kept, against
        self._show(self._note, note)
        self._tell()

    def show_unsound(self, sentence: str) -> None:
        """The candidate is damaged: it can only be discarded."""
        self._unsound = sentence
        self.show_problem(sentence)

    def show_busy(self, what: str) -> None:
        """What is being done (empty: nothing); no act begins meanwhile."""
        self._busy = what
        self._tell()

    def show_problem(self, sentence: str) -> None:
        """Why the last act was not done; empty for nothing."""
        self._show(self._problem, sentence)
        self._tell()

    def show_frame(self, seen: SeenFrame) -> None:
        """The chosen frame."""
        self.differing.show_frame(seen)

    def set_thumbnail(self, path: str, image: QImage | None) -> None:
        """A small picture for the list."""
        self.differing.set_thumbnail(path, image)

    def current_frame(self) -> DifferingFrame | None:
        """The chosen one, None where there is none."""
        return self.differing.list.current()

    def problem(self) -> str:
        """What it says did not work."""
        return self._problem.text()

    def note(self) -> str:
        """What it says besides."""
        return self._note.text()

    def ask_discard(self) -> bool:
        """A discarded candidate does not come back."""
        question = (
            f"Discard candidate {self._comparison.candidate.version}? The labels stay, the"
            " candidate does not come back."
        )
        return ask(self, "Discard the candidate", question)

    def _lay_out(self) -> None:
        found = self._comparison
        sentence = plain_label(found.evidence.sentence or NO_SENTENCE)
        sentence.setProperty("role", "verdict")
        sentence.setWordWrap(True)
        sentence.setAccessibleName("Recommendation")
        sides = plain_label(
            f"Active model {_dated(found.active)}     Candidate {_dated(found.candidate)}"
        )
        notice = plain_label(RESEARCH_USE)
        notice.setProperty("role", "muted")
        line = QHBoxLayout()
        line.addWidget(sides)
        line.addStretch(1)
        line.addWidget(notice)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.scores, "&Scores")
        self.tabs.addTab(self.confusions, "&Confusions")
        self.tabs.addTab(self.differing, f"Differing &frames ({len(found.frames):,})")
        self._reason.ask_for(found.evidence.needs_reason)
        for label, role, name in (
            (self._note, "banner", "Note"),
            (self._problem, "danger", "What did not work"),
        ):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 12)
        column.setSpacing(10)
        column.addWidget(sentence)
        column.addLayout(line)
        seen = plain_label(seen_sentence(found.evidence.seen_by_teachers))
        seen.setProperty("role", "muted")
        seen.setWordWrap(True)
        seen.setAccessibleName("Frames left out")
        seen.setVisible(bool(found.evidence.seen_by_teachers))
        column.addWidget(seen)
        column.addWidget(self._note)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._reason)
        column.addWidget(self._problem)
        column.addLayout(self._foot())
        room = self.screen().availableGeometry()
        self.resize(min(WIDTH, room.width() - FRAME), min(HEIGHT, room.height() - FRAME))

    def _foot(self) -> QHBoxLayout:
        words, close, foot = plain_label(UNDECIDED), QPushButton("Close"), QHBoxLayout()
        words.setProperty("role", "muted")
        close.clicked.connect(self.reject)
        foot.addWidget(self._discard)
        foot.addWidget(self._report)
        foot.addSpacing(12)
        foot.addWidget(words, 1)
        for button in (close, self._keep, self._promote):
            foot.addWidget(button)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # a model is not promoted by a stray Return
        for button in (close, self._discard, self._report, self._keep, self._promote):
            button.setAutoDefault(False)
        return foot

    def _tell(self) -> None:
        """Buttons that cannot act now say why when pointed at."""
        blocked = self._busy or self._unsound
        _allow(
            self._promote,
            blocked or self._against or self._reason.lacks,
            "Use the candidate from the next frame on",
        )
        _allow(
            self._keep,
            blocked or (KEPT if self._is_kept else ""),
            "Put it among the models without using it",
        )
        _allow(
            self._discard,
            self._busy or (KEPT if self._is_kept else ""),
            "Delete the candidate and the frames exported for it",
        )
        _allow(
            self._report,
            "" if self._comparison.has_report else NO_REPORT,
            "The whole report in the browser",
        )
        self._reason.set_locked(bool(self._against or self._unsound))

    def _on_tab(self) -> None:
        # who walks along the tabs by key goes on walking; who clicked means the list
        if self.tabs.currentWidget() is self.differing and not self.tabs.tabBar().hasFocus():
            self.differing.list.setFocus()

    def _on_discard(self) -> None:
        if self.ask_discard():
            self.discarded.emit()

    @staticmethod
    def _show(label: QLabel, sentence: str) -> None:
        label.setText(sentence)
        label.setVisible(bool(sentence))


def _dated(side: Side) -> str:
    if not side.version:
        return "unknown"
    return f"{side.version}, made {minute_of(side.created)}" if side.created else side.version


def _allow(button: QPushButton, reason_against: str, what: str) -> None:
    button.setEnabled(not reason_against)
    button.setToolTip(plain_tip(reason_against or what))
