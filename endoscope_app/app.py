"""Builds the window, the threads and the flows, connects them, and closes everything in order."""

from __future__ import annotations

import gc
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QFileDialog

from endoscope_app.dialogs.settings_dialog import SettingsValues
from endoscope_app.engine.classifier import Classifier
from endoscope_app.engine.inference_thread import ClassifiedFrame, DecodedFrame, InferenceThread
from endoscope_app.engine.mailbox import Mailbox
from endoscope_app.engine.playback_thread import PlaybackThread
from endoscope_app.engine.tasks import Tasks
from endoscope_app.errors import AppError
from endoscope_app.flows.analysing import Analysing
from endoscope_app.flows.asking import Asking
from endoscope_app.flows.explaining import Explaining
from endoscope_app.flows.labels.desk import LabelDesk
from endoscope_app.flows.labels.labelling import Labelling
from endoscope_app.flows.labels.seeing import Seeing
from endoscope_app.flows.labels.views import LabelViews
from endoscope_app.flows.viewing import Viewing
from endoscope_app.log import LOG
from endoscope_app.main_window import MainWindow
from endoscope_app.media.opening import VIDEO_SUFFIXES
from endoscope_app.media.source import SourceInfo
from endoscope_app.paths import DataDir, demo_clip, resources_dir
from endoscope_app.settings import load_settings, save_settings
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.prediction_store import PredictionStore
from endoscope_app.store.recent import RecentFiles
from endoscope_app.theme import apply_theme, class_colours

GIGABYTE = 1 << 30
PHANTOM_CAPTION = "PHANTOM – drawn by a program, no patient"


class App(QObject):
    """The whole program behind one window."""

    def __init__(self, data: DataDir, model_dir: Path, reader: str = "") -> None:
        """``reader``: the name for a library that has none yet; empty to ask before the first label."""
        super().__init__()
        self._reader = reader
        self._data = data
        self._model_dir = model_dir
        self.settings = load_settings(data.settings_file)
        self._application().setWindowIcon(QIcon(str(resources_dir() / "icons" / "endoscope-app.png")))
        apply_theme(self._application(), self.settings.theme)
        self.window = MainWindow()
        self.tasks = Tasks(self)
        self.frames: Mailbox[DecodedFrame] = Mailbox()
        self.inference = InferenceThread(self.frames)
        self.playback = PlaybackThread(self.frames)
        self.recent = RecentFiles(data.recent_file)
        self.viewing = Viewing(self.window, self.playback, self.inference, self.recent, deinterlace=self.settings.deinterlace)
        self.seeing = Seeing(lambda: self.settings.reader_mode, lambda index: self.label_views.states.has_answer(index), self)
        self.explaining = Explaining(
            self.window, lambda: self.playback.dropped + self.frames.replaced + self.inference.results.replaced, self.seeing.allowed
        )
        store = PredictionStore(data.predictions) if data.writable else None
        self.analysing = Analysing(self.window, self.tasks, store, self.settings)
        self.labelling = Labelling(
            self.window, self.viewing, self.tasks, lambda: self.desk.reviewing.ai_visible(self.settings.reader_mode)
        )
        self.label_views = LabelViews(self.window, self.viewing, self.labelling, self.analysing, self.seeing)
        self.desk = LabelDesk(
            self.window, self.viewing, self.labelling, self.label_views, self.analysing, self.seeing, self.tasks, data.labels,
            data.scratch, lambda: self.settings,
        )  # fmt: skip
        self.asking = Asking(self.window, self.viewing, self.explaining, lambda: self.settings, model_dir, data.scratch)
        self.classifier: Classifier | None = None
        self.labelling.may_see = self.seeing.allowed
        self.analysing.set_shown(self.seeing.whole_procedure)
        self._closed = False
        self._connect()
        self._apply_settings()

    @staticmethod
    def _application() -> QApplication:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application

    def start(self) -> None:
        """Show the window first; model and procedure follow while it is already alive."""
        # What was built so far lives as long as the program: looking through it for garbage would cost a frame now and then.
        gc.freeze()
        self.window.show()
        self.inference.start()
        self.playback.start()
        QTimer.singleShot(0, self._open_labels)
        QTimer.singleShot(0, self._load_model)
        if not self._data.writable:
            self.window.show_standing_message(
                f"The data folder {self._data.root} cannot be written: analyses and settings of this session are not kept. "
                "Name another folder with --data-dir."
            )

    def open(self, path: Path) -> None:
        """Open a procedure."""
        self.viewing.open(path)

    def close(self) -> None:
        """Order: analysis, playback, inference, one-shots; nothing is left running. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self.viewing.close()
        self.playback.stop()
        self.analysing.close()
        self.desk.close()
        self.playback.wait()
        self.inference.stop()
        self.inference.wait()
        self.tasks.close()
        self.labelling.close()
        self._save_settings()
        LOG.info("closed")

    def _connect(self) -> None:
        window, command = self.window, self.window.command
        self.viewing.opened.connect(self._on_opened)
        self.viewing.frame_arrived.connect(self._on_frame_arrived)
        self.viewing.playing_changed.connect(self.analysing.give_way)
        self.asking.settings_chosen.connect(self._take_settings)
        self.inference.failed.connect(self._on_thread_failed)
        panel = window.overlay_panel
        panel.visible_changed.connect(lambda on: self._remember(overlay_visible=on))
        panel.opacity_changed.connect(lambda share: self._remember(overlay_opacity=share))
        panel.colour_map_changed.connect(lambda name: self._remember(colour_map=name))
        command["toggle_overlay"].toggled.connect(lambda on: self._remember(overlay_visible=on))
        window.peek_changed.connect(self.seeing.hold)
        self.seeing.changed.connect(self._show_again)
        self.labelling.answered.connect(self._show_again)
        window.closed.connect(self.close)
        window.recent_menu.aboutToShow.connect(self._fill_recent)
        command["open_file"].triggered.connect(self._on_open_file)
        command["open_folder"].triggered.connect(self._on_open_folder)
        command["open_demo"].triggered.connect(lambda: self.open(demo_clip()))
        command["quit"].triggered.connect(window.close)
        command["fullscreen"].triggered.connect(self._on_fullscreen)
        command["timeline_in"].triggered.connect(lambda: window.timeline.zoom(1.5, self.viewing.index))
        command["timeline_out"].triggered.connect(lambda: window.timeline.zoom(1 / 1.5, self.viewing.index))
        command["next_finding"].triggered.connect(lambda: self._go_to_finding(1))
        command["previous_finding"].triggered.connect(lambda: self._go_to_finding(-1))

    def _open_labels(self) -> None:
        try:
            store = LabelStore(self._data.labels)
        except AppError as error:
            LOG.error("the label library was not opened")
            self.window.show_standing_message(str(error))
            self.window.label_panel.set_read_only(error.sentence)
            return
        self.labelling.use_library(store, self._frame_pngs())
        if self._reader and not store.read_only_because and not store.reader_name():
            self.labelling.name_reader(self._reader)
        self.label_views.open()
        self.desk.procedures.look()
        for sentence in (store.read_only_because, store.opened_from_backup, store.backup_failed):
            if sentence:
                self.window.show_standing_message(sentence)

    def _frame_pngs(self) -> FramePngs:
        return FramePngs(self._data.labels / "frames", int(self.settings.kept_pictures_gb * GIGABYTE))

    def _load_model(self) -> None:
        self.tasks.run(lambda: Classifier.load(self._model_dir), self._use_model, self._on_model_refused)

    def _use_model(self, classifier: Classifier) -> None:
        self.classifier = classifier
        colours = class_colours(len(classifier.classes))
        self.explaining.use(classifier, colours)
        self.asking.use(classifier)
        self.analysing.use(classifier, colours)
        self.labelling.use(classifier, [colour.name() for colour in colours])
        self.inference.use(classifier)
        LOG.info("model %s in use", classifier.version)
        if self.viewing.info is not None:  # the procedure was faster than the model
            self.analysing.open(self.viewing.generation, self.viewing.info)
            self.viewing.go_to(self.viewing.index)

    def _on_model_refused(self, error: AppError) -> None:
        LOG.error("the model was refused")
        self.window.show_standing_message(f"{error} Frames are shown without predictions.")

    def _on_opened(self, generation: int, info: SourceInfo) -> None:
        LOG.info("opened a %s of %d frames", info.kind, info.frame_count)
        phantom = info.path.resolve() == demo_clip().resolve()
        self.window.frame_view.set_caption(PHANTOM_CAPTION if phantom else "")
        self.explaining.restart_counting()
        self.analysing.open(generation, info)
        self.labelling.forget()
        self.label_views.open()
        self.desk.procedures.look()

    def _on_frame_arrived(self, arrived: ClassifiedFrame) -> None:
        if self._closed:  # it was on its way while the threads ended
            return
        self.explaining.show(arrived)
        self.labelling.show(arrived)
        self.label_views.show(arrived)
        if arrived.prediction is None and self.classifier is not None and not self.viewing.playing:
            # It left the inference thread just before the model came: the paused frame is always classified, so ask again.
            self.viewing.go_to(self.viewing.index)

    def _show_again(self) -> None:
        self.explaining.redraw()
        self.label_views.show_model()

    def _on_thread_failed(self, detail: str) -> None:
        LOG.error("inference ended by a fault")
        self.window.show_message(f"Live classification ended because of a fault in the program. {detail.splitlines()[-1]}")

    def _on_open_file(self) -> None:
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(VIDEO_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileName(self.window, "Open a recorded procedure", "", f"Videos ({patterns});;All files (*)")
        if chosen:
            self.open(Path(chosen))

    def _on_open_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window, "Open a folder of stills")
        if chosen:
            self.open(Path(chosen))

    def _fill_recent(self) -> None:
        menu = self.window.recent_menu
        menu.clear()
        for entry in self.recent.entries():
            path = Path(entry.path)
            menu.addAction(path.name).triggered.connect(lambda _=False, path=path: self.open(path))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)

    def _go_to_finding(self, direction: int) -> None:
        index = self.analysing.neighbour_finding(self.viewing.index, direction)
        if index is not None:
            self.viewing.go_to(index)

    def _on_fullscreen(self) -> None:
        window = self.window
        window.showNormal() if window.isFullScreen() else window.showFullScreen()

    def _take_settings(self, values: SettingsValues) -> None:
        before = self.settings
        self.settings = msgspec.structs.replace(
            self.settings,
            theme=values.theme,
            overlay_visible=values.overlay_on,
            deinterlace=values.deinterlace,
            minimum_finding_s=values.minimum_finding_s,
            smoothing_s=values.smoothing_window_s,
            reader_mode=values.reader_mode,
            kept_pictures_gb=values.kept_pictures_gb,
            range_step=values.range_step,
            thin_ranges=values.thin_ranges,
        )
        apply_theme(self._application(), self.settings.theme)
        self._apply_settings()
        self.analysing.apply(self.settings)
        if before.reader_mode != self.settings.reader_mode:
            self.analysing.set_shown(self.seeing.whole_procedure)
            self._show_again()
            self.label_views.renew()
        if before.kept_pictures_gb != self.settings.kept_pictures_gb:
            self.labelling.keep_pictures_in(self._frame_pngs())
        if before.deinterlace != self.settings.deinterlace and self.viewing.info is not None:
            self.viewing.deinterlace = self.settings.deinterlace
            self.open(self.viewing.info.path)
        self._save_settings()

    def _remember(self, **changes: object) -> None:
        self.settings = msgspec.structs.replace(self.settings, **changes)

    def _apply_settings(self) -> None:
        panel, view, settings = self.window.overlay_panel, self.window.frame_view, self.settings
        panel.set_visible_state(settings.overlay_visible)
        panel.set_opacity(settings.overlay_opacity)
        panel.set_colour_map(settings.colour_map)
        view.set_overlay_visible(settings.overlay_visible)
        view.set_overlay_opacity(settings.overlay_opacity)
        view.set_colour_map(settings.colour_map)
        self.window.command["toggle_overlay"].setChecked(settings.overlay_visible)

    def _save_settings(self) -> None:
        if not self._data.writable:
            return
        try:
            save_settings(self._data.settings_file, self.settings)
        except AppError as error:
            self.window.show_message(str(error))
