"""Near-copies are found whatever their encoding, size, light, inset and border; other images
are left apart.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.data import near_duplicates
from kd_core.data.folders import read_samples
from kd_core.data.image_files import read_rgb
from kd_core.data.near_duplicates import (
    Differing,
    Pairs,
    UnionFind,
    agreement,
    fingerprint,
    group,
    near_pairs,
)

Image = NDArray[np.uint8]
Scene = Callable[..., Image]


def jpeg(image: Image, quality: int = 50) -> Image:
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def with_inset(image: Image, colour: tuple[int, int, int]) -> Image:
    made = image.copy()
    made[int(0.68 * len(made)) :, : int(0.33 * made.shape[1])] = colour
    return made


def with_text(image: Image) -> Image:
    made = image.copy()
    for row in range(3):
        cv2.putText(made, "12:34", (4, 60 + 20 * row), cv2.FONT_HERSHEY_PLAIN, 0.9, (255, 255, 255))
    return made


VARIANTS: dict[str, Callable[[Image], Image]] = {
    "re-encoded": jpeg,
    "smaller": lambda p: cv2.resize(p, (150, 120), interpolation=cv2.INTER_AREA).astype(np.uint8),
    "larger and wider": lambda p: cv2.resize(p, (900, 576), interpolation=cv2.INTER_CUBIC).astype(
        np.uint8
    ),
    "brighter": lambda p: np.minimum(p.astype(int) + 25, 255).astype(np.uint8),
    "darker": lambda p: (p * 0.7).astype(np.uint8),
    "green inset": lambda p: with_inset(p, (0, 200, 0)),
    "inset painted over": lambda p: with_inset(p, (0, 0, 0)),
    "text": with_text,
    "border": lambda p: cv2.copyMakeBorder(p, 30, 40, 90, 60, cv2.BORDER_CONSTANT).astype(np.uint8),
    "all": lambda p: jpeg(
        cv2.copyMakeBorder(
            with_inset(cv2.resize(p, (480, 400)), (0, 200, 0)), 30, 40, 90, 60, cv2.BORDER_CONSTANT
        )
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_changed_copy_joins_its_image_and_no_other(scene: Scene, name: str) -> None:
    images = [scene(seed) for seed in range(12)]
    prints = np.stack([fingerprint(p) for p in [*images, *(VARIANTS[name](p) for p in images)]])
    assert group(prints).tolist() == [*range(12), *range(12)]


def test_different_scenes_stay_apart(scene: Scene) -> None:
    prints = np.stack([fingerprint(scene(seed)) for seed in range(60)])
    assert group(prints).tolist() == list(range(60))


def test_a_bright_inset_beside_a_dark_left_side_changes_nothing(scene: Scene) -> None:
    """The green inset alone makes the left third of this image count as field of view: the
    crop would be another one.
    """
    image = scene(3)
    image[:, :100] = 5
    green, black = (fingerprint(with_inset(image, colour)) for colour in ((0, 220, 0), (0, 0, 0)))
    assert float(green @ black) > 0.95


def test_what_lies_under_inset_text_and_corners_counts_for_nothing(scene: Scene) -> None:
    """Two scenes that agree only in the hidden region are as different as before."""
    one, other = scene(1), scene(2)
    hidden = other.copy()
    hidden[:, :64], hidden[167:, :112] = one[:, :64], one[167:, :112]
    assert float(fingerprint(other) @ fingerprint(hidden)) > 0.95
    assert float(fingerprint(one) @ fingerprint(hidden)) < 0.5


def test_a_image_without_relief_resembles_none() -> None:
    noise = np.random.default_rng(0).integers(99, 102, (256, 320, 3)).astype(np.uint8)
    prints = np.stack(
        [fingerprint(p) for p in (np.zeros_like(noise), np.full_like(noise, 100), noise, noise)]
    )
    assert not prints.any()
    assert group(prints).tolist() == [0, 1, 2, 3]


def by_plain_loops(
    rows: list[list[float]], threshold: float
) -> tuple[set[tuple[int, int]], list[int]]:
    """Every pair one by one, then a walk from each image to all it can reach."""
    near = {
        (a, b)
        for a, b in combinations(range(len(rows)), 2)
        if sum(x * y for x, y in zip(rows[a], rows[b], strict=True)) >= threshold
    }
    roots = []
    for start in range(len(rows)):
        reached, edge = {start}, [start]
        while edge:
            here = edge.pop()
            for a, b in near:
                for there in {a, b} - reached if here in (a, b) else ():
                    reached.add(there)
                    edge.append(there)
        roots.append(min(reached))
    return near, roots


@pytest.mark.parametrize("block", [1, 7, 256])
def test_pairs_and_groups_are_those_of_plain_loops(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(near_duplicates, "BLOCK", block)
    prints = np.random.default_rng(4).normal(size=(50, 5)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    near, roots = by_plain_loops(prints.tolist(), 0.85)
    found = [
        pair
        for block in near_pairs(prints, 0.85)
        for pair in zip(block.first.tolist(), block.second.tolist(), strict=True)
    ]
    assert len(found) == len(set(found))
    assert set(found) == near
    assert group(prints, 0.85).tolist() == roots
    assert 5 < len(set(roots)) < 40


def test_the_order_of_the_images_does_not_matter() -> None:
    prints = np.random.default_rng(5).normal(size=(80, 5)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    order = np.random.default_rng(6).permutation(80)

    def together(groups: NDArray[np.int64], names: NDArray[np.int64]) -> set[frozenset[int]]:
        return {frozenset(names[groups == root].tolist()) for root in groups}

    assert together(group(prints, 0.85), np.arange(80)) == together(
        group(prints[order], 0.85), order
    )


def test_joining_runs_along_chains() -> None:
    joined = UnionFind(7)
    joined.join(np.array([4, 2]), np.array([5, 4]))
    joined.join(np.array([0, 1, 1]), np.array([5, 3, 3]))
    assert joined.groups().tolist() == [0, 1, 0, 1, 0, 0, 6]


def test_agreement_by_hand() -> None:
    """Ours joins ab, ac, bc, de; theirs ab, cd, ce, de; both ab and de."""
    made = agreement(np.array([0, 0, 0, 3, 3, 5]), ["x", "x", "y", "y", "y", "z"])
    assert made == (4, 4, 2)
    assert made.precision == made.recall == 0.5
    alone = agreement(np.arange(3), ["a", "b", "c"])
    assert alone.precision is None
    assert alone.recall is None


def test_pairs_that_differ_are_counted_and_the_most_alike_kept() -> None:
    differing = Differing(["p", "q", "p", "q"], keep=2)
    differing.add(
        Pairs(np.array([0, 0, 0]), np.array([1, 2, 3]), np.array([0.81, 0.99, 0.83], np.float32))
    )
    differing.add(Pairs(np.array([1, 2]), np.array([2, 3]), np.array([0.82, 0.80], np.float32)))
    assert differing.count == 4
    assert [(first, second) for first, second, _ in differing.most_alike()] == [(0, 3), (1, 2)]


def test_real_near_copies_are_found_and_other_classes_left_apart(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every given pair and a third of the single frames, with floors below what the command prints.

    No polyp looks like another class.
    """
    samples = read_samples(shared_data / "hyperkvasir-lower-gi")
    size = Counter(s.group for s in samples)
    with (tmp_path / "some.csv").open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["file", "label", "group"])
        rows.writerows(
            [s.path, s.label, s.group]
            for n, s in enumerate(samples)
            if size[s.group] > 1 or n % 3 == 0
        )
    assert main(["dedupe", str(tmp_path / "some.csv"), "--against-groups", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["against_groups"]["given"] == sum(n * (n - 1) // 2 for n in size.values())
    assert made["against_groups"]["recall"] > 0.97
    assert made["against_groups"]["precision"] > 0.80
    assert made["featureless"] == []
    assert not any(
        {"polyps", "cecum"} & set(pair["labels"])
        for pair in made["label_contradictions"]["most_alike"]
    )


def test_a_real_frame_as_recorded_joins_its_small_copy(shared_data: Path) -> None:
    """As recorded: 600 px and more, with border, text and often an inset; the copy: 256 px and
    encoded again.
    """
    folder = shared_data / "hyperkvasir-lower-gi"
    native = sorted((folder / "native").glob("*.jpg"))[::3]
    small = [
        folder / "images" / path.name.split("__")[0] / path.name.split("__")[2] for path in native
    ]
    groups = group(np.stack([fingerprint(read_rgb(path)) for path in [*native, *small]]))
    assert groups[: len(native)].tolist() == groups[len(native) :].tolist()
    assert len(set(groups.tolist())) >= 20
