"""What playing costs while a student is being retrained beside it, by the app's own process for
that.
"""

from __future__ import annotations

from pathlib import Path

from endoscope_app.cli.benchmark.figures import Figures, by_name
from endoscope_app.cli.benchmark.window_playing import live
from endoscope_app.cli.benchmark.window_session import Session
from endoscope_app.retraining.plan.training_choice import RetrainFiles, TrainingChoice
from endoscope_app.retraining.run.training_process import TrainingProcess
from endoscope_app.retraining.starting_point import ShippedAssets
from kd_core.schema.events import EpochEnded, RunEvent
from kd_core.schema.run_files import HELD_OUT_NAME

MANY_EPOCHS = 10_000  # it is cancelled long before
GIVE_UP_S = 600.0


def live_while_training(
    session: Session, seconds: float, labels: Path, model: Path, runs: Path
) -> Figures:
    """As live, from the first epoch of a retraining on.

    ``labels``: an export; ``runs``: a folder for the run.
    """
    means = ShippedAssets.of_installation()
    choice = TrainingChoice(
        teachers=tuple(folder for folder, _ in means.teachers), epochs=MANY_EPOCHS
    )
    files = RetrainFiles(
        labels, model, means.replay, runs / HELD_OUT_NAME, runs / "candidate", runs / "cache"
    )
    process = TrainingProcess()
    epochs: list[EpochEnded] = []
    ends: list[str] = []

    def heard(event: RunEvent) -> None:
        if isinstance(event, EpochEnded):
            epochs.append(event)

    process.event_came.connect(heard)
    process.ended.connect(lambda outcome, sentence: ends.append(f"{outcome}: {sentence}"))
    process.start(runs, choice.arguments(files))
    session.wait(lambda: bool(epochs or ends), GIVE_UP_S)
    if ends or not epochs:
        raise SystemExit(f"the retraining did not begin: {ends}")
    before = len(epochs)
    figures = by_name(live(session, seconds))
    trained = len(epochs) - before
    process.cancel()
    if not session.wait(lambda: bool(ends), 60):
        raise SystemExit("the retraining could not be ended")
    return {**figures, "epochs_meanwhile": trained}
