"""This program beside one that is put together of well-known parts (``--peer opencv``), on the
same recording and in turn: OpenCV's VideoCapture, torch as it comes, the grad-cam package.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.cli.benchmark.apart import analysis_speed
from endoscope_app.cli.benchmark.clip import read_number
from endoscope_app.cli.benchmark.figures import PeerFigures
from endoscope_app.media.opening import open_source
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.json_text import decode_json

PEERS = ("opencv",)
#: The other program, a process of its own: torch is never loaded beside this one.
MODULE = "kd_core.benchmarks.peer"
SEEKS = 60
HEAT_MAPS = 20

Image = NDArray[np.uint8]


class _OfPeer(msgspec.Struct, frozen=True):
    frames: int
    analysis_fps: float
    heat_map_ms: float


class _Run(msgspec.Struct, frozen=True):
    ours: tuple[float, float, float]
    peers: tuple[float, float, float]
    exact: tuple[int, int]


def measure_peer(clip: Path, model: Path, runs: int, *, numbered: bool) -> PeerFigures:
    """Medians of ``runs``. ``numbered``: whether images carry their own number, by which it is
    told how many seeks met their frame (None otherwise).

    Raises AppError where the peer cannot run: without torch, or on what OpenCV does not read.
    """
    classifier = Classifier.load(model)
    done = [_run(clip, model, classifier) for _ in range(runs)]
    ours = np.median([run.ours for run in done], axis=0)
    peers = np.median([run.peers for run in done], axis=0)
    times = np.median([_times(run) for run in done], axis=0)
    return PeerFigures(
        analysis_fps=round(float(ours[0]), 1),
        peer_analysis_fps=round(float(peers[0]), 1),
        analysis_times=round(float(times[0]), 3),
        seek_ms=round(float(ours[1]), 1),
        peer_seek_ms=round(float(peers[1]), 1),
        seek_times=round(float(times[1]), 3),
        seeks=SEEKS,
        exact_seeks=done[0].exact[0] if numbered else None,
        peer_exact_seeks=done[0].exact[1] if numbered else None,
        heat_map_ms=round(float(ours[2]), 2),
        peer_heat_map_ms=round(float(peers[2]), 2),
        heat_map_times=round(float(times[2]), 3),
    )


def _times(run: _Run) -> list[float]:
    """How many times as fast this program is."""
    return [
        run.ours[0] / run.peers[0],
        run.peers[1] / run.ours[1],
        run.peers[2] / run.ours[2],
    ]


def _run(clip: Path, model: Path, classifier: Classifier) -> _Run:
    of_peer = _peer_process(clip, model)
    analysis = analysis_speed(clip, classifier, open_source)
    capture = cv2.VideoCapture(str(clip))

    def peer_read(index: int) -> Image:
        capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        there, image = capture.read()
        if not there:
            raise AppError(f"OpenCV does not read frame {index:,}.", "Name another recording.")
        return np.asarray(image, np.uint8)

    with open_source(clip) as source:
        wanted = np.random.default_rng(1).integers(0, source.info.frame_count, SEEKS).tolist()
        seek, exact = _seek_ms(wanted, lambda index: source.read(index).image)
        heat_map = _heat_map_ms(classifier, source.read(0).image)
    try:
        peer_seek, peer_exact = _seek_ms(wanted, peer_read)
    finally:
        capture.release()
    return _Run(
        (analysis, seek, heat_map),
        (of_peer.analysis_fps, peer_seek, of_peer.heat_map_ms),
        (exact, peer_exact),
    )


def _seek_ms(wanted: list[int], read: Callable[[int], Image]) -> tuple[float, int]:
    """The median, and how many met their frame."""
    spent, exact = [], 0
    for index in wanted:
        begun = time.perf_counter()
        image = read(index)
        spent.append((time.perf_counter() - begun) * 1000)
        exact += read_number(image) == index
    return statistics.median(spent), exact


def _heat_map_ms(classifier: Classifier, bgra: Image) -> float:
    """From a decoded frame to its class and heat map, as the live view does."""
    spent = []
    for _ in range(HEAT_MAPS):
        begun = time.perf_counter()
        classifier.heat_map(classifier.classify(bgra))
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def _peer_process(clip: Path, model: Path) -> _OfPeer:
    done = subprocess.run(
        [sys.executable, "-m", MODULE, str(clip), str(model)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AppError(
            "The program beside this one could not be measured.",
            "It needs the training part (torch, grad-cam) and a recording that OpenCV reads.",
            done.stderr[-500:],
        )
    return decode_json(done.stdout.splitlines()[-1], _OfPeer)
