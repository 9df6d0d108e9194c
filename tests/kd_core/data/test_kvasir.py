"""Data sets as downloaded, their official splits with odd names, and the application's label
export.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from kd_core.__main__ import main
from kd_core.data.folders import check_classes, read_samples
from kd_core.data.official_split import read_official_split
from kd_core.data.splits import read_split, write_split
from kd_core.schema.errors import DataError
from kd_core.schema.taxonomy import KVASIR_V2

HYPER = {
    "lower-gi-tract/anatomical-landmarks/cecum": ("a1", "a2", "a3"),
    "lower-gi-tract/pathological-findings/polyps": ("b1", "b2", "b3"),
    "upper-gi-tract/pathological-findings/esophagitis-a": ("c1", "c2"),
    "upper-gi-tract/anatomical-landmarks/z-line": ("d1", "d2"),
}
#: The official split files' spellings of the classes above.
ODD = {
    "cecum": "normal-cecum",
    "polyps": "polyp",
    "esophagitis-a": "oesophagitis-a",
    "z-line": "normal-z-line",
}


@pytest.fixture
def hyper(tmp_path: Path) -> Path:
    """A Hyper-KVASIR of ten empty files; names are all that reading a data set looks at."""
    root = tmp_path / "hyper" / "labeled-images"
    lines = ["Video file,Organ,Finding,Classification"]
    for folder, stems in HYPER.items():
        (root / folder).mkdir(parents=True)
        for stem in stems:
            (root / folder / f"{stem}.jpg").touch()
            lines.append(f"{stem},Lower GI,{folder.split('/')[-1]},{folder.split('/')[1]}")
    (root / "image-labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "hyper"


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A 2-fold split of it: the first image of each class is fold 0, the others fold 1."""
    path = tmp_path / "2_fold_split.csv"
    lines = ["file-name;class-name;split-index"]
    for folder, stems in HYPER.items():
        name = folder.split("/")[-1]
        lines += [
            f"{stem}.jpg;{ODD[name]};{0 if place == 0 else 1}" for place, stem in enumerate(stems)
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_hyper_kvasir_is_read_as_downloaded(hyper: Path) -> None:
    samples = read_samples(hyper)
    assert Counter(sample.label for sample in samples) == {
        "cecum": 3,
        "polyps": 3,
        "esophagitis-a": 2,
        "z-line": 2,
    }
    assert len({sample.group for sample in samples}) == 10
    assert samples == read_samples(hyper / "labeled-images")


def test_list_and_folders_of_hyper_kvasir_must_agree(hyper: Path) -> None:
    root = hyper / "labeled-images"
    (root / "lower-gi-tract/anatomical-landmarks/cecum/a2.jpg").unlink()
    with pytest.raises(
        DataError,
        match=r"1 of the images listed in .*image-labels\.csv are missing; the first is a2",
    ):
        read_samples(hyper)
    (root / "lower-gi-tract/pathological-findings/polyps/a2.jpg").touch()
    with pytest.raises(
        DataError, match=r"1 of the images .* lie in the folder of another class .* the first is a2"
    ):
        read_samples(hyper)
    (root / "lower-gi-tract/pathological-findings/polyps/a2.jpg").rename(
        root / "lower-gi-tract/anatomical-landmarks/cecum/a2.jpg"
    )
    (root / "lower-gi-tract/anatomical-landmarks/cecum/new.jpg").touch()
    with pytest.raises(
        DataError,
        match=r"1 of the images in .* are not listed in image-labels\.csv; the first is new",
    ):
        read_samples(hyper)
    (root / "image-labels.csv").write_text("name;label\n", encoding="utf-8")
    with pytest.raises(DataError, match="lacks the columns Video file and Finding, or has no rows"):
        read_samples(hyper)


def test_kvasir_v2_is_found_inside_its_archive(tmp_path: Path) -> None:
    for name in KVASIR_V2:
        folder = tmp_path / "kvasir-dataset-v2" / name
        folder.mkdir(parents=True)
        (folder / "1.jpg").touch()
    labels = [sample.label for sample in read_samples(tmp_path)]
    assert len(labels) == 8
    assert {"cecum", "pylorus", "z-line", "polyps", "dyed-lifted-polyps"} <= set(labels)
    (tmp_path / "kvasir-dataset-v2" / "polyps" / "1.jpg").unlink()
    (tmp_path / "kvasir-dataset-v2" / "polyps").rmdir()
    with pytest.raises(DataError, match="lacks the class folder polyps of KVASIR-V2"):
        read_samples(tmp_path)


def test_two_folders_of_one_class_and_empty_folders_are_refused(tmp_path: Path) -> None:
    for name in ("polyps", "polyp", "cecum"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").touch()
    with pytest.raises(
        DataError,
        match=r"The folders 'polyp' and 'polyps' of .* are the same class under two names",
    ):
        read_samples(tmp_path)
    (tmp_path / "polyp" / "1.jpg").unlink()
    (tmp_path / "polyp").rmdir()
    assert len(read_samples(tmp_path)) == 2


def test_classes_that_no_split_can_part_are_told(tmp_path: Path) -> None:
    for name, count in (("cecum", 3), ("polyps", 1), ("ileum", 0)):
        (tmp_path / name).mkdir()
        for number in range(count):
            (tmp_path / name / f"{number}.jpg").touch()
    samples = read_samples(tmp_path)
    assert check_classes(samples, ("cecum", "polyps"), tmp_path) == [
        "The class 'polyps' has one image: it cannot be both trained on and tested.",
        "The class folder 'ileum' holds no image.",
    ]
    one_group = [type(sample)(sample.path, sample.label, "g") for sample in samples]
    told = check_classes(one_group, ("cecum",))
    assert told == [
        "All 3 images of the class 'cecum' are of one group: it cannot be both trained on and"
        " tested."
    ]
    with pytest.raises(DataError, match="The data set has no image of ileum"):
        check_classes(samples, ("cecum", "ileum"), tmp_path)


def test_the_label_export_keeps_a_procedure_together(tmp_path: Path) -> None:
    rows = [
        "file,label,procedure,time_seconds,reader",
        "frames/1.png,polyps,p7,12.5,anna",
        "frames/2.png,cecum,p7,90,anna",
    ]
    rows.append("3.png,cecum,p8,1,")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    samples = read_samples(tmp_path / "labels.csv")
    assert [(sample.label, sample.group) for sample in samples] == [
        ("polyps", "p7"),
        ("cecum", "p7"),
        ("cecum", "p8"),
    ]
    assert samples[0].path == str(tmp_path / "frames" / "1.png")


def test_an_official_fold_becomes_the_test_part(hyper: Path, official: Path) -> None:
    samples = read_samples(hyper)
    split = read_official_split(official, samples, 0, val=0.5)
    parts = {
        part: sorted(Path(sample.path).stem for sample in split.part(samples, part))
        for part in ("train", "val", "test")
    }
    assert parts["test"] == ["a1", "b1", "c1", "d1"]
    assert sorted(parts["train"] + parts["val"]) == ["a2", "a3", "b2", "b3", "c2", "d2"]
    assert parts["val"]
    assert split == read_official_split(official, samples, 0, val=0.5)
    assert {Path(s.path).stem for s in split.part(samples, "test")}.isdisjoint(parts["train"])


def test_a_group_that_straddles_the_fold_is_refused_or_left_out(
    hyper: Path, official: Path
) -> None:
    samples = read_samples(hyper)
    a1, a2 = samples[0], samples[1]
    tied = [type(a1)(s.path, s.label, "twins") if s in (a1, a2) else s for s in samples]
    with pytest.raises(
        DataError,
        match="1 groups of near-copies lie both inside and outside fold 0; the first is twins",
    ):
        read_official_split(official, tied, 0)
    split = read_official_split(official, tied, 0, drop_straddling=True)
    # The test fold stays whole; of the group, only what lies outside it is given up.
    assert sorted(Path(s.path).stem for s in split.part(tied, "test")) == ["a1", "b1", "c1", "d1"]
    assert [Path(s.path).stem for s in split.part(tied, "unused")] == ["a2"]
    used = [Path(s.path).stem for part in ("train", "val") for s in split.part(tied, part)]
    assert sorted(used) == ["a3", "b2", "b3", "c2", "d2"]
    write_split(official.with_name("s.json"), split)
    assert read_split(official.with_name("s.json")) == split


def test_official_splits_of_something_else_are_refused(hyper: Path, official: Path) -> None:
    samples = read_samples(hyper)
    with pytest.raises(DataError, match="has no fold 7"):
        read_official_split(official, samples, 7)
    make = type(samples[0])
    with pytest.raises(DataError, match=r"1 images have no row in .* the first is new"):
        read_official_split(official, [*samples, make("new.jpg", "cecum", "g")], 0)
    with pytest.raises(DataError, match=r"1 images of .* are missing; the first is a1"):
        read_official_split(official, samples[1:], 0)
    swapped = [
        make(s.path, "polyps" if s.path.endswith("a1.jpg") else s.label, s.group) for s in samples
    ]
    with pytest.raises(DataError, match=r"have another class than .* says"):
        read_official_split(official, swapped, 0)
    with pytest.raises(DataError, match="cannot be read"):
        read_official_split(official.with_name("none.csv"), samples, 0)
    official.write_text("file-name,class-name\nx,y\n", encoding="utf-8")
    with pytest.raises(DataError, match="lacks the columns"):
        read_official_split(official, samples, 0)


def test_a_split_with_an_unknown_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(
        '{"seed": 0, "shares": {}, "groups": {"1": "train", "2": "tset"}}', encoding="utf-8"
    )
    with pytest.raises(DataError, match="has a part 'tset'"):
        read_split(tmp_path / "s.json")


def test_the_split_command_reads_official_files(
    hyper: Path, official: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "split",
        "--data",
        str(hyper),
        "--out",
        str(tmp_path / "s.json"),
        "--classes",
        "cecum,polyps",
    ]
    assert main([*words, "--official", str(official), "--fold", "1", "--val", "0"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "train: 2 images: cecum 1, polyps 1",
        "val: 0 images: ",
        "test: 4 images: cecum 2, polyps 2",
        "left out: 2 esophagitis-a, 2 z-line",
    ]
    assert main([*words, "--official", str(official), "--fold", "9"]) == 2
    assert "has no fold 9. Choose one of 0, 1 with --fold." in capsys.readouterr().err


def test_the_real_folds_and_their_straddling_groups(shared_data: Path, tmp_path: Path) -> None:
    manifest = shared_data / "hyperkvasir-lower-gi" / "manifest.csv"
    with manifest.open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    names = {"cecum": "normal-cecum", "polyps": "polyp", "hemorrhoids": "hemorroids"}
    lines = [
        f"{Path(row['file']).name};{names.get(row['label'], row['label'])};{row['official_2fold']}"
        for row in rows
    ]
    official = tmp_path / "2_fold_split.csv"
    official.write_text("file-name;class-name;split-index\n" + "\n".join(lines), encoding="utf-8")
    sides = defaultdict(set)
    for row in rows:
        sides[row["group"]].add(row["official_2fold"])
    straddling = sum(len(found) > 1 for found in sides.values())
    assert straddling > 40  # 45 groups; the data set's README counts pairs

    samples = read_samples(manifest)
    with pytest.raises(
        DataError, match=f"{straddling} groups of near-copies lie both inside and outside fold 0"
    ):
        read_official_split(official, samples, 0)
    split = read_official_split(official, samples, 0, drop_straddling=True)
    tested = {row["file"] for row in rows if row["official_2fold"] == "0"}
    assert {
        str(Path(s.path).relative_to(manifest.parent)) for s in split.part(samples, "test")
    } == tested
    groups = {
        part: {s.group for s in split.part(samples, part)} for part in ("train", "val", "test")
    }
    assert groups["test"].isdisjoint(groups["train"] | groups["val"])
    assert groups["val"].isdisjoint(groups["train"])
    by_hand = sum(row["official_2fold"] == "1" and "0" in sides[row["group"]] for row in rows)
    assert len(split.part(samples, "unused")) == by_hand > 0
