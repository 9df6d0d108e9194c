"""Labels, folders, manifests, stills and splits: what is read, what is refused and in which
words.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.data.folders import read_samples, relabel
from kd_core.data.image_files import load_crops, read_rgb
from kd_core.data.splits import PARTS, make_split, read_split, write_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import KVASIR_V2, LOWER_GI, require, resolve


@pytest.mark.parametrize(
    ("label", "classes", "expected"),
    [
        ("polyps", LOWER_GI, "polyps"),
        ("polyp", LOWER_GI, "polyps"),
        ("normal-cecum", LOWER_GI, "cecum"),
        ("cecum", KVASIR_V2, "normal-cecum"),
        ("ulcerative-colitis-grade-2", LOWER_GI, "ulcerative-colitis"),
        ("ulcerative-colitis-0-1", LOWER_GI, "ulcerative-colitis"),
        ("oesophagitis-b-d", KVASIR_V2, "esophagitis"),
        (
            "ulcerative-colitis-grade-2",
            ("ulcerative-colitis-grade-2", "ulcerative-colitis"),
            "ulcerative-colitis-grade-2",
        ),
        ("hemorrhoids", LOWER_GI, None),
    ],
)
def test_labels_find_the_models_name(
    label: str, classes: tuple[str, ...], expected: str | None
) -> None:
    assert resolve(label, classes) == expected


def test_an_unknown_label_is_named_with_the_near_and_the_known_ones() -> None:
    with pytest.raises(
        DataError,
        match=r"'poylps' is not known here; known are bbps-0-1, .*Did you mean 'polyps'\?",
    ):
        require("poylps", LOWER_GI)
    with pytest.raises(DataError) as caught:
        require("hemorrhoids", LOWER_GI)
    # Its other spelling is just as unknown to this model
    assert "Did you mean" not in str(caught.value)


def test_class_folders_are_read_in_order_and_other_files_ignored(tmp_path: Path) -> None:
    for name in (
        "polyps/b.JPG",
        "polyps/a.png",
        "polyps/notes.txt",
        ".hidden/c.png",
        "cecum/d.tif",
        "loose.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    samples = read_samples(tmp_path)
    assert [(Path(s.path).name, s.label) for s in samples] == [
        ("d.tif", "cecum"),
        ("a.png", "polyps"),
        ("b.JPG", "polyps"),
    ]
    assert len({s.group for s in samples}) == 3


def test_a_manifest_gives_groups_masks_and_merged_labels(tmp_path: Path) -> None:
    text = (
        "\ufefffile,label,group,mask\nä"
        " b/1.jpg,polyp,7,m/1.png\n2.jpg,ulcerative-colitis-grade-1,,\n3.jpg,hemorrhoids,8,\n"
    )
    (tmp_path / "manifest.csv").write_text(text, encoding="utf-8")
    samples = read_samples(tmp_path)
    assert samples == read_samples(tmp_path / "manifest.csv")
    assert samples[0] == Sample(
        str(tmp_path / "ä b/1.jpg"), "polyp", "7", str(tmp_path / "m/1.png")
    )
    assert (samples[1].group, samples[1].mask) == ("2.jpg", "")
    with pytest.raises(DataError, match="'hemorrhoids' is not known"):
        relabel(samples, LOWER_GI, ignore_unknown=False)
    kept, ignored = relabel(samples, LOWER_GI, ignore_unknown=True)
    assert [s.label for s in kept] == ["polyps", "ulcerative-colitis"]
    assert ignored == Counter(hemorrhoids=1)
    with pytest.raises(DataError, match="No image has a class"):
        relabel(samples[2:], LOWER_GI, ignore_unknown=True)


@pytest.mark.parametrize("content", [b"", b"file,kind\na,b\n", b"file,label\n", b"\xff\xfe\x00"])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(DataError, match="manifest"):
        read_samples(tmp_path)


def test_places_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no images"):
        read_samples(tmp_path)
    with pytest.raises(DataError, match="no data set at"):
        read_samples(tmp_path / "nowhere")


def test_stills_of_every_kind_become_rgb(tmp_path: Path) -> None:
    red = np.zeros((20, 30, 3), np.uint8)
    red[:, :, 2] = 200  # BGR
    kinds = {
        "rgb.png": red,
        "sixteen.png": red.astype(np.uint16) * 257,
        "grey.png": red[:, :, 2],
        "alpha ü 🙂.png": np.dstack([red, np.full((20, 30), 9, np.uint8)]),
    }
    for name, image in kinds.items():
        (tmp_path / name).write_bytes(cv2.imencode(".png", image)[1].tobytes())
        read = read_rgb(tmp_path / name)
        assert read.shape == (20, 30, 3)
        assert read.dtype == np.uint8
        assert read[5, 5].tolist() == ([200, 200, 200] if name == "grey.png" else [200, 0, 0])


def test_broken_stills_are_named_and_too_many_refused(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(
        cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()
    )
    (tmp_path / "bad.png").write_bytes(b"no image")
    (tmp_path / "empty.png").touch()
    for name in ("bad.png", "empty.png"):
        with pytest.raises(DataError, match=name):
            read_rgb(tmp_path / name)
    good, bad = (Sample(str(tmp_path / name), "polyps", "1") for name in ("good.png", "bad.png"))
    crops, kept, broken = load_crops([*[good] * 199, bad])
    assert len(crops) == len(kept) == 199
    assert broken == ["bad.png"]
    with pytest.raises(DataError, match=r"1 of 10 images cannot be read: bad\.png"):
        load_crops([*[good] * 9, bad])


samples_strategy = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 12)), min_size=1, max_size=80
).map(
    lambda pairs: [
        Sample(str(i), label, f"{label}{group}") for i, (label, group) in enumerate(pairs)
    ]
)


@given(samples_strategy, st.integers(0, 5), st.sampled_from([(0.15, 0.2), (0.0, 0.5), (0.3, 0.0)]))
def test_splits_never_part_a_group_and_lose_nothing(
    samples: list[Sample], seed: int, shares: tuple[float, float]
) -> None:
    split = make_split(samples, val=shares[0], test=shares[1], seed=seed)
    assert split == make_split(list(reversed(samples)), val=shares[0], test=shares[1], seed=seed)
    parts = {name: split.part(samples, name) for name in PARTS}
    assert sum(len(part) for part in parts.values()) == len(samples)
    groups = [{s.group for s in part} for part in parts.values()]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]


def test_splits_are_stratified_and_depend_on_the_seed() -> None:
    samples = [
        Sample(f"{label}{i}", label, f"{label}{i}")
        for label, count in (("a", 200), ("b", 40))
        for i in range(count)
    ]
    split = make_split(samples, val=0.15, test=0.2, seed=1)
    for name, share in (("train", 0.65), ("val", 0.15), ("test", 0.2)):
        counts = Counter(s.label for s in split.part(samples, name))
        assert counts == {"a": round(200 * share), "b": round(40 * share)}
    assert split.groups != make_split(samples, val=0.15, test=0.2, seed=2).groups


def test_a_split_survives_its_file_and_refuses_other_data(tmp_path: Path) -> None:
    samples = [Sample(str(i), "a", str(i)) for i in range(10)]
    split = make_split(samples, val=0.2, test=0.2, seed=0, source="here")
    write_split(tmp_path / "split.json", split)
    assert read_split(tmp_path / "split.json") == split
    with pytest.raises(DataError, match="1 images belong to groups"):
        split.part([Sample("x", "a", "other")], "test")
    (tmp_path / "none.json").write_text("{}")
    for name in ("none.json", "missing.json"):
        with pytest.raises(DataError, match="cannot be read"):
            read_split(tmp_path / name)
    with pytest.raises(DataError, match="shares"):
        make_split(samples, val=0.5, test=0.5, seed=0)
