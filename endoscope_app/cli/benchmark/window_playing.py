"""What playing, starting and seeking cost."""

from __future__ import annotations

import time

from endoscope_app.cli.benchmark.figures import LiveFigures, MemoryFigures, StartFigures
from endoscope_app.cli.benchmark.window_session import Lateness, Session


def start(session: Session, began: float) -> StartFigures:
    """Seconds from the start of the process to the painted window and to the first classified
    frame.
    """
    session.ready()
    return StartFigures(session.first_paint.at - began, session.first_classified - began)


def live(session: Session, seconds: float) -> LiveFigures:
    """Play for ``seconds``: frames shown and dropped, lateness of the UI thread, milliseconds
    from decoded to painted.
    """
    import numpy as np

    session.ready()
    session.run(1.0)
    app, lateness = session.app, Lateness()
    shown, dropped = app.prediction_view.shown, app.prediction_view.dropped
    app.player.toggle_play()
    lateness.start()
    processor = time.process_time()
    session.run(seconds)
    processor = time.process_time() - processor
    return LiveFigures(
        frames_shown=app.prediction_view.shown - shown,
        frames_dropped=app.prediction_view.dropped - dropped,
        ui_lateness_p99_ms=float(np.percentile(lateness.late_ms, 99)),
        decoded_to_painted_p95_ms=float(np.percentile(session.from_decoded_ms, 95)),
        cores_used=processor / seconds,
    )


def memory(session: Session, seconds: float) -> MemoryFigures:
    """Play, seek to twenty places and analyse; the peak is read at the end."""
    session.ready()
    app = session.app
    app.player.toggle_play()
    session.run(seconds)
    app.player.pause()
    info = app.player.info
    assert info is not None
    for step in range(20):
        app.player.go_to(step * info.frame_count // 20)
        session.run(0.2)
    return MemoryFigures(info.frame_count)
