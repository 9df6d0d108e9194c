"""``endoscope-app analyse``: every frame of a procedure classified without a screen."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quick_analysis import QuickAnalysis
from endoscope_app.analysis.quick_look import QuickLook
from endoscope_app.base.atomic_file import write_file
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import DataDir
from endoscope_app.cli.analysis_result import (
    AnalysedProcedure,
    as_csv,
    as_json,
    result_of,
)
from endoscope_app.cli.chosen_model import model_in_use, settings_of
from endoscope_app.cli.given_paths import add_procedure, opened
from endoscope_app.cli.progress_line import ProgressLine
from endoscope_app.media.opening import prepare
from endoscope_app.media.source import FrameSource
from endoscope_app.media.source_times import times_of
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.model_card import RESEARCH_USE


def run_analyse(arguments: list[str]) -> int:
    """Returns 0 only when every frame was analysed and written."""
    options = _parser().parse_args(arguments)
    if options.out is None and options.csv is None:
        raise AppError(
            "Nothing would be written.", "Name a file with --out result.json or --csv result.csv."
        )
    prepare()
    data = DataDir.named(options.data_dir)
    settings = settings_of(data)
    classifier = Classifier.load(Path(options.model) if options.model else model_in_use(data))
    deinterlace = settings.deinterlace and not options.no_deinterlace
    with opened(options.path, deinterlace=deinterlace) as source:
        procedure = (_looked_at if options.quick else _analysed)(source, classifier)
    result = result_of(procedure, classifier, settings, full_paths=options.full_paths)
    if options.out:
        _write(Path(options.out), as_json(result))
    if options.csv:
        _write(Path(options.csv), as_csv(result, procedure))
    return _exit_status(procedure)


def _looked_at(source: FrameSource, classifier: Classifier) -> AnalysedProcedure:
    """Of its key frames alone. Raises AppError where that is not worth it."""
    info, times = source.info, times_of(source)
    look = QuickLook.planned(source.key_frames(), times, len(classifier.classes))
    if look is None:
        raise AppError(
            "A quick look is taken at the key frames of a long video, which this is not.",
            "Leave --quick out: every frame is analysed.",
        )
    for note in info.notes:
        print(note, file=sys.stderr)
    progress = ProgressLine(len(look.frames), sys.stderr)

    def keep(frame: int, probabilities: NDArray[np.float32]) -> None:
        look.put(frame, probabilities)
        progress.add(1)

    QuickAnalysis(source, classifier, background=False).run([look.frames], keep)
    progress.end()
    raw, known = look.as_stored()
    damaged = np.zeros(info.frame_count, np.bool_)
    measures = FrameMeasures.none(info.frame_count)
    table = raw.astype(np.float32)
    return AnalysedProcedure(info, times, table, known, damaged, measures, look)


def _analysed(source: FrameSource, classifier: Classifier) -> AnalysedProcedure:
    info = source.info
    for note in info.notes:
        print(note, file=sys.stderr)
    table = np.zeros((info.frame_count, len(classifier.classes)), np.float32)
    known = np.zeros(info.frame_count, np.bool_)
    progress = ProgressLine(info.frame_count, sys.stderr)

    def keep(start: int, rows: NDArray[np.float32]) -> None:
        table[start : start + len(rows)] = rows
        known[start : start + len(rows)] = True
        progress.add(len(rows))

    analysis = Analysis(source, classifier, background=False)
    measures = FrameMeasures.none(info.frame_count)
    try:
        analysis.run(keep, on_measured=measures.write)
    except AppError as error:
        # What was analysed before the damage is still worth writing; the exit status tells that it
        # is not all.
        print(f"\nendoscope-app: {error}", file=sys.stderr)
    progress.end()
    damaged = np.zeros(info.frame_count, np.bool_)
    damaged[sorted(analysis.corrupt() | analysis.lost())] = True
    return AnalysedProcedure(info, times_of(source), table, known, damaged, measures)


def _exit_status(procedure: AnalysedProcedure) -> int:
    known = procedure.known if procedure.look is None else procedure.look.known
    total = len(known)
    missing = int((~known).sum())
    damaged = int((procedure.damaged & procedure.known).sum())
    if missing:
        print(f"endoscope-app: {missing} of {total} frames could not be analysed.", file=sys.stderr)
    if damaged:
        print(f"endoscope-app: {damaged} of {total} frames are damaged.", file=sys.stderr)
    return 1 if missing or damaged or procedure.info.damaged else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="endoscope-app analyse",
        description=f"Classify every frame of a procedure without a screen. {RESEARCH_USE}",
    )
    add_procedure(parser)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=(
            "look at key frames alone, a second or more apart: seconds instead of minutes, and no"
            " findings"
        ),
    )
    parser.add_argument("--out", help="write the result as JSON")
    parser.add_argument(
        "--csv",
        help=(
            "write one row per frame: frame,time_ms,label,probability,unsure,damaged and a column"
            " for each class"
        ),
    )
    parser.add_argument(
        "--full-paths",
        action="store_true",
        help="say where the files lie (default: their names alone, as folders may name a patient)",
    )
    parser.add_argument("--model", help="a model folder (default: the one that the window uses)")
    parser.add_argument(
        "--data-dir",
        help="where models and settings live (default: the system's folder for user data)",
    )
    parser.add_argument(
        "--no-deinterlace", action="store_true", help="leave interlaced video as it is"
    )
    return parser


def _write(path: Path, content: bytes) -> None:
    """In one step: an interrupted run leaves the previous result."""
    try:
        write_file(path, content)
    except OSError as error:
        raise AppError(
            f"The result could not be written to {path}.",
            "Choose a folder that can be written.",
            str(error),
        ) from error
