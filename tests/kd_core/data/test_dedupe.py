"""kd-core dedupe: groups, contradicting labels, a csv that is a data set; what cannot work is
refused.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.data.folders import read_samples
from kd_core.data.image_files import read_rgb
from kd_core.data.near_duplicates import fingerprint, fingerprints
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from tests.kd_core.data.test_near_duplicates import with_inset

Image = NDArray[np.uint8]
Scene = Callable[..., Image]


@pytest.fixture
def copies(tmp_path: Path, scene: Scene) -> Path:
    """10 scenes in two classes; scene 0 also as JPEG in the same class, scene 1 also with an
    inset, in the other class.
    """
    images = {f"{'polyps' if n % 2 else 'cecum'}/{n}.png": scene(n) for n in range(10)}
    images["cecum/again.jpg"] = scene(0)
    images["cecum/inset.png"] = with_inset(scene(1), (0, 200, 0))
    for name, image in images.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "data" / name), image[:, :, ::-1])
    return tmp_path / "data"


def test_the_command_names_groups_and_contradicting_labels(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dedupe", str(copies), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["images"], made["groups"], made["near_pairs"]) == (12, 10, 2)
    assert [sorted(g["files"]) for g in made["duplicates"]] == [
        ["cecum/0.png", "cecum/again.jpg"],
        ["cecum/inset.png", "polyps/1.png"],
    ]
    assert made["label_contradictions"]["pairs"] == 1
    assert made["label_contradictions"]["most_alike"][0]["labels"] == ["cecum", "polyps"]
    assert main(["dedupe", str(copies)]) == 0
    said = capsys.readouterr().out
    assert "cecum/again.jpg" in said
    assert "12 images, 10 groups; 2 groups of more than one hold 4 images" in said
    assert "1 pairs of near-copies have labels that disagree" in said
    assert "cecum/2.png" not in said


@pytest.mark.parametrize("place", ["data/groups.csv", "elsewhere/groups.csv"])
def test_the_csv_is_a_data_set_with_groups(
    copies: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = copies.parent / place
    out.parent.mkdir(exist_ok=True)
    assert main(["dedupe", str(copies), "--out", str(out)]) == 0
    again = {Path(sample.path).name: sample for sample in read_samples(out)}
    assert sorted(sample.path for sample in again.values()) == sorted(
        sample.path for sample in read_samples(copies)
    )
    assert again["again.jpg"].group == again["0.png"].group == "cecum/0.png"
    assert again["inset.png"].group == again["1.png"].group == "cecum/inset.png"
    assert len({sample.group for sample in again.values()}) == 10
    capsys.readouterr()
    assert main(["dedupe", str(out), "--against-groups", "--json"]) == 0
    against = json.loads(capsys.readouterr().out)["against_groups"]
    assert (against["precision"], against["recall"], against["apart"]["pairs"]) == (1.0, 1.0, 0)


def test_given_groups_are_compared_pair_by_pair(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given: 0 with its copy, and 2 with 4, which do not look alike.

    Found besides: 1 with its inset. One pair in common.
    """
    given = {"cecum/0.png": "a", "cecum/again.jpg": "a", "cecum/2.png": "b", "cecum/4.png": "b"}
    with (copies / "manifest.csv").open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["file", "label", "group"])
        for file in sorted(copies.rglob("*.*g"), reverse=True):
            name = file.relative_to(copies).as_posix()
            rows.writerow([name, name.split("/")[0], given.get(name, name)])
    assert main(["dedupe", str(copies), "--against-groups"]) == 0
    said = capsys.readouterr().out
    assert "pairwise precision 0.500, recall 0.500" in said
    assert "pairs in one group: 2 here, 2 there, 1 in both" in said
    assert "1 pairs of near-copies are in different groups there" in said


def test_the_order_of_the_files_changes_nothing_and_masks_are_kept(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(file.relative_to(copies).as_posix() for file in copies.rglob("*.*g"))
    said, written = set(), set()
    for order in (names, names[::-1], names[5:] + names[:5]):
        rows = [
            f"{name},{name.split('/')[0]},{'masks/1.png' if name == 'polyps/1.png' else ''}"
            for name in order
        ]
        (copies / "list.csv").write_text("\n".join(["file,label,mask", *rows]))
        assert (
            main(
                ["dedupe", str(copies / "list.csv"), "--json", "--out", str(copies / "groups.csv")]
            )
            == 0
        )
        said.add(capsys.readouterr().out)
        written.add((copies / "groups.csv").read_text())
    assert len(said) == len(written) == 1
    assert "polyps/1.png,polyps,cecum/inset.png,masks/1.png\n" in written.pop()


def test_an_unreadable_image_is_named_and_left_out_of_the_csv(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One in 101 rows is damaged; the others are the 12 images over and over, under other
    names.
    """
    images = sorted(copies.rglob("*.*g"))
    (copies / "damaged.png").write_bytes(b"no image")
    (copies / "many").mkdir()
    names = [f"many/{number}{images[number % len(images)].suffix}" for number in range(100)]
    for number, name in enumerate(names):
        shutil.copy(images[number % len(images)], copies / name)
    rows = [f"{name},polyps" for name in ["damaged.png", *names]]
    (copies / "list.csv").write_text("\n".join(["file,label", *rows]))
    assert (
        main(["dedupe", str(copies / "list.csv"), "--json", "--out", str(copies / "groups.csv")])
        == 0
    )
    streams = capsys.readouterr()
    assert json.loads(streams.out)["unreadable"] == ["damaged.png"]
    assert "damaged.png cannot be read and is left out" in streams.err
    assert len(read_samples(copies / "groups.csv")) == 100


def test_what_cannot_work_is_refused_before_the_work(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dedupe", str(copies), "--against-groups"]) == 2
    assert "no groups of its own" in capsys.readouterr().err
    assert main(["dedupe", str(copies), "--out", str(copies / "nowhere" / "groups.csv")]) == 2
    assert "its folder is missing" in capsys.readouterr().err
    (copies / "manifest.csv").write_text("file,label\ncecum/0.png,cecum\n")
    assert main(["dedupe", str(copies), "--out", str(copies / "manifest.csv")]) == 2
    assert "the manifest that is being read" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["dedupe", str(copies), "--threshold", "0.2"])


def test_one_image_in_a_hundred_may_be_unreadable_and_two_may_not(
    tmp_path: Path, scene: Scene
) -> None:
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"{number}.png"), scene(number, 64, 64))
    damaged = [
        Sample(str(tmp_path / f"damaged{number}.png"), "polyps", str(number)) for number in range(2)
    ]
    (tmp_path / "damaged0.png").write_bytes(b"no image")
    fine = [
        Sample(str(tmp_path / f"{number % 4}.png"), "polyps", str(number)) for number in range(99)
    ]
    seen: list[tuple[int, int]] = []
    prints, kept, broken = fingerprints(
        [damaged[0], *fine], lambda done, total: seen.append((done, total))
    )
    assert (len(prints), kept, broken) == (99, fine, [damaged[0].path])
    assert seen == [(done, 100) for done in range(1, 101)]
    assert float(prints[0] @ fingerprint(read_rgb(tmp_path / "0.png"))) == pytest.approx(
        1.0, abs=1e-5
    )
    with pytest.raises(
        DataError, match=r"2 of 100 images cannot be read: damaged0\.png, damaged1\.png"
    ):
        fingerprints([*damaged, *fine[:98]])
