"""``endoscope-app analyse``: every frame of a procedure classified without a screen, as JSON and CSV."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from endoscope_app.engine.analysis import Analysis
from endoscope_app.engine.classifier import Classifier
from endoscope_app.errors import AppError
from endoscope_app.media.opening import open_source
from endoscope_app.paths import shipped_model
from endoscope_app.predictions.events import find_findings
from endoscope_app.settings import Settings

NOTICE = "For research and education. Not a medical device."
REPORT_EVERY_S = 0.5


def run_analyse(words: list[str]) -> int:
    """Returns 0 only when every frame was analysed and written."""
    options = _parser().parse_args(words)
    if options.out is None and options.csv is None:
        raise AppError("Nothing would be written.", "Name a file with --out result.json or --csv result.csv.")
    classifier = Classifier.load(Path(options.model) if options.model else shipped_model())
    path = Path(options.path).absolute()
    table, known = _classify_all(path, classifier, deinterlace=not options.no_deinterlace)
    result = _result(path, classifier, table, known, deinterlace=not options.no_deinterlace)
    if options.out:
        _write(Path(options.out), json.dumps(result, ensure_ascii=False, indent=1))
    if options.csv:
        _write(Path(options.csv), _csv(result, table, known, classifier))
    missing = int((~known).sum())
    if missing:
        print(f"endoscope-app: {missing} of {len(known)} frames could not be analysed.", file=sys.stderr)
    # The notes name what the source itself had to leave out: damaged ends and broken pictures are frames too.
    return 1 if missing or result["source"]["notes"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="endoscope-app analyse", description=f"Classify every frame of a procedure without a screen. {NOTICE}"
    )
    parser.add_argument("path", help="a video, or a folder of stills")
    parser.add_argument("--out", help="write the result as JSON")
    parser.add_argument("--csv", help="write one row a frame: frame,time_ms,label,probability and a column for each class")
    parser.add_argument("--model", help="a model folder (default: the shipped student)")
    parser.add_argument("--no-deinterlace", action="store_true", help="leave interlaced pictures as they are")
    return parser


def _classify_all(path: Path, classifier: Classifier, *, deinterlace: bool) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    with open_source(path, deinterlace=deinterlace) as source:
        total = source.info.frame_count
        for note in source.info.notes:
            print(note, file=sys.stderr)
    table = np.zeros((total, len(classifier.classes)), np.float32)
    known = np.zeros(total, np.bool_)
    progress = _Progress(total, sys.stderr)

    def keep(start: int, rows: NDArray[np.float32]) -> None:
        table[start : start + len(rows)] = rows
        known[start : start + len(rows)] = True
        progress.add(len(rows))

    try:
        Analysis(path, classifier, deinterlace=deinterlace, background=False).run(keep)
    except AppError as error:
        # What was analysed before the damage is still worth writing; the exit status tells that it is not all.
        print(f"\nendoscope-app: {error}", file=sys.stderr)
    progress.end()
    return table, known


class _Progress:
    """Frames done, speed and time left: a line that rewrites itself on a terminal, plain lines elsewhere."""

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
            text = f"{self._done:,} of {self._total:,} frames, {speed:.0f} frames/s, {left:.0f} s left"
            print(f"\r{text}   " if self._out.isatty() else text, end="" if self._out.isatty() else "\n", file=self._out, flush=True)

    def end(self) -> None:
        seconds = time.monotonic() - self._begun
        start = "\r" if self._out.isatty() else ""
        print(f"{start}{self._done:,} of {self._total:,} frames analysed in {seconds:.1f} s", file=self._out)


def _result(
    path: Path, classifier: Classifier, table: NDArray[np.float32], known: NDArray[np.bool_], *, deinterlace: bool
) -> dict[str, Any]:
    with open_source(path, deinterlace=deinterlace) as source:
        info = source.info
        times = [round(source.time_ms(index), 3) for index in range(info.frame_count)]
    defaults = Settings()
    labels, best = table.argmax(axis=1), table.max(axis=1)
    sure = best >= classifier.thresholds[labels]
    frames = [
        {
            "index": i,
            "time_ms": times[i],
            "label": classifier.classes[labels[i]],
            "probability": round(float(best[i]), 5),
            "unsure": not sure[i],
        }
        for i in np.flatnonzero(known).tolist()
    ]
    found = [
        {
            "label": classifier.classes[finding.label],
            "start": finding.start,
            "stop": finding.stop,
            "start_ms": times[finding.start],
            "stop_ms": times[finding.stop - 1],
            "peak": finding.peak_index,
            "mean_probability": round(finding.mean_probability, 5),
        }
        for finding in find_findings(table, known, classifier.thresholds, info.fps, defaults.smoothing_s, defaults.minimum_finding_s)
    ]
    source_words = {
        "path": str(path),
        "kind": info.kind,
        "frames": info.frame_count,
        "fps": round(info.fps, 5),
        "width": info.width,
        "height": info.height,
        "duration_ms": round(info.duration_ms, 3),
        "fingerprint": info.fingerprint,
        "notes": list(info.notes),
    }
    card = classifier.card
    model = {"version": card.version, "name": card.name, "classes": list(card.classes), "temperature": card.temperature}
    return {"notice": NOTICE, "source": source_words, "model": model, "frames": frames, "findings": found}


def _csv(result: dict[str, Any], table: NDArray[np.float32], known: NDArray[np.bool_], classifier: Classifier) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["frame", "time_ms", "label", "probability", "unsure", *classifier.classes])
    for frame, index in zip(result["frames"], np.flatnonzero(known), strict=True):
        values = [f"{value:.5f}" for value in table[index]]
        rows.writerow([frame["index"], frame["time_ms"], frame["label"], f"{frame['probability']:.5f}", int(frame["unsure"]), *values])
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    """In one step: an interrupted run leaves the previous result."""
    temporary = path.with_name(path.name + ".part")
    try:
        # A file name that is no UTF-8 holds surrogates: escaped as \udcXX, which JSON reads back as it was.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(temporary, path)
    except OSError as error:
        raise AppError(f"The result could not be written to {path}.", "Choose a folder that can be written.", str(error)) from error
