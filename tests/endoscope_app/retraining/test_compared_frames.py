"""The frames of a comparison: their heat maps, thumbnails and their way back to the procedure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from endoscope_app.media.image_file import decode, to_bgra
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.identity_mask import without_identity_bgra
from tests.endoscope_app.app_session import Session, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparing_session import SHIPPED, opened
from tests.endoscope_app.comparison_run import CLASSES, STUDENT, frame, make_run
from tests.endoscope_app.label_session import give


def test_the_chosen_frame_is_shown_with_both_heat_maps(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    sights = dialog.differing.sights
    session.until(
        lambda: all(sight.view._heat_map is not None for sight in sights), "both heat maps"
    )
    picture = decode(run / "labels" / "cecum" / "a.png")
    assert picture is not None
    np.testing.assert_array_equal(sights[0].view._image, to_bgra(picture))
    student = Classifier.load(STUDENT)
    made = student.classify(to_bgra(picture))
    # As the file says of this frame
    for sight, called in zip(sights, ("cecum", "polyps"), strict=True):
        overlay = sight.view._heat_map
        assert overlay is not None
        expected = student.heat_map(made, CLASSES.index(called))
        np.testing.assert_allclose(overlay.evidence, expected.evidence)
        assert overlay.region == made.region
    first, second = (sight.view._heat_map for sight in sights)
    assert first is not None
    assert second is not None
    assert not np.array_equal(first.evidence, second.evidence)


def test_frames_are_blanked_where_the_screen_is(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    dialog.tabs.setCurrentWidget(dialog.differing)
    view, thumbnails = dialog.differing.sights[0].view, dialog.differing.list._model
    picture = decode(run / "labels" / "cecum" / "a.png")
    assert picture is not None
    whole = to_bgra(picture)
    blanked = without_identity_bgra(whole)
    assert not np.array_equal(whole, blanked)

    def shows(wanted: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bool:
        return view._image is not None and np.array_equal(view._image, wanted)

    session.until(lambda: shows(whole) and "cecum/a.png" in thumbnails._images, "as it is")
    before = thumbnails._images["cecum/a.png"].toImage()
    session.press("Ctrl+I")
    session.until(lambda: shows(blanked) and "cecum/a.png" in thumbnails._images, "blanked")
    assert thumbnails._images["cecum/a.png"].toImage() != before
    session.press("Ctrl+I")
    session.until(lambda: shows(whole), "as it is again")


def test_walking_through_the_frames_ends_with_the_last_ones_picture(
    session: Session, run: Path
) -> None:
    dialog = opened(session, run)
    frames = dialog.differing.list
    for row in (1, 2, 3, 0, 3):
        frames.setCurrentIndex(frames.model().index(row, 0))
    picture = decode(run / "labels" / "polyps" / "d.png")
    assert picture is not None
    view = dialog.differing.sights[1].view
    session.until(
        lambda: view._image is not None and np.array_equal(view._image, to_bgra(picture)),
        "the last one",
    )
    spin(100)
    np.testing.assert_array_equal(view._image, to_bgra(picture))


def test_thumbnails_come_by_themselves(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    dialog.tabs.setCurrentWidget(dialog.differing)
    model = dialog.differing.list._model
    session.until(lambda: len(model._images) == 4, "four thumbnails")
    assert set(model._images) == {"cecum/a.png", "polyps/b.png", "polyps/c.png", "polyps/d.png"}


@pytest.mark.parametrize("is_open", [True, False])
def test_return_on_a_frame_shows_it_in_its_procedure(
    session: Session, data: Path, tmp_path: Path, is_open: bool
) -> None:
    clip, other = make_clip(tmp_path / "a.mp4", count=30), make_clip(tmp_path / "b.mp4", count=20)
    session.open(clip)
    give(session, {3: "1"})
    info = session.app.player.info
    assert info is not None
    if not is_open:
        session.open(other)
    image = f"polyps/{info.fingerprint[:12]}-f000017-t00000.680s-p680.png"
    frames = [frame(image, info.fingerprint, {"cecum": 1.0}, {"polyps": 1.0})]
    dialog = opened(
        session, make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())), frames=frames)
    )
    dialog.tabs.setCurrentWidget(dialog.differing)
    QTest.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 17, "frame 17")
    assert session.app.player.info is not None
    assert session.app.player.info.path == clip


@pytest.mark.parametrize("name", ["f000017.png", "abababababab-f000017-t00000.680s-p680.png"])
def test_a_frame_whose_procedure_is_gone_is_said(session: Session, data: Path, name: str) -> None:
    frames = [frame(f"polyps/{name}", "ab" * 20, {"cecum": 1.0}, {"polyps": 1.0})]
    run = make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())), frames=frames)
    dialog = opened(session, run)
    dialog.tabs.setCurrentWidget(dialog.differing)
    QTest.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    session.until(lambda: "frame" in session.message(), "why it is not shown")
