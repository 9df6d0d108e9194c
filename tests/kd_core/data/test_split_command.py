"""`kd-core split` on downloads in miniature and on the data set: classes of the data, paths that
travel, near-copies in one part, and what is left out said.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.data.folders import read_samples
from kd_core.data.near_duplicates import fingerprints, near_pairs
from kd_core.data.parted import read_parted
from kd_core.data.splits import PARTS, Split, read_split, write_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import KVASIR_V2, LOWER_GI
from tests.places import SHIPPED_MODELS

Scene = Callable[..., NDArray[np.uint8]]
SPLIT = SHIPPED_MODELS / "split.json"
#: Class folders of Hyper-KVASIR by where they lie, all 23.
HYPER = {
    "lower-gi-tract/anatomical-landmarks": ("cecum", "ileum", "retroflex-rectum"),
    "lower-gi-tract/pathological-findings": (
        "hemorrhoids",
        "polyps",
        *(f"ulcerative-colitis-grade-{grade}" for grade in ("0-1", "1", "1-2", "2", "2-3", "3")),
    ),
    "lower-gi-tract/quality-of-mucosal-views": ("bbps-0-1", "bbps-2-3", "impacted-stool"),
    "lower-gi-tract/therapeutic-interventions": ("dyed-lifted-polyps", "dyed-resection-margins"),
    "upper-gi-tract/anatomical-landmarks": ("pylorus", "retroflex-stomach", "z-line"),
    "upper-gi-tract/pathological-findings": (
        "barretts",
        "barretts-short-segment",
        "esophagitis-a",
        "esophagitis-b-d",
    ),
}


def hyper_kvasir(root: Path, images: int) -> Path:
    lines = ["Video file,Organ,Finding,Classification"]
    for place, names in HYPER.items():
        for name in names:
            folder = root / "labeled-images" / place / name
            folder.mkdir(parents=True)
            for number in range(images):
                (folder / f"{name}-{number}.jpg").touch()
                lines.append(f"{name}-{number},,{name},")
    (root / "labeled-images" / "image-labels.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


def kvasir_v2(root: Path, images: int) -> Path:
    for name in KVASIR_V2:
        (root / "kvasir-dataset-v2" / name).mkdir(parents=True)
        for number in range(images):
            (root / "kvasir-dataset-v2" / name / f"{number}.jpg").touch()
    return root


@pytest.mark.parametrize(("make", "count"), [(hyper_kvasir, 23), (kvasir_v2, 8)])
def test_all_classes_of_a_download_are_kept_and_the_split_travels(
    tmp_path: Path,
    make: Callable[[Path, int], Path],
    count: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, file = make(tmp_path / "here", 6), tmp_path / "split.json"
    assert main(["split", "--data", str(data), "--out", str(file), "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert "left out" not in said
    split = read_split(file)
    assert len(split.classes) == count
    assert split.seed == 7
    assert split.other_classes == {}
    assert str(tmp_path) not in file.read_text(encoding="utf-8")
    # The copy lies elsewhere; every command reads its classes and parts from the file.
    moved = tmp_path / "elsewhere"
    shutil.move(data, moved)
    parted = read_parted(moved, None, file)
    assert parted.classes == split.classes
    for part in PARTS:
        assert {sample.label for sample in parted.part(part)} == set(split.classes)
    assert sum(len(parted.part(part)) for part in PARTS) == 6 * count


def test_what_is_left_out_is_counted_where_it_is_said_and_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = kvasir_v2(tmp_path / "v2", 5), tmp_path / "split.json"
    words = ["split", "--data", str(data), "--out", str(file), "--classes", "polyps,cecum"]
    assert main([*words, "--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert told["classes"] == ["polyps", "cecum"]
    assert told["left_out"] == read_split(file).other_classes
    assert set(told["left_out"].values()) == {5}
    assert len(told["left_out"]) == 6
    # Later commands need no word about what the split leaves out ...
    parted = read_parted(data, None, file)
    assert (parted.classes, sum(parted.ignored.values())) == (("polyps", "cecum"), 30)
    # ... and refuse what it does not know of.
    (data / "kvasir-dataset-v2").rename(tmp_path / "classes")
    (tmp_path / "classes" / "new").mkdir()
    (tmp_path / "classes" / "new" / "1.jpg").touch()
    with pytest.raises(DataError, match="The class 'new' is not known here"):
        read_parted(tmp_path / "classes", None, file)


def test_a_class_that_cannot_be_parted_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = kvasir_v2(tmp_path / "v2", 3)
    for number in (1, 2):
        (data / "kvasir-dataset-v2" / "polyps" / f"{number}.jpg").unlink()
    assert main(["split", "--data", str(data), "--out", str(tmp_path / "split.json")]) == 0
    assert "The class 'polyps' has one image" in capsys.readouterr().err


def test_near_copies_stay_in_one_part_whatever_their_groups(
    tmp_path: Path, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    for label in ("polyps", "cecum"):
        (data / label).mkdir(parents=True)
        for number in range(8):
            seed = number if label == "polyps" else 100 + number
            image = scene(seed, 128, 128)
            for copy in range(3):
                # The same scene a little brighter: a file of its own, and no group to tell.
                shown = np.clip(image.astype(int) + 6 * copy, 0, 255).astype(np.uint8)
                cv2.imwrite(str(data / label / f"{number}-{copy}.png"), shown[:, :, ::-1])
    file = tmp_path / "split.json"
    words = ["split", "--data", str(data), "--out", str(file), "--seed", "3"]
    assert main([*words, "--join-near-copies"]) == 0
    assert "near-copies: 32 groups joined with another" in capsys.readouterr().out
    assert _straddling(read_parted(data, None, file).part) == 0
    # It is the option that does it.
    assert main(words) == 0
    assert _straddling(read_parted(data, None, file).part) > 0


def _straddling(part: Callable[[str], list[Sample]]) -> int:
    """Pairs of near-copies with one in another part."""
    samples = [(name, sample) for name in PARTS for sample in part(name)]
    parts = np.array([name for name, _ in samples])
    prints, kept, _ = fingerprints([sample for _, sample in samples])
    assert len(kept) == len(samples)
    return sum(int((parts[p.first] != parts[p.second]).sum()) for p in near_pairs(prints))


def test_splits_of_before_are_read(tmp_path: Path) -> None:
    """They name no classes, and the images of class folders by their place on the machine."""
    data = kvasir_v2(tmp_path / "v2", 3)
    samples = read_samples(data)
    old = tmp_path / "old.json"
    parts = dict(zip([s.path for s in samples], ["train", "val", "test"] * 8, strict=True))
    old.write_bytes(msgspec.json.encode({"seed": 1, "shares": {}, "groups": parts}))
    parted = read_parted(data, tuple(sorted({s.label for s in samples})), old)
    assert [len(parted.part(part)) for part in PARTS] == [8, 8, 8]
    with pytest.raises(DataError, match="is not known here; known are bbps-0-1"):
        read_parted(data, None, old)
    parted_by_name = Split(0, {}, {"a": "train"}, joined={"b": "a"})
    write_split(old, parted_by_name)
    assert [s.group for s in read_split(old).part([Sample("x", "y", "b")], "train")] == ["a"]


@pytest.mark.slow
def test_the_committed_split_is_remade_to_the_byte_and_parts_no_near_copies(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = shared_data / "hyperkvasir-lower-gi", tmp_path / "split.json"
    words = ["split", "--data", str(data), "--out", str(file), "--seed", "20261130"]
    words += ["--join-near-copies", "--classes", ",".join(LOWER_GI)]
    assert main([*words, "--source", "Hyper-KVASIR, lower GI, 2307 frames"]) == 0
    assert file.read_bytes() == SPLIT.read_bytes()
    assert "left out: 5 hemorrhoids" in capsys.readouterr().out
    parted = read_parted(data, None, SPLIT)
    assert [len(parted.part(part)) for part in PARTS] == [1496, 345, 461]
    assert _straddling(parted.part) == 0
