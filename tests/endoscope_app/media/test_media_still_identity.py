"""Whose images they are: folders are known by what their images hold, and each image by its own
content.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from endoscope_app.media import fingerprint
from endoscope_app.media.folder import NestedFolders
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import SourceInfo

from .test_media_folder import grey, save


def info_of(path: Path) -> SourceInfo:
    with open_source(path) as source:
        return source.info


def stamps_of(path: Path) -> list[int]:
    with open_source(path) as source:
        return [source.stamp(index) for index in range(source.info.frame_count)]


def bitmaps(folder: Path, brightness: int, size: tuple[int, int] = (40, 60)) -> Path:
    """Uncompressed: every file has the same size, whoever is on it."""
    folder.mkdir(parents=True)
    for number in range(4):
        save(folder / f"frame_{number}.bmp", grey(brightness + number, size))
    return folder


@pytest.mark.parametrize("size", [(40, 60), (900, 1200)])
def test_equal_names_and_sizes_are_two_patients(tmp_path: Path, size: tuple[int, int]) -> None:
    first, second = (
        info_of(bitmaps(tmp_path / "a", 50, size)),
        info_of(bitmaps(tmp_path / "b", 90, size)),
    )
    assert first.fingerprint != second.fingerprint
    assert first.legacy_fingerprint == second.legacy_fingerprint
    assert set(stamps_of(tmp_path / "a")).isdisjoint(stamps_of(tmp_path / "b"))


def test_a_line_in_the_middle_of_a_large_bitmap_is_seen(tmp_path: Path) -> None:
    image = grey(0, (1080, 1920))
    save(tmp_path / "a.bmp", image)
    image[500:540] = 200
    save(tmp_path / "b.bmp", image)
    assert (
        (tmp_path / "a.bmp").stat().st_size
        == (tmp_path / "b.bmp").stat().st_size
        > fingerprint.WHOLE
    )
    assert info_of(tmp_path / "a.bmp").fingerprint != info_of(tmp_path / "b.bmp").fingerprint


def test_collected_cases_are_two_identities(shared_cases: Path) -> None:
    first, second = (
        info_of(shared_cases / "bmp_procedure_A"),
        info_of(shared_cases / "bmp_procedure_B"),
    )
    assert first.fingerprint != second.fingerprint
    assert first.legacy_fingerprint == second.legacy_fingerprint


def test_an_image_added_in_front_keeps_every_stamp(shared_cases: Path, tmp_path: Path) -> None:
    with_front = stamps_of(shared_cases / "stills_one_added_in_front")
    without = tmp_path / "before"
    shutil.copytree(shared_cases / "stills_one_added_in_front", without)
    (without / "s_000.jpg").unlink()
    assert stamps_of(without) == with_front[1:]
    assert len(set(with_front)) == 13


def test_names_are_no_part_of_the_identity_but_their_order_is(tmp_path: Path) -> None:
    first = info_of(bitmaps(tmp_path / "a", 50))
    for number in range(4):
        (tmp_path / "a" / f"frame_{number}.bmp").rename(
            tmp_path / "a" / f"renamed {number + 8}.bmp"
        )
    renamed = info_of((tmp_path / "a").rename(tmp_path / "z"))
    assert renamed.fingerprint == first.fingerprint
    assert renamed.legacy_fingerprint != first.legacy_fingerprint
    (tmp_path / "z" / "renamed 8.bmp").rename(tmp_path / "z" / "renamed 99.bmp")
    assert info_of(tmp_path / "z").fingerprint != first.fingerprint


def test_copies_of_an_image_have_stamps_of_their_own(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png", grey(7))
    stamps = stamps_of(tmp_path)
    assert len(set(stamps)) == 3
    assert all(0 < stamp < 1 << 63 for stamp in stamps)
    assert stamps_of(tmp_path) == stamps


def test_an_image_rewritten_with_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    path = save(tmp_path / "a.bmp", grey(10))
    state = path.stat()
    first = info_of(tmp_path).fingerprint
    save(path, grey(200))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert info_of(tmp_path).fingerprint != first


def test_opening_many_images_reports_and_stops(tmp_path: Path) -> None:
    data = cv2.imencode(".png", grey(5))[1].tobytes()
    for number in range(600):
        (tmp_path / f"{number}.png").write_bytes(data)
    shares: list[float] = []
    with open_source(tmp_path, progress=shares.append) as source:
        assert source.info.frame_count == 600
    assert shares == sorted(shares)
    assert len(shares) >= 3
    assert shares[-1] == 1.0
    with pytest.raises(OpeningStopped):
        open_source(tmp_path, should_stop=lambda: True)


def test_folders_inside_are_offered(tmp_path: Path) -> None:
    for name in ("patient 10/left", "patient 2", "empty", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
    for folder in ("patient 10/left", "patient 2", ".hidden"):
        save(tmp_path / folder / "a.png", grey(5))
    with pytest.raises(NestedFolders, match=r"patient 2, patient 10.left") as caught:
        open_source(tmp_path)
    assert caught.value.folders == (tmp_path / "patient 2", tmp_path / "patient 10" / "left")
    save(tmp_path / "own.png", grey(9))
    with open_source(tmp_path) as source:
        assert source.info.frame_count == 1
        assert source.info.notes == ("Images in folders inside are not shown: patient 2.",)


def test_the_hash_of_a_large_still_reads_its_edges_and_samples(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(0, 256, 3 << 20, dtype=np.uint8)
    path = tmp_path / "large.tif"
    hashes = set()
    for place in (0, 1 << 15, len(data) - 1, None):
        changed = data.copy()
        if place is not None:
            changed[place] ^= 1
        path.write_bytes(changed.tobytes())
        with path.open("rb") as file:
            hashes.add(fingerprint.of_image(file, len(data)))
    assert len(hashes) == 4


def test_thousands_of_equal_images_are_numbered_by_one_hash_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recorder that saw nothing leaves thousands of the same black image."""
    contents = [bytes([number % 2]) * fingerprint.DIGEST_BYTES for number in range(4000)]
    hashed: list[bytes] = []

    def noted(data: bytes, *, digest_size: int) -> hashlib.blake2b:
        hashed.append(data)
        return hashlib.blake2b(data, digest_size=digest_size)

    monkeypatch.setattr(fingerprint, "hashlib", SimpleNamespace(blake2b=noted))
    stamps = fingerprint.stamps_of(contents)
    assert len(set(stamps)) == len(hashed) + 2 == len(contents)
    third = hashlib.blake2b(contents[1] + b" copy 2", digest_size=20).digest()
    assert stamps[5] == int.from_bytes(third[:8], "big") % 2**63  # labels lie under such numbers
