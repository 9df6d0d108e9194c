"""The shortcut probe: it finds a cheat that was planted, finds none where there is none, and
its regression is the one it claims.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.evaluation import shortcut_views
from kd_core.evaluation.intervals import Interval
from kd_core.evaluation.shortcut_probe import Probe, Seen, fitted, probe, shuffled_labels
from kd_core.evaluation.shortcut_views import AFTER, GEOMETRY, MASKED_OUT, RIM, VIEWS, look
from kd_core.schema.errors import DataError
from kd_core.vision.blanking import visible_mask
from kd_core.vision.preprocess import INPUT_SIZE

Image = NDArray[np.uint8]
SIZE = 128
#: Every image of the synthetic data is 128x128, its class 0 or 1, half of them for training.
TRAIN, TEST = 80, 80


def tissue(seed: int) -> Image:
    """(SIZE, SIZE, 3) random texture in tissue colours, brighter than any border; it knows
    nothing of a class.
    """
    generator = np.random.default_rng(seed)
    coarse = generator.integers((150, 80, 60), (230, 140, 110), (7, 7, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (SIZE, SIZE)), np.uint8)


def with_inset(image: Image, colour: int) -> Image:
    """``image`` with a corner inset painted over the lower left, where recorders show the
    position.
    """
    made = image.copy()
    made[int(0.75 * SIZE) :, : int(0.25 * SIZE)] = (60, colour, 60)
    return made


def with_border(image: Image, width: int) -> Image:
    """``image`` shrunk to leave ``width`` px of black around it."""
    made = np.zeros_like(image)
    inside = SIZE - 2 * width
    made[width : SIZE - width, width : SIZE - width] = cv2.resize(image, (inside, inside))
    return made


def probes(draw: Callable[[int, int], Image], views: tuple[str, ...] = VIEWS) -> dict[str, Probe]:
    """``draw(number, label)`` makes an image; every view is probed on a hundred and sixty of
    them, one group each.
    """
    labels = np.random.default_rng(5).permutation(np.arange(TRAIN + TEST) % 2)
    rows = [look(draw(number, int(label))) for number, label in enumerate(labels)]
    groups = np.arange(TRAIN + TEST)
    made = {}
    for view in views:
        features = np.stack([row[view] for row in rows])
        train = Seen(features[:TRAIN], labels[:TRAIN], groups[:TRAIN])
        made[view] = probe(
            train, Seen(features[TRAIN:], labels[TRAIN:], groups[TRAIN:]), seed=1, resamples=200
        )
    return made


def test_a_class_told_by_the_inset_alone_is_read_before_preprocessing_and_not_after() -> None:
    made = probes(lambda number, label: with_inset(tissue(number), 220 if label else 90))
    assert made[MASKED_OUT].accuracy.value > 0.97
    assert made[MASKED_OUT].better
    assert made[GEOMETRY].better  # the brightness of the inset region is one of its numbers
    assert not made[AFTER].better
    assert not made[RIM].better
    assert made[RIM].accuracy.value == made[RIM].chance_accuracy
    assert made[RIM].gain == (0.0, 0.0, 0.0)
    # On labels dealt anew the same inset is worth nothing: what is read is the class, not an
    # accident of the model.
    assert made[MASKED_OUT].shuffled_accuracy == pytest.approx(0.5, abs=0.15)


def test_a_class_told_only_by_visible_tissue_is_not_read_by_any_probe() -> None:
    def draw(number: int, label: int) -> Image:
        made = tissue(number)
        # Well inside what the model may look at
        made[44:84, 60:100] = (230, 230, 40) if label else (60, 40, 230)
        return made

    made = probes(draw)
    assert not any(found.better for found in made.values()), {
        view: found.macro_f1.value for view, found in made.items()
    }


def test_a_border_whose_width_tells_the_class_is_found_by_the_geometry_probe() -> None:
    made = probes(
        lambda number, label: with_border(tissue(number), 16 if label else 6), (GEOMETRY, AFTER)
    )
    assert made[GEOMETRY].accuracy.value > 0.97
    assert made[GEOMETRY].better
    assert made[GEOMETRY].gain.low > 0.3
    assert not made[AFTER].better


def test_a_border_that_the_crop_leaves_in_view_is_found_by_the_rim_probe() -> None:
    """A black wedge on the right reaches into the ellipse without moving the crop. It is covered,
    and its cover tells: that a model does not read covers, only frames of other classes show.
    """

    def draw(number: int, label: int) -> Image:
        made = tissue(number)
        if label:
            made[56:72, 116:] = 0
        return made

    made = probes(draw, (AFTER, RIM))
    assert made[RIM].accuracy.value > 0.97
    assert made[RIM].better
    assert made[AFTER].better


def test_masked_out_features_hold_no_visible_pixel_and_every_blanked_one() -> None:
    generator = np.random.default_rng(0)
    crop = generator.integers(0, 256, (INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    visible = visible_mask(INPUT_SIZE) > 0
    other = crop.copy()
    other[visible] = 255 - other[visible]
    assert np.array_equal(shortcut_views.masked_out(crop), shortcut_views.masked_out(other))
    # By a plain loop: the mean of the blanked pixels of each cell of 14 x 14 that has any.
    wanted = []
    for top in range(0, INPUT_SIZE, 14):
        for left in range(0, INPUT_SIZE, 14):
            block = crop[top : top + 14, left : left + 14][
                ~visible[top : top + 14, left : left + 14]
            ]
            if len(block):
                wanted += list(block.astype(float).mean(axis=0))
    assert np.allclose(shortcut_views.masked_out(crop), wanted)


def test_after_preprocessing_a_dark_inset_and_a_green_one_are_the_same_cover() -> None:
    dark, green = (look(with_inset(tissue(1), colour))[AFTER] for colour in (90, 250))
    assert np.array_equal(dark[:-20], green[:-20])
    assert dark[:-20].max() == 1
    assert list(dark[-20:-12]) == [INPUT_SIZE, INPUT_SIZE, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_geometry_finds_the_border_that_was_drawn() -> None:
    numbers = look(with_border(tissue(3), 16))[GEOMETRY]
    assert list(numbers[:3]) == [SIZE, SIZE, 1.0]
    assert numbers[3:7] == pytest.approx([0.125, 0.125, 0.875, 0.875], abs=0.01)
    assert numbers[7] == pytest.approx(1.0, abs=0.02)
    wide = look(cv2.resize(tissue(3), (2 * SIZE, SIZE)).astype(np.uint8))[GEOMETRY]
    assert list(wide[:3]) == [2 * SIZE, SIZE, 2.0]


def test_the_rim_counts_dark_pixels_by_direction() -> None:
    crop = np.full((INPUT_SIZE, INPUT_SIZE, 3), 200, np.uint8)
    assert not shortcut_views.rim(crop).any()
    crop[:, INPUT_SIZE // 2 :] = 10
    shares = shortcut_views.rim(crop)
    # Sectors go round from the left by the upper side: 4 to 11 lie on the right.
    assert np.all(shares[4:12] == 1.0)
    assert not shares[:4].any()
    assert not shares[12:].any()


def test_the_regression_of_a_tiny_case_is_the_one_computed_by_hand() -> None:
    """x = -1, 1 with classes 0, 1: W = (-w, w) and b = 0 by symmetry, loss = ln(1 + exp(-2w)) + l2
    w^2.

    Its derivative is 0 where l2 w = s(-2w). For w = ln(3) / 2 that is s(-ln 3) = 1/4, so l2 = 1 /
    (2 ln 3), and p = 3/4.
    """
    model = fitted(np.array([[-1.0], [1.0]]), np.array([0, 1]), l2=1 / (2 * math.log(3)))
    assert model.predict_proba(np.array([[1.0]]))[0, 1] == pytest.approx(0.75, abs=1e-4)


def test_standardising_makes_the_fit_blind_to_units() -> None:
    model = fitted(np.array([[250.0], [750.0]]), np.array([0, 1]), l2=1 / (2 * math.log(3)))
    assert model.predict_proba(np.array([[750.0]]))[0, 1] == pytest.approx(0.75, abs=1e-4)


def test_features_that_say_nothing_leave_the_class_frequencies() -> None:
    """0.1 is no binary fraction: its standard deviation is rounding, and must not become a
    feature.
    """
    model = fitted(np.full((40, 3), 0.1), np.repeat([0, 1], [30, 10]))
    assert model.predict_proba(np.full((1, 3), 0.1))[0, 0] == pytest.approx(0.75, abs=1e-4)


def test_at_the_optimum_the_gradient_written_as_loops_is_zero() -> None:
    generator = np.random.default_rng(2)
    features, labels, l2 = generator.normal(3, 2, (60, 4)), np.arange(60) % 3, 0.05
    regression = fitted(features, labels, l2)["regression"]
    weights, bias = regression.coef_.T, regression.intercept_
    slope_weights, slope_bias = l2 * weights, np.zeros(3)
    for row, label in zip(features, labels, strict=True):
        x = [(row[d] - features[:, d].mean()) / features[:, d].std() for d in range(4)]
        powers = [math.exp(sum(x[d] * weights[d, c] for d in range(4)) + bias[c]) for c in range(3)]
        for c in range(3):
            error = powers[c] / sum(powers) - (label == c)
            slope_bias[c] += error / 60
            for d in range(4):
                slope_weights[d, c] += error * x[d] / 60
    assert np.abs(slope_weights).max() < 2e-5
    assert np.abs(slope_bias).max() < 2e-5
    assert np.abs(weights).max() > 0.01  # not the start of the search


def test_shuffled_labels_keep_their_counts_and_forget_their_place() -> None:
    """Class 1 comes in bursts of its own sizes.

    Dealt only between groups of equal size, no label would move.
    """
    groups = np.repeat(np.arange(63), [1] * 60 + [10, 20, 30])
    labels = (groups >= 60).astype(np.int64)
    stayed = []
    for seed in range(200):
        dealt = shuffled_labels(labels, groups, np.random.default_rng(seed))
        assert Counter(dealt.tolist()) == {0: 60, 1: 60}
        stayed.append(float((dealt == labels).mean()))
    # Half of them by luck. Bursts move as one, so single shuffles stray far from it.
    assert np.mean(stayed) == pytest.approx(0.5, abs=0.05)


def test_shuffled_near_copies_mostly_keep_one_label() -> None:
    groups = np.repeat(np.arange(100), 4)
    labels = np.repeat(np.random.default_rng(1).integers(0, 3, 100), 4)
    dealt = shuffled_labels(labels, groups, np.random.default_rng(0)).reshape(100, 4)
    assert (dealt == dealt[:, :1]).all()
    assert not np.array_equal(dealt[:, 0], labels[::4])


def test_chance_is_the_class_most_frequent_in_training_and_scored_on_the_test() -> None:
    """Training: 6 of class 2, 3 of class 0.

    Test: 1 of 4 is class 2, so chance is .25, and its macro-F1 over 0 and 2 is (0 + .4) / 2.
    """
    nothing = np.zeros((9, 1))
    train = Seen(nothing, np.repeat([2, 0], [6, 3]), np.arange(9))
    found = probe(
        train, Seen(nothing[:4], np.array([0, 2, 0, 0]), np.arange(4)), seed=0, resamples=50
    )
    assert found.chance_accuracy == 0.25
    assert found.chance_macro_f1 == pytest.approx(0.2)
    assert found.accuracy.value == 0.25
    assert found.shuffled_best == pytest.approx(0.2)
    assert not found.better


@pytest.mark.parametrize(
    ("low", "macro_f1", "words"),
    [
        (0.01, 0.2, "reads the class better than chance"),
        (
            -0.01,
            0.4,
            "reads the class better than chance by macro-F1, but by accuracy the gain may be 0",
        ),
        (0.0, 0.3, "no better than chance"),
    ],
)
def test_the_verdict_names_what_it_rests_on(low: float, macro_f1: float, words: str) -> None:
    span = Interval(macro_f1, 0.0, 1.0)
    assert Probe(span, span, Interval(0.1, low, 0.2), 0.5, 0.3, 0.5, 0.25, 0.3).verdict == words


@pytest.mark.parametrize(("train", "test"), [([0, 0, 0], [0]), ([0, 1, 0], [])])
def test_one_class_or_no_test_is_refused(train: list[int], test: list[int]) -> None:
    parts = [
        Seen(np.zeros((len(labels), 2)), np.array(labels, np.int64), np.arange(len(labels)))
        for labels in (train, test)
    ]
    with pytest.raises(DataError, match="two classes to train on"):
        probe(parts[0], parts[1], seed=0, resamples=10)


@pytest.fixture
def cheat_dir(tmp_path: Path) -> Path:
    """Class folders of forty images each that only the inset tells apart."""
    for label, colour in (("polyps", 220), ("cecum", 90)):
        folder = tmp_path / "cheat" / label
        folder.mkdir(parents=True)
        for number in range(40):
            image = with_inset(tissue(number + colour), colour)
            cv2.imwrite(str(folder / f"{number:02d}.png"), image[:, :, ::-1])
    return tmp_path / "cheat"


def test_the_command_says_in_words_and_in_json_what_can_be_cheated_on(
    cheat_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["probe", "--data", str(cheat_dir), "--classes", "cecum,polyps", "--seed", "3"]
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["train"], made["test"], made["chance"]["accuracy"]) == (52, 12, 0.5)
    assert list(made["probes"]) == list(VIEWS)
    assert made["probes"][MASKED_OUT]["better_than_chance"] is True
    assert made["probes"][MASKED_OUT]["accuracy"]["value"] == 1.0
    assert made["probes"][AFTER]["better_than_chance"] is False

    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()
    assert "masked-out: reads the class better than chance." in said
    assert "after preprocessing: no better than chance." in said
    assert any(line.startswith("chance ") and "always cecum" in line for line in said)


def test_the_same_seed_says_the_same(cheat_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for _ in range(2):
        assert main(["probe", "--data", str(cheat_dir), "--json"]) == 0
        made.append(capsys.readouterr().out)
    assert made[0] == made[1]


def test_an_unreadable_share_and_a_wrong_option_are_refused_in_one_sentence(
    cheat_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "--data", str(cheat_dir), "--threads", "0"]) == 2
    assert "--threads must be 1 or more" in capsys.readouterr().err
    for file in sorted((cheat_dir / "polyps").iterdir())[:20]:
        file.write_bytes(b"no image")
    assert main(["probe", "--data", str(cheat_dir)]) == 2
    assert "images cannot be read" in capsys.readouterr().err
