"""Labels two procedures in the real program, or retrains from them for real with one scheme; prints
one JSON line.

python -m tests.window.retraining_driver DATA_DIR CLIP label|response|feature|relation [whole]

``whole``: the candidate is also promoted and rolled back, and after that another retraining is
begun and cancelled.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
)

from endoscope_app.app import App
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.paths import APP_NAME, DataDir, demo_clip, shipped_model
from endoscope_app.models.commands import MODELS
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.training_dialog import TrainingDialog
from kd_core.schema.events import EpochEnded
from tests.window.driver import Reader

READER = "Dr. Window"
REASON = "It is promoted to be rolled back."
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
TRAINED_S = 150.0  # one quick epoch with its proof, on two cores that others use
MANY_EPOCHS = 1000
SHOWN = 3  # frame on which the models' answers are compared
#: Frame -> key, where the demo shows the class of that key and at other moments of the clip, so
#: that either can be held out.
DEMO = {20: "1", 100: "1", 580: "2", 640: "2", 480: "3", 200: "4", 720: "5", 350: "6"}
CLIP = {0: "1", 8: "1", 14: "2", 16: "2", 24: "3", 28: "4", 32: "5", 36: "6"}


class Retrainer(Reader):
    """Knows the dialogs around retraining; every choice is made by their own controls."""

    def ready(self, procedure: Path) -> None:
        """Open it, with a classified frame on screen."""
        window, app = self.app.window, self.app
        app.open(procedure)
        window.activateWindow()
        self.until("the window becomes active", window.isActiveWindow)
        self.until("the model's classes", lambda: len(app.labels.session.panel_classes()) == 6)
        self.until(
            f"{procedure.name} is open",
            lambda: app.player.info is not None and app.player.info.path == procedure,
        )
        self.go(0)

    def go(self, index: int) -> None:
        """As a click on the timeline does, till the frame is there with what the model says of
        it.
        """
        self.app.player.go_to(index)
        self.until(
            f"frame {index}",
            lambda: self.on_screen() == index and self.app.prediction_view.prediction is not None,
        )

    def label(self, answers: dict[int, str]) -> None:
        for index, key in answers.items():
            self.go(index)
            self.key(Qt.Key(ord(key)))
            self.until(f"a label on {index}", lambda index=index: index in self.labelled())  # type: ignore[misc]

    def labelled(self) -> dict[int, str]:
        """Frame -> key of its class in the open procedure, by the library."""
        store, where = self.app.labels.session.store, self.app.labels.procedure.fingerprint
        assert store is not None
        names = {one.id: one.key for one in store.read.classes()}
        return {
            one.frame_index: names.get(one.class_id or 0, "")
            for one in store.read.frame_labels(where)
        }

    def click(self, dialog: QDialog, words: str) -> None:
        """The visible button that says this."""
        found = [
            one
            for one in dialog.findChildren(QPushButton)
            if one.text().replace("&", "") == words and one.isVisible()
        ]
        if len(found) == 1:
            QTest.mouseClick(found[0], LEFT)
        else:
            self.failures.append(f"{len(found)} buttons say {words}")

    def said(self, dialog: QDialog) -> list[str]:
        """Every sentence that it shows."""
        return [one.text() for one in dialog.findChildren(QLabel) if one.isVisible() and one.text()]

    def training(self) -> TrainingDialog:
        """Opened by its key."""
        self.app.window.activateWindow()
        self.until("the window is active again", self.app.window.isActiveWindow)
        self.key(Qt.Key.Key_T, CONTROL)
        self.until(
            "the dialog that retrains",
            lambda: (
                self.app.retraining.flow.dialog is not None
                and self.app.retraining.flow.dialog.isVisible()
            ),
        )
        dialog = self.app.retraining.flow.dialog
        assert dialog is not None
        dialog.activateWindow()  # without a window manager nobody gives it the keys
        self.until("the dialog becomes active", dialog.isActiveWindow)
        (start,) = [one for one in dialog.findChildren(QPushButton) if one.text() == "Start"]
        self.until("the labels are counted", start.isEnabled)
        return dialog

    def choose(self, dialog: TrainingDialog, scheme: str, epochs: int, held_out: str) -> None:
        """Quick is chosen already; ``held_out``: the name of the procedure that shall prove the
        candidate.
        """
        QTest.mouseClick(
            next(one for one in dialog.findChildren(QToolButton) if one.text() == "Advanced"), LEFT
        )
        cards = dialog.form._advanced._schemes._cards.values()
        card = next(one for one in cards if one.button.text() == scheme.capitalize())
        QTest.mouseClick(card, LEFT)
        field = next(
            one for one in dialog.findChildren(QSpinBox) if one.accessibleName() == "Epochs"
        )
        field.selectAll()
        QTest.keyClicks(field, str(epochs))
        (procedures,) = dialog.findChildren(CheckingList)
        for row in range(procedures.count()):
            item = procedures.item(row)
            is_wanted = item.text() == held_out
            if (
                item.flags() & Qt.ItemFlag.ItemIsUserCheckable
                and (item.checkState() == Qt.CheckState.Checked) != is_wanted
            ):
                procedures.setFocus()
                procedures.setCurrentRow(row)
                self.key(Qt.Key.Key_Space)

    def retrain(self, scheme: str, held_out: str) -> dict[str, Any]:
        """From the key to the comparison that its button opens."""
        app, dialog = self.app, self.training()
        self.choose(dialog, scheme, 1, held_out)
        chosen = dialog.choice
        self.click(dialog, "Start")
        self.until("the run begins", lambda: dialog.state == "running")
        self.until("the run ends", lambda: dialog.state == "ended", TRAINED_S)
        seen = {
            "scheme": chosen.scheme,
            "thorough": chosen.thorough,
            "epochs": chosen.epochs,
            "end": dialog.shown_text(),
        }
        run = app.retraining.flow.running.run
        assert run is not None
        self.click(dialog, "Compare…")
        self.until(
            "the comparison",
            lambda: (
                app.retraining.comparison.dialog is not None
                and app.retraining.comparison.dialog.isVisible()
            ),
        )
        assert app.retraining.comparison.dialog is not None
        said = self.said(app.retraining.comparison.dialog)
        self.click(dialog, "Close")
        self.until("the dialog is gone", lambda: app.retraining.flow.dialog is None)
        return seen | {"run": str(run.folder), "said": said}

    def comparison(self) -> ComparisonDialog:
        """The one that is open."""
        assert self.app.retraining.comparison.dialog is not None
        return self.app.retraining.comparison.dialog

    def shown(self) -> dict[str, Any]:
        """What the window says of the frame on screen, bit by bit, and whose predictions are on
        disk.
        """
        view, prediction = self.app.window.frame_view, self.app.prediction_view.prediction
        assert prediction is not None
        assert view._heat_map is not None
        picture = view.grab().toImage()  # named, for its bits end with it
        kept = Path(sys.argv[1]) / "predictions"
        timeline = self.app.analysis.timeline
        return {
            "frame": self.on_screen(),
            "room": view.size().toTuple(),
            "version": prediction.model_version,
            "verdict": [one.text() for one in self.app.window.verdict.findChildren(QLabel)],
            "probabilities": prediction.probabilities.tobytes().hex(),
            "heat": view._heat_map.evidence.tobytes().hex(),
            "picture": hashlib.sha256(bytes(picture.constBits())).hexdigest(),
            "message": self.app.window.banner.label.text(),
            "analysed": int(timeline.known.sum()) if timeline is not None else -1,
            "predictions": {
                one.name: hashlib.sha256(one.read_bytes()).hexdigest()
                for one in sorted(kept.glob("*.predictions"))
            },
        }

    def by(self, version: str) -> bool:
        """Whether this model says what is on screen."""
        prediction = self.app.prediction_view.prediction
        return (
            self.on_screen() == SHOWN
            and prediction is not None
            and prediction.model_version == version
        )

    def promote(self) -> dict[str, Any]:
        """By the comparison's button, with a reason where it asks for one."""
        dialog = self.comparison()
        version = dialog._comparison.candidate.version
        (reason,) = [
            one
            for one in dialog.findChildren(QLineEdit)
            if one.accessibleName() == "Reason for using this model"
        ]
        asked = reason.isVisible()
        if asked:
            self.click(dialog, "Use this model")
            self.until("nothing is done without a reason", lambda: not dialog._busy)
            QTest.keyClicks(reason, REASON)
        self.click(dialog, "Use this model")
        self.until("the comparison closes", lambda: self.app.retraining.comparison.dialog is None)
        self.until("the new model speaks", lambda: self.by(version))
        self.until(
            "another analysis is offered", lambda: "Ctrl+R" in self.app.window.banner.label.text()
        )
        return {"asked": asked, **self.shown()}

    def roll_back(self, before: dict[str, Any]) -> dict[str, Any]:
        """By the list of models, to what was ``shown`` before."""
        self.app.window.action(MODELS).trigger()
        self.until(
            "the list of models",
            lambda: (
                self.app.models.list.dialog is not None and self.app.models.list.dialog.isVisible()
            ),
        )
        dialog = self.app.models.list.dialog
        assert dialog is not None
        self.click(dialog, "Go back")
        self.until("the model before speaks", lambda: self.by(before["version"]))
        self.until("its analysis is back", self.analysed)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        self.until("the list is gone", lambda: self.app.models.list.dialog is None)
        self.until(
            "the banner's room is the picture's again",
            lambda: self.app.window.frame_view.size().toTuple() == before["room"],
        )
        return self.shown()

    def analysed(self) -> bool:
        """Whether the timeline is whole."""
        timeline = self.app.analysis.timeline
        return timeline is not None and bool(timeline.known.all())

    def rest(self) -> None:
        """Till nothing is worked on any more: the timeline grows by lanes for what was found and
        measured, and the picture gives way.
        """
        app, timeline = self.app, self.app.window.timeline
        self.until(
            "the end of the analysis is said",
            lambda: app.window.progress.text() == "All frames analysed",
        )
        self.until("each image is measured", self._all_measured)
        self.until(
            "nothing is worked on in the background",
            lambda: not any(one._open for one in app.findChildren(Tasks)),
        )
        self.until(
            "the timeline has the room that it asks for",
            lambda: timeline.height() >= timeline.minimumSizeHint().height(),
        )
        QTest.qWait(0)  # what was asked of the layout meanwhile

    def _all_measured(self) -> bool:
        scene = self.app.window.timeline.display.scene
        return scene.quality is not None and scene.quality.tally.measured == scene.frame_count

    def cancel(self, data: Path, held_out: str) -> dict[str, Any]:
        """A run that would last long, in the midst of its training."""
        epochs: list[EpochEnded] = []
        process = self.app.retraining.flow.process
        process.event_came.connect(
            lambda event: epochs.append(event) if isinstance(event, EpochEnded) else None
        )
        before = files(data / "runs"), files(data / "models")
        dialog = self.training()
        self.choose(dialog, "response", MANY_EPOCHS, held_out)
        self.click(dialog, "Start")
        self.until("an epoch", lambda: bool(epochs), TRAINED_S)
        run = self.app.retraining.flow.running.run
        assert run is not None
        assert process._process is not None
        child, candidate = (
            Path("/proc") / str(process._process.processId()),
            run.folder / "candidate",
        )
        was_there = child.exists(), candidate.exists()
        self.click(dialog, "Cancel")
        at_once = dialog.shown_text()
        self.until("the cancelled run ends", lambda: dialog.state == "ended")
        seen = {
            "was_there": was_there,
            "at_once": at_once,
            "end": dialog.shown_text(),
            "process_left": child.exists(),
        }
        after = files(data / "runs"), files(data / "models")
        left = sorted(
            str((data / "runs" / name).relative_to(run.folder))
            for name in after[0].keys() - before[0].keys()
        )
        changed = sorted(name for name, digest in before[0].items() if after[0].get(name) != digest)
        self.click(dialog, "Close")
        return seen | {
            "left": left,
            "changed": changed,
            "models_same": before[1] == after[1],
            "models": sorted(after[1]),
        }


def files(folder: Path) -> dict[str, str]:
    """Path -> digest of every file below, but for the teachers' answers, which every run may
    use again.
    """
    found = {
        str(one.relative_to(folder)): one
        for one in folder.rglob("*")
        if one.is_file() and "kd-cache" not in one.parts
    }
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


def label(reader: Retrainer, clip: Path) -> dict[str, Any]:
    """Both procedures."""
    reader.ready(demo_clip())
    reader.label(DEMO)
    demo = reader.labelled()
    reader.ready(clip)
    reader.label(CLIP)
    reader.until("the clip is analysed", reader.analysed)
    return {
        "demo": demo,
        "clip": reader.labelled(),
        "fingerprint": reader.app.labels.procedure.fingerprint,
    }


def chain(reader: Retrainer, clip: Path, scheme: str, *, is_whole: bool) -> dict[str, Any]:
    """Retrain and compare; the whole of it also promotes, rolls back and cancels."""
    reader.ready(clip)
    reader.go(SHOWN)
    reader.until("the clip is analysed", reader.analysed)
    reader.rest()
    seen = {"before": reader.shown(), **reader.retrain(scheme, clip.name)}
    if not is_whole:
        reader.click(reader.comparison(), "Close")
        return seen | {"after": reader.shown()}
    seen["promoted"] = reader.promote()
    seen["after"] = reader.roll_back(seen["before"])
    seen["cancelled"] = reader.cancel(Path(sys.argv[1]), clip.name)
    return seen


def main() -> int:
    data, clip, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    application = QApplication([APP_NAME])
    app = App(DataDir.open(str(data)), shipped_model(), READER if what == "label" else "")
    app.start()
    reader = Retrainer(app)
    seen = (
        label(reader, clip)
        if what == "label"
        else chain(reader, clip, what, is_whole=sys.argv[4:] == ["whole"])
    )
    app.window.activateWindow()
    reader.until("the window is active at last", app.window.isActiveWindow)
    reader.key(Qt.Key.Key_Q, CONTROL)
    reader.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    print(json.dumps(seen | {"platform": application.platformName(), "failures": reader.failures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
