"""The counts on the label panel are kept from act to act; they must stay those that the library counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.store.labels import class_edits, edits
from endoscope_app.store.labels.records import FrameMoment, Procedure
from tests.app.app_session import Session, running
from tests.app.clips import make_clip
from tests.app.label_session import go, ready, store
from tests.model_factory import make_model_dir

ELSEWHERE = Procedure("cd" * 20, "other.mp4", "/videos/other.mp4", 100, 4.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


def test_counts_stay_those_of_the_library_through_random_acts(qtbot: QtBot, tmp_path: Path, clip: Path) -> None:
    with running(tmp_path / "data", make_model_dir(tmp_path / "model")) as session:
        ready(session, clip)
        labelling = session.app.labelling
        labelling.do(lambda library: edits.register_procedure(library, ELSEWHERE), by_reader=False)
        dice = np.random.default_rng(0)
        for step in range(60):
            _act(session, dice)
            shown = {one: count for one, count in session.app.window.label_panel._counts.items() if count}
            assert shown == store(session).frame_counts(), f"after act {step}"
        assert len(shown) > 1


def _act(session: Session, dice: np.random.Generator) -> None:
    labelling, names = session.app.labelling, [one.id for one in session.app.labelling.panel_classes()]
    some = names[int(dice.integers(len(names)))]
    frames = [FrameMoment(40 * int(index), int(index)) for index in dice.integers(0, 100, 5)]
    pts = [frame.pts for frame in frames]
    where = ELSEWHERE.fingerprint
    acts: list[Callable[[], None]] = [
        lambda: session.press(str(dice.integers(1, len(names) + 1))),
        lambda: session.press("X"),
        lambda: session.press("Del"),
        lambda: session.press("Ctrl+Z"),
        lambda: session.press("Ctrl+Z"),
        lambda: session.press("Ctrl+Y"),
        lambda: labelling.do(lambda library: edits.label_frames(library, where, frames, some)),
        lambda: labelling.do(lambda library: edits.clear_frames(library, where, pts)),
        lambda: labelling.do(lambda library: class_edits.merge_classes(library, [names[-1]], names[0])) if len(names) > 3 else None,
    ]
    go(session, int(dice.integers(20)))
    acts[int(dice.integers(len(acts)))]()
