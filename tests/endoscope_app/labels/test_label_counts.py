"""The counts on the label panel are kept from act to act; they must stay those that counting
frame by frame gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import Act, FrameMoment, Procedure
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, ready, store
from tests.model_factory import make_model_dir

ELSEWHERE = Procedure("cd" * 20, "other.mp4", "/videos/other.mp4", 100, 4.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


def test_counts_stay_those_of_the_library_through_random_acts(
    qtbot: QtBot, tmp_path: Path, clip: Path
) -> None:
    with running(tmp_path / "data", make_model_dir(tmp_path / "model")) as session:
        ready(session, clip)
        writer = session.app.labels.writer
        writer.write(lambda library: edits.register_procedure(library.read, ELSEWHERE))
        dice = np.random.default_rng(0)
        for step in range(60):
            _act(session, dice)
            panel, library = session.app.window.label_panel, store(session)
            shown = {one: count for one, count in panel._library.items() if count}
            by_hand = sum(
                (
                    _counted(library.read, procedure.fingerprint, procedure.frame_count)
                    for procedure in library.read.procedures()
                ),
                Counter(),
            )
            assert shown == by_hand, f"after act {step}"
            here = _counted(library.read, session.app.labels.procedure.fingerprint, 20)
            assert {one: count for one, count in panel._here.items() if count} == here, (
                f"after act {step}"
            )
        assert len(shown) > 1


def _counted(library: LabelReader, fingerprint: str, frames: int) -> Counter[int]:
    """Frame by frame, in the plainest way: of each group its own label, else the newest range over
    it; nothing where it is unusable.
    """
    found: Counter[int] = Counter()
    own = library.frame_labels(fingerprint)
    ranges, groups = library.ranges(fingerprint), library.groups()
    for frame in range(frames):
        here = [label for label in own if label.frame_index == frame]
        over = [span for span in ranges if span.first_index <= frame <= span.last_index]
        given = {
            groups[span.class_id]: span.class_id for span in sorted(over, key=lambda one: one.id)
        }
        given |= {groups[label.class_id]: label.class_id for label in here if label.class_id}
        if not any(label.kind == "unusable" for label in here):
            found.update(library.resolved_class(class_id).id for class_id in given.values())
    return found


def _act(session: Session, dice: np.random.Generator) -> None:
    writer = session.app.labels.writer
    names = [item.id for item in session.app.labels.session.panel_classes()]
    some = names[int(dice.integers(len(names)))]
    frames = [FrameMoment(40 * int(index), int(index)) for index in dice.integers(0, 100, 5)]
    pts = [frame.pts for frame in frames]
    where = ELSEWHERE.fingerprint
    first, last = sorted(int(integer) for integer in dice.integers(0, 100, 2))
    ends = FrameMoment(40 * first, first), FrameMoment(40 * last, last)
    acts: list[Callable[[], object]] = [
        lambda: _range(session, dice),
        lambda: writer.write(
            lambda library: edits.add_range(
                library.read, where, *ends, some, library.new_id("range_labels")
            )
        ),
        lambda: session.press(str(dice.integers(1, len(names) + 1))),
        lambda: session.press("X"),
        lambda: session.press("Del"),
        lambda: session.press("Ctrl+Z"),
        lambda: session.press("Ctrl+Z"),
        lambda: session.press("Ctrl+Y"),
        lambda: writer.write(lambda library: edits.label_frames(library.read, where, frames, some)),
        lambda: writer.write(lambda library: edits.clear_frames(library.read, where, pts)),
        lambda: writer.write(lambda library: _with_a_class(library.read, where, frames, some)),
        lambda: (
            writer.write(
                lambda library: class_edits.merge_classes(library.read, [names[-1]], names[0])
            )
            if len(names) > 3
            else None
        ),
    ]
    go(session, int(dice.integers(20)))
    acts[int(dice.integers(len(acts)))]()


def _with_a_class(
    library: LabelReader, where: str, frames: list[FrameMoment], class_id: int
) -> Act:
    """Labels elsewhere and a change of a class in one act, as an import writes them."""
    change = class_edits.recolour_class(
        library, class_id, f"#{len(frames):02x}{frames[0].frame_index:02x}00"
    )
    return edits.compound("import", [change, edits.label_frames(library, where, frames, class_id)])


def _range(session: Session, dice: np.random.Generator) -> None:
    go(session, int(dice.integers(20)))
    session.press("I")
    go(session, int(dice.integers(20)))
    session.press("O")
    session.press(str(dice.integers(1, 4)))
