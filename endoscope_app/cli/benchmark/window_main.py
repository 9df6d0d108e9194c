"""Modes: ``live`` plays a clip with the heat map on; ``training``: the same while a student is
retrained on the labels in ``--labels``; ``start`` only opens the clip; ``memory`` opens, plays and
seeks with the analysis running; ``labels`` presses keys over the label library of the data folder
``--data``; ``again`` and ``stills`` open ``--open`` once the window is alive. Figures: seconds
since the parent began (``--began``, seconds of the epoch), milliseconds, frames, MiB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from endoscope_app.early_start import begin

if TYPE_CHECKING:
    from endoscope_app.cli.benchmark.figures import Figures


MODES = ("start", "live", "training", "memory", "labels", "again", "stills")


def main() -> int:
    """Measure once and print one JSON line."""
    parser = argparse.ArgumentParser(
        prog="python -m endoscope_app.cli.benchmark.window_main", description=__doc__
    )
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("clip", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--began", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--analyse", action="store_true")
    parser.add_argument("--data", type=Path, help="the data folder (default: a new one)")
    parser.add_argument("--open", type=Path, help="what is opened in the window that is alive")
    parser.add_argument("--labels", type=Path, help="a label export to retrain on")
    options = parser.parse_args()
    begin()
    # Only now, as the program itself does it: what these load is part of a start
    from PySide6.QtWidgets import QApplication

    from endoscope_app.cli.benchmark.window_session import peak_mib

    with tempfile.TemporaryDirectory(prefix="endoscope-benchmark-") as empty:
        figures = _measured(options, options.data or Path(empty))
    figures |= {"platform": QApplication.platformName(), "peak_mib": peak_mib()}
    print(
        json.dumps(
            {
                name: round(value, 3) if isinstance(value, float) else value
                for name, value in figures.items()
            }
        )
    )
    return 0


def _measured(options: argparse.Namespace, data: Path) -> Figures:
    from endoscope_app.base.paths import DataDir
    from endoscope_app.cli.benchmark.figures import by_name
    from endoscope_app.cli.benchmark.window_playing import live, memory, start
    from endoscope_app.cli.benchmark.window_session import Session

    opening: Figures = {}
    if options.mode == "labels":
        # Not where "start" is timed
        from endoscope_app.cli.benchmark.window_labelling import labels, open_store

        opening["store_opening_ms"] = open_store(DataDir.open(str(data)).labels)
    session = Session(options.clip, options.model, data, analyse=options.analyse)
    if options.mode == "start":
        figures = by_name(start(session, options.began))
    elif options.mode == "live":
        figures = by_name(live(session, options.seconds))
    elif options.mode == "training":
        from endoscope_app.cli.benchmark.window_training import live_while_training

        figures = live_while_training(
            session, options.seconds, options.labels, options.model, data / "run"
        )
    elif options.mode == "labels":
        figures = labels(session)
    elif options.mode == "again":
        from endoscope_app.cli.benchmark.window_opening import again

        figures = again(session, options.open)
    elif options.mode == "stills":
        from endoscope_app.cli.benchmark.window_opening import stills

        figures = stills(session, options.open)
    else:
        figures = by_name(memory(session, options.seconds))
    session.app.window.close()
    session.app.close()
    return opening | figures


if __name__ == "__main__":
    sys.exit(main())
