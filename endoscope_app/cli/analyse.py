"""``endoscope-app analyse``: every frame of a procedure classified without a screen, as JSON
and CSV.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.findings import find_findings
from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import DataDir, shipped_model
from endoscope_app.base.settings import Settings, read_settings
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.gaps import gaps
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import SourceInfo
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.csv_text import write_table
from kd_core.schema.json_text import JsonError
from kd_core.schema.model_card import RESEARCH_USE

REPORT_EVERY_S = 0.5


def run_analyse(words: list[str]) -> int:
    """Returns 0 only when every frame was analysed and written."""
    options = _parser().parse_args(words)
    if options.out is None and options.csv is None:
        raise AppError(
            "Nothing would be written.", "Name a file with --out result.json or --csv result.csv."
        )
    data = DataDir.named(options.data_dir)
    settings = _settings(data)
    classifier = Classifier.load(Path(options.model) if options.model else _model_exchange(data))
    path = Path(options.path).absolute()
    deinterlace = settings.deinterlace and not options.no_deinterlace
    procedure = _look(path, deinterlace=deinterlace)
    answers = _classify_all(path, procedure.info, classifier, deinterlace=deinterlace)
    result = _result(procedure, classifier, answers, settings)
    if options.out:
        # A file name that is no UTF-8 holds surrogates: escaped as \udcXX, which JSON reads back as
        # it was.
        _write(
            Path(options.out),
            json.dumps(result, ensure_ascii=False, indent=1).encode(errors="backslashreplace"),
        )
    if options.csv:
        _write(Path(options.csv), _csv(result, answers, classifier))
    missing, damaged = int((~answers.known).sum()), int((answers.damaged & answers.known).sum())
    if missing:
        print(
            f"endoscope-app: {missing} of {len(answers.known)} frames could not be analysed.",
            file=sys.stderr,
        )
    if damaged:
        print(
            f"endoscope-app: {damaged} of {len(answers.known)} frames are damaged.", file=sys.stderr
        )
    return 1 if missing or damaged or procedure.info.damaged else 0


@dataclass(frozen=True)
class _Procedure:
    """What was opened, and when each frame is shown."""

    info: SourceInfo
    times: FrameTimes


@dataclass(frozen=True)
class _Answers:
    """table (N, C): probabilities; known (N,): which frames were analysed; damaged (N,): which
    came out damaged, or not at all.
    """

    table: NDArray[np.float32]
    known: NDArray[np.bool_]
    damaged: NDArray[np.bool_]


def _look(path: Path, *, deinterlace: bool) -> _Procedure:
    with open_source(path, deinterlace=deinterlace) as source:
        times = np.array([source.time_ms(index) for index in range(source.info.frame_count)])
        for note in source.info.notes:
            print(note, file=sys.stderr)
        return _Procedure(source.info, FrameTimes.of(times, gaps(times)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="endoscope-app analyse",
        description=f"Classify every frame of a procedure without a screen. {RESEARCH_USE}",
    )
    parser.add_argument("path", help="a video, or a folder of stills")
    parser.add_argument("--out", help="write the result as JSON")
    parser.add_argument(
        "--csv",
        help=(
            "write one row a frame: frame,time_ms,label,probability,unsure,damaged and a column for"
            " each class"
        ),
    )
    parser.add_argument(
        "--model", help="a model folder (default: the model promoted last, or the shipped student)"
    )
    parser.add_argument(
        "--data-dir",
        help="where models and settings live (default: the system's folder for user data)",
    )
    parser.add_argument(
        "--no-deinterlace", action="store_true", help="leave interlaced pictures as they are"
    )
    return parser


def _settings(data: DataDir) -> Settings:
    """Those of the window. Damaged ones are left for it to set aside."""
    try:
        settings, wrong = read_settings(data.settings_file)
    except FileNotFoundError:
        return Settings()
    except (OSError, JsonError):
        print(
            "endoscope-app: The settings could not be read, so the defaults are used.",
            file=sys.stderr,
        )
        return Settings()
    if wrong:
        print(
            "endoscope-app: Settings that could not be read are taken as their defaults:"
            f" {', '.join(wrong)}.",
            file=sys.stderr,
        )
    return settings


def _model_exchange(data: DataDir) -> Path:
    """The model that the window would use, so that both say the same."""
    registry = ModelRegistry(data.models, shipped_model())
    found = registry.active_path()
    if registry.trouble:
        print(f"endoscope-app: {registry.trouble}", file=sys.stderr)
    return found


def _classify_all(
    path: Path, info: SourceInfo, classifier: Classifier, *, deinterlace: bool
) -> _Answers:
    table = np.zeros((info.frame_count, len(classifier.classes)), np.float32)
    known = np.zeros(info.frame_count, np.bool_)
    progress = _Progress(info.frame_count, sys.stderr)

    def keep(start: int, rows: NDArray[np.float32]) -> None:
        table[start : start + len(rows)] = rows
        known[start : start + len(rows)] = True
        progress.add(len(rows))

    analysis = Analysis(path, classifier, deinterlace=deinterlace, background=False)
    try:
        analysis.run(keep)
    except AppError as error:
        # What was analysed before the damage is still worth writing; the exit status tells that it
        # is not all.
        print(f"\nendoscope-app: {error}", file=sys.stderr)
    progress.end()
    damaged = np.zeros(info.frame_count, np.bool_)
    damaged[sorted(analysis.corrupt() | analysis.lost())] = True
    return _Answers(table, known, damaged)


class _Progress:
    """Frames done, speed and time left: a line that rewrites itself on a terminal, plain lines
    elsewhere.
    """

    def __init__(self, total: int, out: TextIO) -> None:
        self._total, self._out = total, out
        self._done = 0
        self._begun = self._said = time.monotonic()
        self._lock = threading.Lock()  # two workers report

    def add(self, frames: int) -> None:
        with self._lock:
            self._done += frames
            now = time.monotonic()
            if now - self._said < (REPORT_EVERY_S if self._out.isatty() else 10 * REPORT_EVERY_S):
                return
            self._said = now
            speed = self._done / (now - self._begun)
            left = (self._total - self._done) / speed
            text = (
                f"{self._done:,} of {self._total:,} frames, {speed:.0f} frames/s, {left:.0f} s left"
            )
            print(
                f"\r{text}   " if self._out.isatty() else text,
                end="" if self._out.isatty() else "\n",
                file=self._out,
                flush=True,
            )

    def end(self) -> None:
        seconds = time.monotonic() - self._begun
        start = "\r" if self._out.isatty() else ""
        print(
            f"{start}{self._done:,} of {self._total:,} frames analysed in {seconds:.1f} s",
            file=self._out,
        )


def _result(
    procedure: _Procedure, classifier: Classifier, answers: _Answers, settings: Settings
) -> dict[str, Any]:
    card = classifier.card
    return {
        "notice": RESEARCH_USE,
        "source": _source_facts(procedure, answers),
        "model": {
            "version": card.version,
            "name": card.name,
            "classes": list(card.classes),
            "temperature": card.temperature,
        },
        "frames": _frames(procedure, classifier, answers),
        "findings": _findings(procedure, classifier, answers, settings),
    }


def _source_facts(procedure: _Procedure, answers: _Answers) -> dict[str, Any]:
    info, times = procedure.info, procedure.times
    return {
        "path": str(info.path),
        "kind": info.kind,
        "frames": info.frame_count,
        "fps": round(info.fps, 5),
        "width": info.width,
        "height": info.height,
        "duration_ms": round(info.duration_ms, 3),
        "fingerprint": info.fingerprint,
        "notes": list(info.notes),
        "gaps": [
            {
                "after": int(gap),
                "time_ms": round(float(times.times_ms[gap]), 3),
                "paused_ms": round(times.pause_ms(int(gap)), 3),
            }
            for gap in times.gaps
        ],
        "damaged": np.flatnonzero(answers.damaged).tolist(),
    }


def _frames(
    procedure: _Procedure, classifier: Classifier, answers: _Answers
) -> list[dict[str, Any]]:
    labels, best = answers.table.argmax(axis=1), answers.table.max(axis=1)
    sure = best >= classifier.thresholds[labels]
    return [
        {
            "index": index,
            "time_ms": round(float(procedure.times.times_ms[index]), 3),
            "label": classifier.classes[labels[index]],
            "probability": round(float(best[index]), 5),
            "unsure": not sure[index],
            "damaged": bool(answers.damaged[index]),
        }
        for index in np.flatnonzero(answers.known).tolist()
    ]


def _findings(
    procedure: _Procedure, classifier: Classifier, answers: _Answers, settings: Settings
) -> list[dict[str, Any]]:
    times = procedure.times
    found = find_findings(
        answers.table,
        answers.known,
        classifier.thresholds,
        times,
        settings.smoothing_s,
        settings.minimum_finding_s,
    )
    return [
        {
            "label": classifier.classes[finding.label],
            "start": finding.start,
            "stop": finding.stop,
            "start_ms": round(float(times.times_ms[finding.start]), 3),
            "stop_ms": round(float(times.times_ms[finding.stop - 1]), 3),
            "duration_ms": round(times.span_ms(finding.start, finding.stop), 3),
            "peak": finding.peak_index,
            "mean_probability": round(finding.mean_probability, 5),
        }
        for finding in found
    ]


def _csv(result: dict[str, Any], answers: _Answers, classifier: Classifier) -> bytes:
    rows: list[list[object]] = [
        ["frame", "time_ms", "label", "probability", "unsure", "damaged", *classifier.classes]
    ]
    for frame in result["frames"]:
        values = [f"{value:.5f}" for value in answers.table[frame["index"]]]
        flags = [int(frame["unsure"]), int(frame["damaged"])]
        rows.append(
            [
                frame["index"],
                frame["time_ms"],
                frame["label"],
                f"{frame['probability']:.5f}",
                *flags,
                *values,
            ]
        )
    return write_table(rows)


def _write(path: Path, content: bytes) -> None:
    """In one step: an interrupted run leaves the previous result."""
    try:
        write_atomically(path, content)
    except OSError as error:
        raise AppError(
            f"The result could not be written to {path}.",
            "Choose a folder that can be written.",
            str(error),
        ) from error
