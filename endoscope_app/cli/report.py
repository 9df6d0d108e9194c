"""``endoscope-app report``: the unsigned report of a procedure, without a window."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import APP_NAME, DataDir
from endoscope_app.cli.chosen_model import model_in_use, settings_of
from endoscope_app.cli.given_paths import add_procedure, opened
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.library_files import NAME
from endoscope_app.labels.library.library_opening import no_library
from endoscope_app.media.source import FrameSource
from endoscope_app.media.source_times import times_of
from endoscope_app.report import wording
from endoscope_app.report.gathering import ModelAnswers, OpenRecording, gather
from endoscope_app.report.report_files import SUFFIXES, content
from endoscope_app.report.report_values import Pictures, Report, ReportOptions
from endoscope_app.report.saved_file import save
from endoscope_app.report.stills import HeatMaps, PictureMaker
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.model_card import RESEARCH_USE

#: Forms that hold pictures.
PICTURED = ("pdf", "html")


def run_report(arguments: list[str]) -> int:
    """Returns 0 when the report was written."""
    options = _parser().parse_args(arguments)
    target = Path(options.out)
    suffix = target.suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES:
        raise AppError(*wording.UNKNOWN_SUFFIX)
    data = DataDir.named(options.data_dir)
    settings = settings_of(data)
    classifier = Classifier.load(Path(options.model) if options.model else model_in_use(data))
    with (
        opened(options.path, deinterlace=settings.deinterlace) as source,
        _library(data) as library,
    ):
        is_folder = source.info.kind == "folder"
        chosen = ReportOptions(
            options.heat_maps, options.file_name, options.single_frames or is_folder
        )
        recording = _recording(source)
        info = source.info
        measures = PredictionStore(data.predictions).measures.load(
            info.fingerprint, info.frame_count
        )
        answers = _answers(data, source, classifier)
        report = gather(library.read, recording, answers, chosen, measures)
        heat = HeatMaps(classifier, settings.colour_map, settings.overlay_opacity)
        pictures = (
            PictureMaker(source, heat).make(report, _tell, lambda: False)
            if suffix in PICTURED
            else Pictures()
        )
    save(target, _content(suffix, report, pictures))
    print(wording.findings_of(len(report.findings)), file=sys.stderr)
    return 0


def _recording(source: FrameSource) -> OpenRecording:
    return OpenRecording(source.info, times_of(source))


def _library(data: DataDir) -> LabelStore:
    """The reader's labels; an empty library where there is none, which is not made here."""
    if not (data.labels / NAME).exists():
        print(f"endoscope-app: {wording.NO_LABELS_YET}", file=sys.stderr)
        return LabelStore(no_library(AppError(wording.NO_LABELS_YET)))
    return LabelStore(data.labels)


def _answers(data: DataDir, source: FrameSource, classifier: Classifier) -> ModelAnswers:
    """What an analysis in the window has kept; nothing is known where there was none."""
    info, classes = source.info, classifier.classes
    stored = PredictionStore(data.predictions).load(
        info.fingerprint, classifier.version, info.frame_count, len(classes)
    )
    raw, known = (
        (np.zeros((info.frame_count, len(classes)), np.float16), np.zeros(info.frame_count, bool))
        if stored is None
        else (stored.raw, stored.known)
    )
    return ModelAnswers(classifier.version, classes, raw, known)


def _content(suffix: str, report: Report, pictures: Pictures) -> bytes:
    if suffix != "pdf":
        return content(suffix, report, pictures)
    # Fonts need an application, but no screen
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([APP_NAME])
    try:
        return content(suffix, report, pictures)
    finally:
        del application


def _tell(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{wording.step(done, total)}   ", end="", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="endoscope-app report",
        description=f"Write the unsigned report of a procedure without a window. {RESEARCH_USE}",
    )
    add_procedure(parser)
    parser.add_argument(
        "--out", required=True, help="report.pdf, .html, .xlsx, .csv or .txt: the suffix chooses"
    )
    parser.add_argument("--heat-maps", action="store_true", help="a heat map beside each still")
    parser.add_argument(
        "--file-name",
        action="store_true",
        help="name the recording's file, which may hold the patient's name",
    )
    parser.add_argument(
        "--single-frames", action="store_true", help="frames that were labelled one by one too"
    )
    parser.add_argument("--model", help="a model folder (default: the one that the window uses)")
    parser.add_argument(
        "--data-dir",
        help="where labels and settings live (default: the system's folder for user data)",
    )
    return parser
