"""What CVAT writes of tasks on videos and of whole projects."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.labels.exchange.document import (
    ExchangeFrame,
    Moment,
)
from tests.endoscope_app.exchange_documents import SMALL_KEY, read_cvat


def test_a_cvat_task_on_a_video_names_frames_by_number_and_the_recording_by_its_source(
    tmp_path: Path,
) -> None:
    meta = (
        "<meta><task><labels><label><name>polyps</name></label></labels></task><source>film"
        " 3.mp4</source></meta>"
    )
    image = (
        '<image id="4" name="frame_000120" width="9" height="9"><tag label="polyps"'
        ' source="manual"></tag></image>'
    )
    document = read_cvat(tmp_path, meta + image)
    assert document.frames == (
        ExchangeFrame("name:film 3.mp4", Moment(None, 120), "class", "polyps"),
    )
    assert document.frames[0].where == "image 4"
    track = (
        '<track id="0" label="polyps"><box frame="5" outside="0"/><box frame="9" outside="0"/><box'
        ' frame="12" outside="1"/><box frame="20" outside="0"/></track>'
    )
    assert [
        (span.first.frame_index, span.last.frame_index)
        for span in read_cvat(tmp_path, meta + track).ranges
    ] == [(5, 11), (20, 20)]


PROJECT = (
    "<meta><project><tasks><task><id>1</id><source>a.mp4</source></task><task><id>2</id><source>\n "
    " dir/b.mp4\n"
    " </source></task></tasks><labels><label><name>x</name></label></labels></project></meta>"
)


def test_a_cvat_project_names_the_recording_of_each_image_and_track(tmp_path: Path) -> None:
    tagged = '<tag label="x"/>'
    body = (
        f'<image id="3" name="frame_000003" task_id="1">{tagged}</image><image id="3"'
        f' name="frame_000003" task_id="2">{tagged}</image><image id="9" name="odd"'
        f' task_id="2">{tagged}<box label="x"/><polygon label="x"/><box label="x"/></image><image'
        f' id="4" name="frame_000004">{tagged}</image><track id="7" task_id="2" label="x"><box'
        ' frame="5" outside="0"/></track>'
    )
    document = read_cvat(tmp_path, PROJECT + body)
    places = [(frame.fingerprint, frame.at.frame_index) for frame in document.frames]
    assert places == [("name:a.mp4", 3), ("name:b.mp4", 3), ("name:b.mp4", 9)]
    assert [
        (span.fingerprint, span.first.frame_index, span.last.frame_index)
        for span in document.ranges
    ] == [("name:b.mp4", 5, 5)]
    assert [(one.where, one.reason) for one in document.unread] == [
        ("image 4", "it does not say which of the file's procedures it is of"),
    ]
    assert (
        document.notes[0] == "2 boxes and 1 polygon are not read: labels here are of whole frames."
    )


def test_attributes_that_cvat_carried_to_another_frame_do_not_move_the_label(
    tmp_path: Path,
) -> None:
    said = "".join(
        f'<attribute name="{n}">{v}</attribute>'
        for n, v in (("procedure", SMALL_KEY), ("frame", 10), ("pts", 400))
    )
    tagged = f'<tag label="x">{said}</tag>'
    images = "".join(
        f'<image id="{n}" name="{name}">{tagged}</image>'
        for n, name in ((10, "frame_000010"), (11, "frame_000011"))
    )
    document = read_cvat(tmp_path, images)
    assert [
        (frame.fingerprint, frame.at.pts, frame.at.frame_index) for frame in document.frames
    ] == [
        (SMALL_KEY, 400, 10),
        (SMALL_KEY, None, 11),
    ]
