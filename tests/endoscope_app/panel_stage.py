"""How tests press in the label panel."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from endoscope_app.base.theme import class_colours
from endoscope_app.labels.label_panel import LabelPanel

NAMES = ["polyps", "cecum", "ileum", "impacted-stool"]


IDS = [11, 12, 13, 14]


LEFT = Qt.MouseButton.LeftButton


def class_rows(ids: list[int]) -> list[tuple[int, str, QColor, str]]:
    colours = class_colours(len(IDS))
    return [
        (number, NAMES[IDS.index(number)], colours[IDS.index(number)], str(place + 1))
        for place, number in enumerate(ids)
    ]


def wishes(panel: LabelPanel) -> list[object]:
    said: list[object] = []
    panel.class_chosen.connect(said.append)
    panel.agree_requested.connect(lambda: said.append("agreed"))
    panel.unusable_requested.connect(lambda: said.append("unusable"))
    panel.clear_requested.connect(lambda: said.append("cleared"))
    panel.classes_requested.connect(lambda: said.append("manage"))
    panel.order_changed.connect(said.append)
    return said
