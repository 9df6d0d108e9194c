"""Pictures of the main screens for the documentation, drawn from the demo: no patient is in them.

python -m tests.screenshots [FOLDER]

Writes NAME-dark.png and NAME-light.png as large as a small laptop's screen, with few colours, so
that they stay small. Look at each of them before it is committed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableWidget, QWidget

from endoscope_app.__main__ import main as run_command
from endoscope_app.base.paths import APP_NAME, demo_clip, shipped_model
from endoscope_app.base.settings import Theme
from endoscope_app.base.theme import apply_theme
from endoscope_app.report.report_work import write_draft
from endoscope_app.segments.decided import read_segments
from endoscope_app.viewing.explain_dialog import ExplainDialog
from endoscope_app.viewing.wording import EXPLAIN_CAUTION
from endoscope_app.worklist.entry import State
from endoscope_app.worklist.worklist_store import WorklistStore
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.comparing_session import opened
from tests.endoscope_app.comparison_run import make_run
from tests.endoscope_app.label_session import go, in_front, ready, store
from tests.pdf_text import drawn_pages
from tests.places import REPOSITORY
from tests.present import present

FOLDER = REPOSITORY / "resources" / "docs" / "screens"
SIZE = (1366, 728)  # of 1366 x 768 beneath a task bar
#: 1024 x 700, a laptop at 150 %, and a large screen with title and task bar.
OTHER_SIZES = ((1024, 700), (911, 485), (1920, 1010))
COLOURS, EXACT, PAGE_DPI, PATIENCE_S = 256, 80, 60, 600.0
SCREEN = {
    "name": "laptop",
    "x": 0,
    "y": 0,
    "width": 1366,
    "height": 768,
    "logicalDpi": 96,
    "dpr": 1,
}
THEMES: tuple[Theme, ...] = ("dark", "light")
#: File, patient, state, first second and length of the piece of the demo that it is.
PROCEDURES: tuple[tuple[str, str, State, float, float], ...] = (
    ("colonoscopy 0412.mp4", "P-07", "signed", 0, 4),
    ("colonoscopy 0518.mp4", "P-07", "reviewed", 4, 5),
    ("colonoscopy 0523.mp4", "P-11", "in review", 9, 6),
    ("colonoscopy 0601.mp4", "P-11", "analysed", 15, 7),
    ("colonoscopy 0614.mp4", "P-12", "analysed", 22, 8),
)
Key = Qt.Key


class Photographer:
    """Knows the session, and where pictures go."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self._folder = session, folder

    def take(self, name: str, widget: QWidget, themes: Sequence[Theme] = THEMES) -> None:
        """In both themes, or in these."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        for theme in themes:
            apply_theme(application, theme)
            self.session.until(lambda: not widget.grab().isNull(), name)
            application.processEvents()
            path = self._folder / f"{name}-{theme}.png"
            widget.grab().save(str(path))
            shrink(path)
        apply_theme(application, THEMES[0])

    def press(self, key: Qt.Key) -> None:
        window = self.session.app.window
        in_front(self.session, window)
        QTest.keyClick(QApplication.focusWidget() or window, key)


def shrink(path: Path) -> None:
    """A palette: the colours that are seen most as they are, and the others about so."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    counted = whole.getcolors(whole.width * whole.height) or []
    most = [colour for _, colour in sorted(counted, reverse=True)[:EXACT]]
    about = whole.quantize(COLOURS - len(most), dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in most for value in present_colour(colour)] + about)
    whole.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def present_colour(colour: object) -> tuple[int, int, int]:
    """As Pillow gives it for an RGB image."""
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return int(red), int(green), int(blue)


def piece(target: Path, first_s: float, seconds: float) -> None:
    """A part of the demo, encoded anew."""
    with av.open(str(demo_clip())) as reader, av.open(str(target), "w") as writer:
        stream = writer.add_stream("libx264", rate=25, options={"crf": "20", "g": "25"})
        stream.width, stream.height = reader.streams.video[0].width, reader.streams.video[0].height
        for number, frame in enumerate(reader.decode(video=0)):
            if first_s * 25 <= number < (first_s + seconds) * 25:
                frame.pts = None
                writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))


def add(recordings: Path, data: Path) -> None:
    """Procedures, and a file that cannot be read."""
    recordings.mkdir()
    for name, _, _, first_s, seconds in PROCEDURES:
        piece(recordings / name, first_s, seconds)
    (recordings / "colonoscopy 0630.mp4").write_bytes(b"cut off")
    assert run_command(["add", str(recordings), "--data-dir", str(data)]) == 0


def worklist(camera: Photographer) -> None:
    """Procedures in every state, and one that cannot be read."""
    session, room = camera.session, camera.session.app.worklist
    listed = WorklistStore(lambda: store(session))
    session.until(
        lambda: (
            len(room.view.entries) == len(PROCEDURES) + 1
            and not any(entry.wanted for entry in room.view.entries)
        ),
        "the queue is through",
        PATIENCE_S,
    )
    lines = {entry.path.name: entry for entry in room.view.entries}
    for name, patient, state, _, _ in PROCEDURES:
        room.flow.advance(lines[name].fingerprint, state)
        listed.name_patient([lines[name].id], patient)
    room.view.refresh()
    session.app.window.worklist.table.choose(lines[PROCEDURES[2][0]].id)
    camera.take("worklist", session.app.window)


def review(camera: Photographer) -> None:
    """The window on a finding, then the list while it is worked through."""
    session = camera.session
    app, window = session.app, session.app.window
    ready(session, demo_clip())
    where = app.labels.procedure.fingerprint
    line = next(entry for entry in app.worklist.view.entries if entry.fingerprint == where)
    WorklistStore(lambda: store(session)).name_patient([line.id], "P-14")
    session.until(session.analysed, "the analysis", PATIENCE_S)
    session.until(lambda: bool(window.segments.rows), "segments")
    camera.press(Key.Key_N)
    go(session, window.segments.list.current_row().item.thumbnail_index)  # type: ignore[union-attr]
    session.until(lambda: not window.segments.list.rows.missing_images(0, 3), "images")
    camera.take("review", window)
    camera.press(Key.Key_Return)
    camera.press(Key.Key_T)
    for letter in "flat, 6 mm, lifted well":
        QTest.keyClicks(present(QApplication.focusWidget()), letter)
    camera.press(Key.Key_Return)
    camera.press(Key.Key_Return)
    camera.press(Key.Key_X)
    session.until(lambda: len(read_segments(app.labels.session.library, where)) >= 3)
    camera.take("segments", window)
    for _ in range(len(window.segments.rows) - 3):
        camera.press(Key.Key_Return)
    app.segments.decisions.finish()
    for width, height in OTHER_SIZES:
        window.resize(width, height)
        camera.take(f"review-{width}x{height}", window, THEMES[:1])
    window.resize(*SIZE)


def report(camera: Photographer, folder: Path) -> None:
    """Its dialog, and the first page of its PDF."""
    session = camera.session
    session.press("Ctrl+Shift+R")
    dialog = present(session.app.report.dialog)
    session.until(lambda: "draft until" in dialog.said(), "the draft", PATIENCE_S)
    camera.take("report", dialog)
    draft = present(session.app.report._draft)
    write_draft(draft, "pdf", folder / "report.pdf")
    path = folder / "report-page.png"
    drawn_pages((folder / "report.pdf").read_bytes(), PAGE_DPI)[0].save(path)
    (folder / "report.pdf").unlink()
    shrink(path)
    dialog.close()


def dialogs(camera: Photographer, place: Path) -> None:
    """What is asked for now and then."""
    session = camera.session
    session.press("Ctrl+T")
    training = present(session.app.retraining.flow.dialog)
    session.until(
        lambda: training.findChildren(QTableWidget)[0].rowCount() > 0, "the plan", PATIENCE_S
    )
    camera.take("retrain", training)
    training.close()
    session.press("Ctrl+Shift+E")
    explained = session.app.window.findChildren(ExplainDialog)[-1]
    session.until(lambda: explained._state.text() == EXPLAIN_CAUTION, "the heat map", PATIENCE_S)
    camera.take("explain", explained)
    explained.close()
    compared = opened(session, make_run(place / "data" / "runs" / "one"))
    camera.take("compare", compared)
    compared.close()


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["HOME"] = place
        screen = Path(place) / "screen.json"
        screen.write_text(json.dumps({"screens": [SCREEN]}))
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
        application = QApplication([APP_NAME])
        data = Path(place) / "data"
        data.mkdir()
        add(Path(place) / "recordings", data)
        with running(data, shipped_model(), "Dr. Day") as session:
            session.app.window.resize(*SIZE)
            camera = Photographer(session, folder)
            worklist(camera)
            review(camera)
            report(camera, folder)
            dialogs(camera, Path(place))
        application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
