"""Both models side by side, and what becomes of the new one: used, kept for later, or discarded."""

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

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import ask, plain_label
from endoscope_app.base.table_dialog import allow
from endoscope_app.models.promotion_reason import PromotionReason
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import (
    Comparison,
    DifferingFrame,
    frame_names,
)
from endoscope_app.retraining.comparison.comparison_files import SeenFrame
from endoscope_app.retraining.comparison.confusion_view import ConfusionView
from endoscope_app.retraining.comparison.differing_view import DifferingView
from endoscope_app.retraining.comparison.scores_view import ScoresView
from endoscope_app.retraining.recommendation import recommendation
from kd_core.schema.model_card import RESEARCH_USE

WIDTH, HEIGHT = 1300, 700


class ComparisonDialog(QDialog):
    """Every act is a signal.

    The flow answers through ``set_standing``, ``show_`` methods and ``set_thumbnail``.
    """

    use_requested = Signal(str)  # reason
    keep_requested = Signal()
    discard_requested = Signal()
    report_requested = Signal()
    frame_chosen = Signal(object)  # DifferingFrame
    thumbnail_requested = Signal(str)
    # To be opened in its procedure: fingerprint, path of the image
    opening_requested = Signal(str, str)

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.TITLE)
        self._comparison = comparison
        self._is_kept, self._against, self._damage, self._busy = False, "", "", ""
        self._reason = PromotionReason(self)
        self._note, self._problem = plain_label(parent=self), plain_label(parent=self)
        self._use, self._keep = QPushButton(wording.USE), QPushButton(wording.KEEP)
        self._discard, self._report = QPushButton(wording.DISCARD), QPushButton(wording.REPORT)
        self.scores = ScoresView(comparison)
        self.confusions = ConfusionView(comparison)
        self.differing = DifferingView(comparison)
        self.tabs = QTabWidget(self)
        self._lay_out()
        self._reason.changed.connect(self._tell)
        self._use.clicked.connect(self._on_use)
        self._keep.clicked.connect(self.keep_requested)
        self._discard.clicked.connect(self._on_discard)
        self._report.clicked.connect(self.report_requested)
        self.differing.frame_chosen.connect(self.frame_chosen)
        self.differing.thumbnail_requested.connect(self.thumbnail_requested)
        self.differing.opening_requested.connect(self.opening_requested)
        self.tabs.currentChanged.connect(self._on_tab)
        self.scores.table.setFocus()
        self._tell()

    def set_standing(self, *, is_kept: bool, against: str = "", note: str = "") -> None:
        """Where the new model stands.

        ``is_kept``: whether it is among the models; ``against``: why it cannot be used; ``note``:
        what else to know.
        """
        self._is_kept, self._against = is_kept, against
        self._show(self._note, note)
        self._tell()

    def show_damage(self, sentence: str) -> None:
        """The new model is damaged: it can only be discarded."""
        self._damage = sentence
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

    def forget_images(self) -> None:
        """They are made anew: blanked, or not."""
        self.differing.list.forget_images()

    def set_thumbnail(self, path: str, image: QImage | None) -> None:
        """A small image for the list."""
        self.differing.set_thumbnail(path, image)

    def current_frame(self) -> DifferingFrame | None:
        """The chosen one, None where there is none."""
        return self.differing.list.current()

    def problem(self) -> str:
        """Why the last act was not done."""
        return self._problem.text()

    def note(self) -> str:
        """What else there is to know."""
        return self._note.text()

    def ask_discard(self) -> bool:
        """A discarded model cannot be brought back."""
        version = self._comparison.candidate.version
        return ask(self, wording.DISCARD_TITLE, wording.discard_question(version))

    def _lay_out(self) -> None:
        comparison, evidence = self._comparison, self._comparison.evidence
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.scores, wording.RESULT_TAB)
        self.tabs.addTab(self.confusions, wording.CLASSES_TAB)
        self.tabs.addTab(self.differing, wording.frames_tab(len(comparison.frames)))
        names = comparison.names
        self._reason.ask_for(tuple(names.get(key, key) for key in evidence.needs_reason))
        for label, role, name in (
            (self._note, "banner", wording.NOTE_NAME),
            (self._problem, "danger", wording.PROBLEM_NAME),
        ):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 12)
        column.setSpacing(10)
        self._head(column)
        column.addWidget(self._note)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._reason)
        column.addWidget(self._problem)
        column.addLayout(self._foot())
        open_at(self, WIDTH, HEIGHT)

    def _head(self, column: QVBoxLayout) -> None:
        """The sentence that matters, both models, and what is no evidence."""
        comparison, evidence = self._comparison, self._comparison.evidence
        sentence = plain_label(recommendation(evidence, comparison.names))
        sentence.setProperty("role", "verdict")
        sentence.setWordWrap(True)
        sentence.setAccessibleName(wording.RECOMMENDATION_NAME)
        active, candidate = comparison.active, comparison.candidate
        in_use = wording.side(wording.IN_USE, active.version, active.created)
        new = wording.side(wording.NEW_MODEL, candidate.version, candidate.created)
        notice = plain_label(RESEARCH_USE)
        notice.setProperty("role", "muted")
        line = QHBoxLayout()
        line.addWidget(plain_label(f"{in_use}     {new}"))
        line.addStretch(1)
        line.addWidget(notice)
        seen = plain_label(wording.left_out(frame_names(evidence.seen_by_teachers)))
        seen.setProperty("role", "muted")
        seen.setWordWrap(True)
        seen.setAccessibleName(wording.LEFT_OUT_NAME)
        seen.setVisible(bool(evidence.seen_by_teachers))
        column.addWidget(sentence)
        column.addLayout(line)
        column.addWidget(seen)

    def _foot(self) -> QHBoxLayout:
        undecided, close = plain_label(wording.UNDECIDED), QPushButton(wording.CLOSE)
        undecided.setProperty("role", "muted")
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self._discard)
        foot.addWidget(self._report)
        foot.addSpacing(12)
        foot.addWidget(undecided, 1)
        for button in (close, self._keep, self._use):
            foot.addWidget(button)
        # no model is taken into use by a stray Return
        for button in (close, self._discard, self._report, self._keep, self._use):
            button.setAutoDefault(False)
        return foot

    def _tell(self) -> None:
        """Buttons that cannot act now say why when pointed at."""
        blocked = self._busy or self._damage
        kept = wording.KEPT if self._is_kept else ""
        no_report = "" if self._comparison.has_report else wording.NO_REPORT
        allow(self._use, blocked or self._against or self._reason.lacks, wording.USE_TIP)
        allow(self._keep, blocked or kept, wording.KEEP_TIP)
        allow(self._discard, self._busy or kept, wording.DISCARD_TIP)
        allow(self._report, no_report, wording.REPORT_TIP)
        self._reason.set_locked(bool(self._against or self._damage))

    def _on_tab(self) -> None:
        # who walks along the tabs by key keeps walking; who clicked means the list
        if self.tabs.currentWidget() is self.differing and not self.tabs.tabBar().hasFocus():
            self.differing.list.setFocus()

    def _on_use(self) -> None:
        self.use_requested.emit(self._reason.text)

    def _on_discard(self) -> None:
        if self.ask_discard():
            self.discard_requested.emit()

    @staticmethod
    def _show(label: QLabel, sentence: str) -> None:
        label.setText(sentence)
        label.setVisible(bool(sentence))
