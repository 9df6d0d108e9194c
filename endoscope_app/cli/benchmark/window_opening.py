"""What opening a large procedure, or a large folder of stills, costs in a window that is alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from endoscope_app.cli.benchmark.figures import Figures
from endoscope_app.cli.benchmark.window_session import Lateness, Session


def again(session: Session, clip: Path) -> Figures:
    """Seconds until the whole timeline of a procedure that was analysed before is there, and until
    its labels are; the longest pause of the UI thread meanwhile, in ms.
    """
    session.ready()
    session.run(1.0)
    app = session.app
    labels = app.labels.procedure_labels

    def is_whole() -> bool:
        timeline = app.analysis.timeline
        return _is_open(session, clip) and timeline is not None and bool(timeline.known.all())

    def is_labelled() -> bool:
        return is_whole() and bool((labels.states.label >= 0).any())

    return _opened(session, clip, {"timeline_whole_s": is_whole, "labels_shown_s": is_labelled})


def stills(session: Session, folder: Path) -> Figures:
    """Seconds until the first image of a folder is classified on screen; the longest pause of the
    UI thread meanwhile, in ms.
    """
    session.ready()
    session.run(1.0)

    def is_classified() -> bool:
        frame = session.app.prediction_view.frame
        return _is_open(session, folder) and frame is not None and frame.index == 0

    figures = _opened(session, folder, {"stills_shown_s": is_classified})
    info = session.app.player.info
    assert info is not None
    return {"stills": info.frame_count, **figures}


def _is_open(session: Session, path: Path) -> bool:
    info = session.app.player.info
    return info is not None and info.path == path


def _opened(session: Session, path: Path, until: dict[str, Callable[[], bool]]) -> Figures:
    lateness = Lateness()
    lateness.start()
    begun = time.perf_counter()
    session.app.open(path)
    seconds: Figures = {}
    for name, done in until.items():
        if not session.wait(done):
            raise SystemExit(f"{name} never came")
        seconds[name] = time.perf_counter() - begun
    return {**seconds, "pause_ms": max(lateness.late_ms)}
