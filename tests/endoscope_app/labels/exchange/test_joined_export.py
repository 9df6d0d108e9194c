"""Labels of a procedure in several files name each frame's own file, where names are asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.exchange_session import export
from tests.endoscope_app.joining_session import COUNTS, join, make_parts
from tests.endoscope_app.label_session import give

FRAMES = {3: "part1.mp4", COUNTS[0] + 2: "part2.mp4", COUNTS[0] + COUNTS[1]: "part10.mp4"}


def labelled(session: Session, folder: Path) -> None:
    join(session, make_parts(folder))
    give(session, dict.fromkeys(FRAMES, "1"))


def close(session: Session) -> None:
    session.app.labels.exports.dialog.close()  # type: ignore[union-attr]


def test_the_files_of_the_frames_are_named_on_request_alone(
    session: Session, tmp_path: Path
) -> None:
    labelled(session, tmp_path / "in")
    export(session, tmp_path / "named.csv", "csv", "This procedure", "By file name")
    with (tmp_path / "named.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["frame"]): row["part"] for row in rows} == FRAMES
    assert {row["procedure_name"] for row in rows} == {"part1–10.mp4 (3 parts)"}
    for row in rows:
        assert FRAMES[int(row["frame"])] in row["file"]
    close(session)
    export(session, tmp_path / "named.json", "json", "This procedure", "By file name")
    (procedure,) = json.loads((tmp_path / "named.json").read_text())["procedures"]
    assert [part["name"] for part in procedure["parts"]] == list(FRAMES.values())
    assert [part["first_frame"] for part in procedure["parts"]] == [0, 20, 36]
    close(session)
    export(session, tmp_path / "plain.csv", "csv", "This procedure", "By fingerprint")
    assert "part1" not in (tmp_path / "plain.csv").read_text()


def test_class_folders_hold_the_images_of_all_files_and_come_back(
    session: Session, tmp_path: Path
) -> None:
    labelled(session, tmp_path / "in")
    dialog = export(
        session, tmp_path / "folders", "class folders", "This procedure", "By file name"
    )
    assert text_of(dialog).startswith("3 images of 1 procedure")
    images = sorted(path.name for path in (tmp_path / "folders").rglob("*.png"))
    assert len(images) == len(FRAMES)
    for frame, name in FRAMES.items():
        assert any(image.startswith(name) and f"-f{frame:06d}-" in image for image in images)
