"""Folders of stills, and labels read straight from the database, for the tests of identity."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.identity_dialog import IdentityDialog
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.records import FrameMoment, Procedure
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.label_session import go, in_front, store


def image(number: int, seed: int = 0) -> NDArray[Any]:
    """Noise over a colour of its own, so that no two images are alike."""
    generator = np.random.default_rng(1000 * seed + number)
    base = np.full((48, 64, 3), generator.integers(0, 200, 3), np.uint8)
    return np.asarray(base + generator.integers(0, 50, base.shape, np.uint8))


def write(folder: Path, numbers: list[int], seed: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        assert cv2.imwrite(str(folder / f"s_{number:03d}.bmp"), image(number, seed))
    return folder


def question(session: Session) -> IdentityDialog:
    found = session.app.labels.identity.question
    assert found is not None
    in_front(session, found)
    return found


def rows(session: Session) -> list[tuple[str, int, int]]:
    """(fingerprint, frame index, class) of every frame label, straight from the file."""
    library = session.app._data.labels / "labels.sqlite"
    with contextlib.closing(sqlite3.connect(library)) as connection:
        return connection.execute(
            "SELECT fingerprint, frame_index, class_id FROM frame_labels ORDER BY 1, 2"
        ).fetchall()


def identity(session: Session) -> str:
    assert session.app.player.info is not None
    return session.app.player.info.fingerprint


def label_range(session: Session, first: int, last: int, key: str) -> None:
    for frame, mark in ((first, "I"), (last, "O")):
        go(session, frame)
        session.press(mark)
    session.press(key)


def reopened(session: Session, path: Path) -> None:
    """Open, and wait until the content is read anew: also where the same path was open before, of
    which a frame stays on screen meanwhile.
    """
    before = session.app.player.info
    session.open(path)
    session.until(
        lambda: (
            session.app.player.info is not None
            and session.app.player.info is not before
            and session.app.player.info.path == path
        ),
        "the folder",
    )


def old_library(session: Session, folder: Path, png: bool) -> str:
    """As a version before noted a folder: by names and sizes, its labels by place."""
    info = session.app.player.info
    assert info is not None
    old = info.legacy_fingerprint
    library = store(session)
    labelled = library.read.frame_labels(info.fingerprint)
    library.apply(
        edits.clear_frames(library.read, info.fingerprint, [one.pts for one in labelled]), READER
    )
    library._open_connection().execute(
        "DELETE FROM procedures WHERE fingerprint = ?", (info.fingerprint,)
    )
    library.apply(
        edits.register_procedure(
            library.read, Procedure(old, folder.name, str(folder), info.frame_count, 1.0)
        ),
        READER,
    )
    for one in labelled:
        assert one.class_id is not None
        moment = FrameMoment(one.frame_index, one.frame_index, one.png if png else None)
        library.apply(edits.label_frames(library.read, old, [moment], one.class_id), READER)
    return old


def write_video(path: Path, images: list[NDArray[Any]]) -> None:
    height, width = images[0].shape[:2]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-s",
        f"{width}x{height}",
        "-r",
        "25",
        "-i",
        "-",
        str(path),
    ]
    subprocess.run(command, input=b"".join(image.tobytes() for image in images), check=True)
