"""Class folders: what is in the pictures, what the training core reads of them, and what
happens to a folder that is there already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.base import atomic_file as atomic
from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import class_folders, csv_format
from endoscope_app.labels.exchange import format_detection as detect
from endoscope_app.labels.exchange import frame_identity as identity
from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.labels.exchange.library_document import collect
from endoscope_app.labels.library import edits
from kd_core.data.folders import read_samples
from kd_core.schema.atomic_file import write_atomically
from kd_core.vision import preprocess
from kd_core.vision.blanking import visible_mask
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    label,
    library,
    moment,
)

Image = NDArray[np.uint8]
FILM = PROCEDURE.fingerprint


def scene(seed: int = 0) -> Image:
    """240x320: black border, a bright noisy view from 60 to 300 by 20 to 220, white text in the
    border and in the view's left strip.
    """
    rgb = np.zeros((240, 320, 3), np.uint8)
    rgb[20:220, 60:300] = np.random.default_rng(seed).integers(90, 160, (200, 240, 3))
    cv2.putText(rgb, "DOE", (2, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    cv2.putText(rgb, "JANE", (62, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
    return rgb


def three(name: str = "") -> ExchangeDocument:
    """A frame of each of two classes, one unusable, and a range."""
    frames = [
        ExchangeFrame(FILM, Moment(400, 10, 0.4), "class", "polyps"),
        ExchangeFrame(FILM, Moment(440, 11, 0.44), "agreed", "a/b"),
        ExchangeFrame(FILM, Moment(480, 12, 0.48), "unusable", None),
    ]
    span = ExchangeRange(FILM, Moment(0, 0), Moment(800, 20, 0.8), "polyps")
    return assemble((), [ExchangeProcedure(FILM, name)], frames, [span])


def pixels(path: Path) -> Image:
    bgr = cv2.imread(str(path))
    assert bgr is not None
    return np.asarray(bgr[..., ::-1], np.uint8)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


Blank = Callable[[class_folders.Image], class_folders.Image]
A = "abababababab-f000010-t00000.400s-p400"
B = "abababababab-f000011-t00000.440s-p440"


def test_frames_lie_in_a_folder_a_class_named_by_procedure_and_time(tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    exported = class_folders.write(
        three(), tmp_path / "out", lambda film, pts: scene(), progress=lambda *at: done.append(at)
    )
    assert exported == class_folders.Exported(2, 0)
    assert done == [(1, 2), (2, 2)]
    assert files_in(tmp_path / "out") == [
        "endoscope-app-export.json",
        f"images/a_b/{B}.png",
        f"images/polyps/{A}.png",
        "manifest.csv",
    ]
    assert detect.detect(tmp_path / "out") == "class folders"
    assert detect.read(tmp_path / "out") == assemble((), three().procedures, three().frames[:2], ())


def test_a_procedures_name_is_in_the_file_names_only_where_the_document_has_it(
    tmp_path: Path,
) -> None:
    class_folders.write(
        three("Jane Doe: =1.mp4"), tmp_path, lambda film, pts: scene(), image_format="jpeg"
    )
    assert f"images/polyps/Jane Doe_ _1.mp4-{A}.jpg" in files_in(tmp_path)


def test_what_is_outside_the_view_and_the_text_strip_is_blanked_by_default(tmp_path: Path) -> None:
    class_folders.write(three(), tmp_path, lambda film, pts: scene())
    image = pixels(tmp_path / "images" / "polyps" / f"{A}.png")
    assert int(image[:, :58].max()) == 0
    assert int(image[:18].max()) == 0
    # the view is 240 wide from 60, so its strip of .20 ends at 108
    assert np.unique(image[30:210, 63:107].reshape(-1, 3), axis=0).tolist() == [[124, 116, 104]]
    assert image[22:26, 292:297].reshape(-1, 3).tolist() == [[124, 116, 104]] * 20  # a corner
    assert np.array_equal(image[80:160, 112:280], scene()[80:160, 112:280])
    class_folders.write(three(), tmp_path / "plain", lambda film, pts: scene(), blank=None)
    assert np.array_equal(pixels(tmp_path / "plain" / "images" / "polyps" / f"{A}.png"), scene())


def test_a_kept_png_goes_out_byte_for_byte_unless_its_pixels_are_to_change(tmp_path: Path) -> None:
    # compressed as no export would do it, so that the same pixels encoded again are other bytes
    kept = cv2.imencode(".png", scene()[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()
    asked: list[str] = []

    def kept_png(content: str) -> bytes | None:
        asked.append(content)
        return kept

    document = three()
    frames = [replace(frame, picture="ab" * 32) for frame in document.frames]
    document = assemble((), document.procedures, frames, ())
    ways: tuple[
        tuple[
            str, Literal["png", "jpeg"], Callable[[class_folders.Image], class_folders.Image] | None
        ],
        ...,
    ] = (
        ("plain", "png", None),
        ("blanked", "png", identity.blank_identity),
        ("jpeg", "jpeg", None),
    )
    for folder, image_format, blank in ways:
        class_folders.write(
            document,
            tmp_path / folder,
            lambda film, pts: scene(),
            image_format=image_format,
            blank=blank,
            kept_png=kept_png,
        )
        files = list((tmp_path / folder / "images").rglob("*.*g"))
        assert len(files) == 2
        assert {path.read_bytes() == kept for path in files} == {folder == "plain"}
    assert asked == ["ab" * 32] * 2, "only where nothing of it changes"
    class_folders.write(document, tmp_path / "lost", lambda film, pts: scene(), blank=None)
    assert np.array_equal(pixels(tmp_path / "lost" / "images" / "polyps" / f"{A}.png"), scene())


def test_a_picture_too_dark_to_find_the_view_in_is_all_black() -> None:
    dark = np.full((200, 300, 3), 5, np.uint8)
    cv2.putText(dark, "DOE", (5, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    assert int(identity.blank_identity(dark).max()) == 0


def test_a_model_sees_the_blanked_picture_as_it_sees_the_frame() -> None:
    rgb = scene()
    rgb[:, :58] = 0
    (plain, field), (blanked, other) = (
        preprocess.prepare(rgb),
        preprocess.prepare(identity.blank_identity(rgb)),
    )
    for edge in ("left", "top", "right", "bottom"):
        assert abs(getattr(field, edge) - getattr(other, edge)) < 0.005
    inner = visible_mask(preprocess.INPUT_SIZE)[None] > 0
    assert float(np.abs(plain - blanked)[np.broadcast_to(inner, plain.shape)].mean()) < 0.05


def test_the_training_core_reads_the_export_with_the_fingerprint_as_group(tmp_path: Path) -> None:
    with library(tmp_path / "library") as store:
        for index, class_id in ((3, POLYPS), (4, CECUM)):
            label(store, index, class_id)
        store.apply(edits.label_frames(store.read, OTHER.fingerprint, [moment(5)], POLYPS), READER)
        store.apply(
            edits.add_range(
                store.read, FILM, moment(1), moment(9), POLYPS, store.new_id("range_labels")
            ),
            READER,
        )
        document = collect(store.read)
    expected = {("polyps", FILM), ("cecum", FILM), ("polyps", OTHER.fingerprint)}
    class_folders.write(document, tmp_path / "out", lambda film, pts: scene(pts))
    samples = read_samples(tmp_path / "out")
    assert len(samples) == 3
    assert {(sample.label, sample.group) for sample in samples} == expected
    assert all(Path(sample.path).is_file() for sample in samples)
    csv_format.write(
        assemble((), document.procedures, document.frames, ()), tmp_path / "out" / "labels.csv"
    )
    assert {
        (read_sample.path, read_sample.label, read_sample.group)
        for read_sample in read_samples(tmp_path / "out" / "labels.csv")
    } == {(sample.path, sample.label, sample.group) for sample in samples}


def test_a_folder_with_anything_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(AppError, match="not empty"):
        class_folders.write(three(), tmp_path, lambda film, pts: scene())
    assert files_in(tmp_path) == ["holiday.jpg"]


def test_a_later_export_replaces_the_earlier_one_and_only_that(tmp_path: Path) -> None:
    class_folders.write(three(), tmp_path, lambda film, pts: scene())
    (tmp_path / "images" / "a_b" / "mine.txt").write_text("x")
    frame = ExchangeFrame(FILM, Moment(440, 11, 0.44), "class", "polyps")
    class_folders.write(assemble((), (), [frame], ()), tmp_path, lambda film, pts: scene())
    assert files_in(tmp_path) == [
        "endoscope-app-export.json",
        "images/a_b/mine.txt",
        f"images/polyps/{B}.png",
        "manifest.csv",
    ]
    assert detect.read(tmp_path).frames == (frame,)


def test_a_manifest_that_points_elsewhere_makes_nothing_vanish(tmp_path: Path) -> None:
    outside = tmp_path / "mine.png"
    outside.write_bytes(b"x")
    out = tmp_path / "out"
    class_folders.write(three(), out, lambda film, pts: scene())
    rows = (out / "manifest.csv").read_text(encoding="utf-8").splitlines()
    for name in (
        "../mine.png",
        str(outside),
        "images/polyps/../../../mine.png",
        "images/../mine.png",
        "polyps/../../mine.png",
    ):
        rows.append(rows[1].replace(f"images/polyps/{A}.png", name))
    (out / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    class_folders.write(assemble((), (), (), ()), out, lambda film, pts: scene())
    assert outside.exists()
    assert files_in(out) == ["endoscope-app-export.json", "manifest.csv"]


@pytest.mark.parametrize("earlier", [False, True])
def test_an_export_that_was_stopped_leaves_what_was_there(tmp_path: Path, earlier: bool) -> None:
    if earlier:
        class_folders.write(three(), tmp_path, lambda film, pts: scene())
    before = {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)}
    more = assemble(
        (), (), [ExchangeFrame(FILM, Moment(n, n), "class", "polyps") for n in range(5)], ()
    )
    done: list[int] = []
    exported = class_folders.write(
        more,
        tmp_path,
        lambda film, pts: scene(),
        progress=lambda at, _: done.append(at),
        should_stop=lambda: len(done) == 3,
    )
    assert exported == class_folders.Exported(0, 0, True)
    assert {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)} == before
    assert earlier == bool(list(tmp_path.iterdir()))


def test_frames_without_pixels_are_counted_and_not_listed(tmp_path: Path) -> None:
    exported = class_folders.write(
        three(), tmp_path, lambda film, pts: scene() if pts == 440 else None
    )
    assert exported == class_folders.Exported(1, 1)
    assert [frame.at.pts for frame in detect.read(tmp_path).frames] == [440]


def test_a_full_disk_is_said_in_words_and_leaves_no_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *parts: bytes) -> None:
        if path.suffix == ".png":
            raise OSError(28, "No space left on device")
        write_atomically(path, *parts)

    monkeypatch.setattr(atomic, "write_file", full)
    with pytest.raises(AppError, match="The disk is full, so the labels were not exported"):
        class_folders.write(three(), tmp_path, lambda film, pts: scene())
    assert files_in(tmp_path) == []
    monkeypatch.undo()
    assert class_folders.write(three(), tmp_path, lambda film, pts: scene()).written == 2


def test_no_planted_link_leads_images_elsewhere(tmp_path: Path) -> None:
    """In a folder that others may write: at the name where earlier versions put images first, and
    where this one puts what it writes.
    """
    shared, theirs = tmp_path / "shared", tmp_path / "theirs"
    theirs.mkdir()
    kept = theirs / "kept"
    kept.write_bytes(b"somebody's")
    class_folders.write(three(), shared, lambda film, pts: scene())
    (shared / ".writing").symlink_to(theirs)
    for name in files_in(shared):
        path = shared / name
        if not path.is_symlink() and path.name not in ("manifest.csv", "endoscope-app-export.json"):
            path.unlink()
            path.symlink_to(kept)
    class_folders.write(three(), shared, lambda film, pts: scene(1))
    assert [path.name for path in theirs.iterdir()] == ["kept"]
    assert kept.read_bytes() == b"somebody's"
    assert np.array_equal(
        pixels(shared / "images" / "polyps" / f"{A}.png")[80:160, 112:280],
        scene(1)[80:160, 112:280],
    )
