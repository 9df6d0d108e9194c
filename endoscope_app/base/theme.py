"""Colours and the one style sheet: a calm dark theme for dark rooms (the default) and a light
one for daylight.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Template
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Colours:
    """Every colour that the style sheet and the palette use, as #rrggbb."""

    window: str
    raised: str
    field: str
    border: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_soft: str
    on_accent: str
    danger: str
    over_image: str
    """#AARRGGBB: what lies over an image and carries text."""


# No pure white and no saturated field: a reader's dark-adapted eye must stay on the image, not on
# the frame around it.
THEMES: Final[Mapping[str, Colours]] = MappingProxyType(
    {
        "dark": Colours(
            window="#15181c",
            raised="#1e2329",
            field="#101316",
            border="#323941",
            text="#d6d9de",
            muted="#8f98a3",
            disabled="#5a626c",
            accent="#4f9aa8",
            accent_soft="#24414a",
            on_accent="#0e1518",
            danger="#d98c7a",
            over_image="#be0a0c0e",
        ),
        "light": Colours(
            window="#f1f3f4",
            raised="#ffffff",
            field="#ffffff",
            border="#bcc4cb",
            text="#20262c",
            muted="#5d6872",
            disabled="#a0a8af",
            accent="#24707f",
            accent_soft="#d3e6ea",
            on_accent="#ffffff",
            danger="#a33c28",
            over_image="#f4f1f3f4",
        ),
    }
)

# After Okabe and Ito's set, shifted so that all stand out from #15181c and any two of the first
# eight stay at least 14 CIELAB units apart under simulated deuteranopia, protanopia and tritanopia
# (tests/endoscope_app/base/test_theme.py); then hues after Tol. The order puts the most different
# ones first, because most models here have six to eight classes.
_CLASS_COLOURS: Final = (
    "#56b4e9",
    "#e69f00",
    "#0f8f68",
    "#e48fc0",
    "#e8dc5a",
    "#c94a1c",
    "#4a6fdc",
    "#d3d7db",
    "#a05fb4",
    "#8fd3a5",
    "#a8853c",
    "#b7d0f5",
)

# No rules for the boxes of QComboBox and spin boxes: a rule makes Qt drop their arrows unless an
# image file brings them back.
_STYLE_SHEET: Final = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
QMenuBar { background: $window; padding: 2px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $accent_soft; }
QMenu { background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: $border; }
QDockWidget::title { padding: 6px 8px; background: $window; color: $muted; }
QPushButton {
    background: $raised; border: 1px solid $border; border-radius: 4px; padding: 5px 14px;
    min-height: 18px; }
QPushButton:hover { border-color: $accent; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:default { background: $accent_soft; border-color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $raised; }
QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }
QToolButton[role="chip"] { border-color: $border; padding: 2px 6px; }
QToolButton:hover { background: $raised; }
QToolButton:pressed, QToolButton:checked { background: $accent_soft; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QTextEdit:focus,
QPlainTextEdit:focus, QAbstractItemView:focus { border: 1px solid $accent; }
QComboBox QAbstractItemView {
    background: $raised; border: 1px solid $border; selection-background-color: $accent_soft;
  selection-color: $text; outline: 0; }
QLineEdit, QTextEdit, QPlainTextEdit {
    background: $field; border: 1px solid $border; border-radius: 4px;
  padding: 4px 6px; selection-background-color: $accent_soft; selection-color: $text; }
QAbstractItemView {
    background: $field; alternate-background-color: $window; border: 1px solid $border;
  selection-background-color: $accent_soft; selection-color: $text; }
QHeaderView::section {
    background: $window; color: $muted; border: none; border-bottom: 1px solid $border; padding:
    4px 6px; }
QCheckBox { spacing: 7px; padding: 2px; }
QCheckBox:focus { color: $accent; }
QCheckBox::indicator, QListView::indicator {
    width: 13px; height: 13px; border: 1px solid $muted; border-radius: 3px; background: $field; }
QCheckBox::indicator:checked, QListView::indicator:checked {
    background: $accent; border: 1px solid $muted; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:disabled, QListView::indicator:disabled { border-color: $disabled; }
QCheckBox::indicator:checked:disabled, QListView::indicator:checked:disabled {
    background: $disabled; }
QRadioButton { spacing: 7px; padding: 2px; }
QRadioButton:focus { color: $accent; }
QRadioButton::indicator {
    width: 13px; height: 13px; border: 1px solid $muted; border-radius: 7px; background: $field; }
QRadioButton::indicator:checked {
    border: 4px solid $accent; width: 7px; height: 7px; background: $on_accent; }
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: $accent; }
QRadioButton::indicator:disabled { border-color: $disabled; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $text; border:
    1px solid $window; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {
    background: $accent; border-color: $text; }
QSlider::handle:horizontal:disabled { background: $disabled; }
QProgressBar {
    background: $field; border: 1px solid $border; border-radius: 4px; text-align: center;
    max-height: 14px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle {
    background: $border; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QLabel[role="heading"] { font-size: 13pt; font-weight: 600; }
QLabel[role="group"] { color: $accent; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="verdict"] { font-size: 15pt; font-weight: 600; }
QLabel[role="banner"] {
    background: $accent_soft; border-left: 3px solid $accent; padding: 7px 10px; }
QLabel[role="alarm"] { color: $danger; font-weight: 600; }
QFrame#toast { background: $raised; border: 1px solid $border; border-left: 3px solid $accent;
    border-radius: 4px; }
QFrame#toast[role="alarm"] { border-left-color: $danger; }
QToolButton#undo { color: $accent; font-weight: 600; padding: 1px 8px; }
QFrame#card { background: $raised; border-radius: 4px; }
QFrame#card[floating="true"] { background: $over_image; }
QFrame#verdict { background: transparent; border-radius: 4px; }
""")


def style_sheet(colours: Colours) -> str:
    """The whole application's style sheet in these colours."""
    return _STYLE_SHEET.substitute(asdict(colours))


def build_palette(colours: Colours) -> QPalette:
    """The same colours for everything that paints itself: widgets read their palette and so
    follow the theme.
    """
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.field,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.danger,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Midlight: colours.accent_soft,
        QPalette.ColorRole.Dark: colours.border,
        QPalette.ColorRole.Light: colours.raised,
    }
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.disabled))
    return palette


def apply_theme(app: QApplication, name: str) -> None:
    """Dress the application in the theme ``name``; an unknown name (an old settings file) gives
    the dark one.
    """
    colours = THEMES.get(name, THEMES["dark"])
    # Fusion honours a palette on every platform; the native styles of Windows and macOS do so only
    # in part.
    app.setStyle("Fusion")
    font = app.font()
    font.setPointSizeF(10.0)
    app.setFont(font)
    app.setPalette(build_palette(colours))
    app.setStyleSheet(style_sheet(colours))


def class_colours(count: int) -> list[QColor]:
    """One colour a class, in class order; safe for colour-blind readers for the first eight,
    then lighter and darker turns of them.
    """
    colours: list[QColor] = []
    for index in range(count):
        turn, place = divmod(index, len(_CLASS_COLOURS))
        colour = QColor(_CLASS_COLOURS[place])
        colours.append(
            colour
            if turn == 0
            else (
                colour.darker(100 + 40 * (turn % 3))
                if turn % 2
                else colour.lighter(100 + 15 * (turn % 3))
            )
        )
    return colours
