"""The classes with their keys, what the current frame is labelled, and whether that differs
from the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.labels import wording
from endoscope_app.labels.commands import AGREE, CLEAR_LABEL, UNUSABLE
from endoscope_app.labels.label_column import RowColumn
from endoscope_app.labels.label_comparison import LabelComparison, wrapped_label
from endoscope_app.labels.label_row import ROW_HEIGHT, LabelRow
from endoscope_app.labels.library.records import FrameKind
from endoscope_app.labels.wording import ModelText

ClassRow = tuple[int, str, QColor, str]
_LEAST_ROWS = 3


@dataclass(frozen=True)
class PanelLabel:
    """A label of the current frame; ``class_id`` for "class", and for "agreed" the class that the
    model had when the reader agreed. ``from_range``: a range that covers the frame says so.
    """

    kind: FrameKind
    class_id: int | None = None
    from_range: bool = False


class LabelPanel(QWidget):
    """Plain values in, wishes out: a press marks nothing by itself, the owner answers with
    set_current, set_classes and set_counts.
    """

    class_chosen = Signal(int)  # class id
    agree_requested = Signal()
    unusable_requested = Signal()
    clear_requested = Signal()
    classes_requested = Signal()
    order_changed = Signal(list)  # class ids, first row first

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.PANEL)
        self.keys_allowed: Callable[[], bool] = lambda: True
        self._classes: list[ClassRow] = []
        self._rows: list[LabelRow] = []
        self._here: dict[int, int] = {}
        self._library: dict[int, int] = {}
        self._labels: tuple[PanelLabel, ...] = ()
        self._model: ModelText | None = None  # until there is a frame
        self._read_only = ""
        self._banner = wrapped_label("banner", wording.READ_ONLY_NAME)
        self._comparison = LabelComparison()
        self._list = RowColumn()
        self._agreed = LabelRow(wording.MODEL_IS_RIGHT, None, AGREE.keys[0], movable=False)
        self._unusable = LabelRow(wording.NONE_OF_THESE, None, UNUSABLE.keys[0], movable=False)
        self._clear = LabelRow(wording.CLEAR_HERE, None, CLEAR_LABEL.keys[0], movable=False)
        self._manage = QPushButton(wording.MANAGE)
        self._manage.setAccessibleName(wording.MANAGE_NAME)
        self._manage.setToolTip(plain_tip(wording.MANAGE_TIP))
        self._manage.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self._agreed.clicked.connect(self.agree_requested)
        self._unusable.clicked.connect(self.unusable_requested)
        self._clear.clicked.connect(self.clear_requested)
        self._manage.clicked.connect(self.classes_requested)
        for row in self._actions():
            row.stepped.connect(self._on_stepped)
            row.keys_allowed = self._keys
        self.set_classes([])
        self.set_read_only("")

    def set_classes(self, classes: Sequence[ClassRow]) -> None:
        """Rows of (id, name, colour, digit or ""), first one on top; the row that had the
        keyboard keeps it if its class remains.
        """
        focused = next(
            (
                entry[0]
                for entry, row in zip(self._classes, self._rows, strict=True)
                if row.hasFocus()
            ),
            None,
        )
        self._classes = [
            (int(number), name, QColor(colour), digit) for number, name, colour, digit in classes
        ]
        self._rows = [
            LabelRow(name, colour, digit, movable=True) for _, name, colour, digit in self._classes
        ]
        self._list.set_rows(self._rows)
        for place, (entry, row) in enumerate(zip(self._classes, self._rows, strict=True)):
            row.clicked.connect(lambda _=False, number=entry[0]: self.class_chosen.emit(number))
            row.stepped.connect(self._on_stepped)
            row.moved.connect(lambda step, place=place: self._on_moved(place, place + step))
            row.dragged.connect(self._list.show_drop)
            row.let_go.connect(lambda: self._list.show_drop(None))
            row.keys_allowed = self._keys
            row.dropped.connect(lambda y, place=place: self._on_dropped(place, y))
        self._scroll.setMinimumHeight(min(_LEAST_ROWS, len(self._rows)) * ROW_HEIGHT)
        self._scroll.setMaximumHeight(len(self._rows) * ROW_HEIGHT)
        self._show_rows()
        self._show_comparison()
        self._align_keys()
        self._take_turns(0)
        for entry, row in zip(self._classes, self._rows, strict=True):
            if entry[0] == focused:
                self._focus(row)

    def set_counts(
        self,
        here: Mapping[int, int],
        library: Mapping[int, int],
        agreed: tuple[int, int] = (0, 0),
        unusable: tuple[int, int] = (0, 0),
    ) -> None:
        """Frames labelled so far by class id, in the open procedure and in the library; and with
        the two other answers, (here, library).

        A class that is not named has none.
        """
        self._here, self._library = dict(here), dict(library)
        self._agreed.set_counts(*agreed)
        self._unusable.set_counts(*unusable)
        self._show_rows()

    def set_current(self, labels: Sequence[PanelLabel]) -> None:
        """The current frame's labels, one of each group at most."""
        # While playing it is told of every frame, mostly of the same
        if tuple(labels) != self._labels:
            self._labels = tuple(labels)
            self._show_rows()
            self._show_comparison()

    def set_model(
        self,
        name: str | None,
        probability: float = 0.0,
        unsure: bool = False,
        absent: str = wording.HIDDEN,
        others: tuple[str, ...] = (),
        rivals: frozenset[str] = frozenset(),
    ) -> None:
        """The model's class for the current frame, probability 0..1; None while it is not to be
        seen, and ``absent`` says why. ``others``, ``rivals``: see ModelText.
        """
        self._model = ModelText(name, probability, unsure, absent, others, rivals)
        self._show_comparison()

    def set_read_only(self, sentence: str) -> None:
        """Say why nothing can be labelled; empty to allow it."""
        self._read_only = sentence
        self._banner.setText(sentence)
        self._banner.setAccessibleDescription(sentence)
        self._banner.setVisible(bool(sentence))
        self._allow()

    @property
    def comparison(self) -> LabelComparison:
        """What the frame is labelled: the window shows it where it shows what the model says."""
        return self._comparison

    def text(self) -> str:
        """The line and the note, for tests and screen readers."""
        return self._comparison.text()

    def _keys(self) -> bool:
        return self.keys_allowed()

    def _actions(self) -> tuple[LabelRow, LabelRow, LabelRow]:
        return self._agreed, self._unusable, self._clear

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        heading = QHBoxLayout()
        heading.setContentsMargins(10, 4, 10, 0)
        for text, alignment in (
            (wording.PANEL_HEADINGS[0], Qt.AlignmentFlag.AlignLeft),
            (wording.PANEL_HEADINGS[1], Qt.AlignmentFlag.AlignRight),
        ):
            label = plain_label(text)
            label.setProperty("role", "muted")
            label.setToolTip(plain_tip(wording.PANEL_HEADINGS_TIP))
            heading.addWidget(label, 1, alignment)
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setForegroundRole(QPalette.ColorRole.Mid)
        rule.setFrameShadow(QFrame.Shadow.Plain)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 10, 0)
        foot.addStretch(1)
        foot.addWidget(self._manage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(4)
        column.addWidget(self._banner)
        column.addWidget(self._comparison)
        column.addLayout(heading)
        column.addWidget(self._scroll, 1)
        column.addWidget(rule)
        for row in self._actions():
            column.addWidget(row)
        column.addLayout(foot)
        column.addStretch(0)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may bring another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._align_keys()

    def _show_comparison(self) -> None:
        names = {class_id: name for class_id, name, *_ in self._classes}
        if self._model is not None:
            texts = []
            for label in self._labels:
                name = names.get(label.class_id or 0, wording.CLASS_NOT_SHOWN)
                texts.append(wording.LabelText(label.kind, name, label.from_range))
            self._comparison.show_labels(texts, self._model)
        self._allow()

    def _show_rows(self) -> None:
        kinds = {label.class_id: label.kind for label in self._labels}
        for (number, *_), row in zip(self._classes, self._rows, strict=True):
            row.set_counts(self._here.get(number, 0), self._library.get(number, 0))
            row.set_marked(kinds.get(number) == "class", ringed=kinds.get(number) == "agreed")
        self._agreed.set_marked("agreed" in kinds.values())
        self._unusable.set_marked("unusable" in kinds.values())

    def _align_keys(self) -> None:
        every = [*self._rows, *self._actions()]
        width = max(row.key_width() for row in every)
        for row in every:
            row.set_key_width(width)

    def _allow(self) -> None:
        allowed = not self._read_only
        for row in (*self._rows, self._unusable):
            row.setEnabled(allowed)
        self._manage.setEnabled(allowed)
        # Nobody can agree with what is hidden: the history would hold an agreement that was never
        # given.
        for row, possible in (
            (self._agreed, self._model is not None and self._model.name is not None),
            (self._clear, bool(self._labels)),
        ):
            if allowed and not possible and row.hasFocus():
                # Qt would hand the keyboard to the button below, and the next Enter would open a
                # dialog.
                self._focus(self._unusable)
            row.setEnabled(allowed and possible)

    def _take_turns(self, turn: int) -> None:
        """Tab enters the rows once and leaves them again; the arrows go from row to row."""
        for place, row in enumerate([*self._rows, *self._actions()]):
            row.setFocusPolicy(Qt.FocusPolicy.TabFocus if place == turn else Qt.FocusPolicy.NoFocus)

    def _focus(self, row: LabelRow) -> None:
        self._take_turns([*self._rows, *self._actions()].index(row))
        row.setFocus(Qt.FocusReason.TabFocusReason)
        if row in self._rows:
            self._scroll.ensureWidgetVisible(row, 0, 0)

    def _on_stepped(self, step: int) -> None:
        every = [
            row for row in (*self._rows, *self._actions()) if row.isEnabled() or row.hasFocus()
        ]
        place = next((place for place, row in enumerate(every) if row.hasFocus()), None)
        if place is not None:
            self._focus(every[max(0, min(len(every) - 1, place + step))])

    def _on_dropped(self, place: int, y: float) -> None:
        self._list.show_drop(None)
        gap = self._list.gap_at(y)
        self._on_moved(place, gap - 1 if gap > place else gap)

    def _on_moved(self, place: int, target: int) -> None:
        if target == place or not 0 <= target < len(self._classes):
            return
        ids = [entry[0] for entry in self._classes]
        ids.insert(target, ids.pop(place))
        self.order_changed.emit(ids)
