"""Everything that `kd-core evaluate` says, against numbers by hand and against loops written
from the definitions.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.api.predictions import predict_samples
from kd_core.data.folders import read_samples
from kd_core.data.image_files import read_rgb
from kd_core.evaluation.calibration import calibration_error, reliability
from kd_core.evaluation.group_scores import (
    ScoreOfTwo,
    among_all,
    compare_scores,
    interval_scores,
)
from kd_core.evaluation.intervals import (
    Comparison,
    Interval,
    bootstrap,
    compare,
    percentile_interval,
)
from kd_core.evaluation.metrics import accuracy, confusion_matrix, macro_f1, matthews, scores
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.model_scores import Bounds
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision.predictor import Predictor

Output = pytest.CaptureFixture[str]
CLASSES = ("a", "b", "c", "d")
# Six images: a a a b b c, called a a b b a b; nobody is called c, and there is no d.
TRUTH = np.array([0, 0, 0, 1, 1, 2])
PROBABILITIES = np.array(
    [
        [0.70, 0.10, 0.15, 0.05],
        [0.60, 0.20, 0.10, 0.10],
        [0.30, 0.50, 0.10, 0.10],
        [0.20, 0.60, 0.10, 0.10],
        [0.55, 0.25, 0.10, 0.10],
        [0.05, 0.80, 0.05, 0.10],
    ]
)


def test_macro_and_micro_by_hand() -> None:
    made = scores(PROBABILITIES, TRUTH, CLASSES)
    # Called a: 3, of which 2; called b: 3, of which 1; called c: none. d is not in the truth and
    # does not count.
    assert made.macro_precision == pytest.approx((2 / 3 + 1 / 3 + 0) / 3)
    assert made.macro_recall == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert made.macro_f1 == pytest.approx((4 / 6 + 2 / 5 + 0) / 3)
    assert made.micro_precision == made.micro_recall == made.micro_f1 == made.accuracy == 0.5


def test_auroc_of_each_class_by_hand() -> None:
    made = scores(PROBABILITIES, TRUTH, CLASSES)
    # a: .70 .60 .30 against .20 .55 .05, one pair of nine in the wrong order. b: .60 .25 against
    # .10 .20 .50 .80, 5 of 8 right. c: .05 against .15 .10 .10 .10 .10: none.
    assert made.auroc == {
        "a": pytest.approx(8 / 9),
        "b": pytest.approx(5 / 8),
        "c": 0.0,
        "d": None,
    }
    assert made.macro_auroc == pytest.approx((8 / 9 + 5 / 8 + 0) / 3)
    assert not any(math.isnan(area) for area in made.auroc.values() if area is not None)


def test_one_class_alone_has_no_auroc() -> None:
    made = scores(PROBABILITIES[:3], TRUTH[:3], CLASSES)
    assert made.macro_auroc is None
    assert set(made.auroc.values()) == {None}


def test_wilsons_intervals_of_a_class_by_hand() -> None:
    """Recall of a, 2 of 3: middle (2/3 + z²/6) / (1 + z²/3), half z / (1 + z²/3) * sqrt(2/27 +
    z²/36).
    """
    z = 1.959963984540054
    rows = scores(PROBABILITIES, TRUTH, CLASSES).per_class_intervals
    middle, half = (
        (2 / 3 + z * z / 6) / (1 + z * z / 3),
        z / (1 + z * z / 3) * math.sqrt(2 / 27 + z * z / 36),
    )
    assert msgspec.structs.astuple(rows["a"].recall) == (
        2 / 3,
        pytest.approx(middle - half),
        pytest.approx(middle + half),
    )
    # 0 of 1 (recall of c): the upper bound is z² / (1 + z²). Nobody was called c, nobody is d:
    # nothing is known.
    assert msgspec.structs.astuple(rows["c"].recall) == (
        0.0,
        0.0,
        pytest.approx(z * z / (1 + z * z)),
    )
    assert rows["c"].precision == rows["d"].recall == Bounds(0.0, 0.0, 1.0)


def test_reliability_by_hand() -> None:
    # Top probabilities .70 .60 .50 .60 .55 .80, right: yes yes no yes no no. Bins are open below
    # and closed above.
    rows = reliability(PROBABILITIES, TRUTH, bins=4)
    assert [(row.low, row.high, row.images) for row in rows] == [
        (0.25, 0.5, 1),
        (0.5, 0.75, 4),
        (0.75, 1.0, 1),
    ]
    assert [row.confidence for row in rows] == pytest.approx(
        [0.5, (0.7 + 0.6 + 0.6 + 0.55) / 4, 0.8]
    )
    assert [row.accuracy for row in rows] == [0.0, 0.75, 0.0]
    wanted = (1 * 0.5 + 4 * abs(0.75 - 0.6125) + 1 * 0.8) / 6
    assert calibration_error(PROBABILITIES, TRUTH, bins=4) == pytest.approx(wanted)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 20))
def test_reliability_counts_every_image_once(seed: int, count: int, bins: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities, truth = generator.dirichlet(np.ones(4), count), generator.integers(0, 4, count)
    rows = reliability(probabilities, truth, bins)
    assert sum(row.images for row in rows) == count
    for row in rows:
        inside = [i for i in range(count) if row.low < probabilities[i].max() <= row.high]
        assert len(inside) == row.images
        assert row.accuracy == pytest.approx(
            sum(probabilities[i].argmax() == truth[i] for i in inside) / len(inside)
        )


def _random(count: int = 90, groups: int = 30) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    generator = np.random.default_rng(8)
    truth = generator.integers(0, 4, count)
    probabilities = generator.dirichlet(np.ones(4), count) + np.eye(4)[truth] * 0.4
    names = np.array([f"g{group}" for group in generator.integers(0, groups, count)])
    return probabilities / probabilities.sum(axis=1, keepdims=True), truth, names


def test_intervals_by_group_are_those_of_the_slow_bootstrap() -> None:
    """The same draws, scored image by image."""
    probabilities, truth, groups = _random()
    predicted = probabilities.argmax(axis=1)
    made = interval_scores(predicted, truth, groups, 4, seed=4, resamples=200)
    assert set(made) == {"accuracy", "macro_f1", "mcc"}
    slow = bootstrap(
        lambda rows: float(np.mean([truth[i] == predicted[i] for i in rows])),
        groups,
        seed=4,
        resamples=200,
    )
    assert made["accuracy"] == pytest.approx(slow)

    def scored(score: Callable[[NDArray[np.int64]], float], rows: NDArray[np.intp]) -> float:
        return score(confusion_matrix(truth[rows], predicted[rows], 4))

    for name, score in (("macro_f1", macro_f1), ("mcc", matthews)):
        wanted = bootstrap(
            partial(scored, score),
            groups,
            4,
            200,
        )
        assert made[name] == pytest.approx(wanted)
        assert made[name].low < made[name].value < made[name].high


def test_comparisons_by_group_are_those_of_the_slow_one() -> None:
    probabilities, truth, groups = _random()
    a = probabilities.argmax(axis=1)
    b = np.where(np.arange(len(truth)) % 4 == 0, truth, a)
    made = compare_scores(truth, a, b, groups, CLASSES, seed=4, resamples=200)
    right_a, right_b = truth == a, truth == b
    slow = compare(
        lambda rows: float(right_a[rows].mean()),
        lambda rows: float(right_b[rows].mean()),
        groups,
        4,
        200,
    )
    assert made.accuracy.comparison.difference == pytest.approx(slow.difference)
    assert made.accuracy.comparison.verdict == slow.verdict == "better"
    assert (
        made.accuracy.a == accuracy(confusion_matrix(truth, a, 4)) == pytest.approx(right_a.mean())
    )
    of_c = truth == 2

    def recall(right: NDArray[Any], rows: NDArray[Any]) -> float:
        return float(right[rows][of_c[rows]].mean())

    drawn: list[float] = []
    bootstrap(
        lambda rows: drawn.append(recall(right_b, rows) - recall(right_a, rows)) or 0.0,
        groups,
        seed=4,
        resamples=200,
    )
    *draws, whole = drawn
    wanted = percentile_interval(whole, draws, len(set(groups[of_c])))
    assert tuple(made.recall["c"].comparison.difference) == pytest.approx(tuple(wanted))
    assert made.recall["c"].b == pytest.approx(right_b[of_c].mean())


def test_a_draw_without_a_class_does_not_count_for_it() -> None:
    """Six groups of class b among many of a: a draw without any says nothing of its recall, one
    with some always says + 1.
    """
    truth = np.array([0] * 40 + [1] * 6)
    made = compare_scores(
        truth, np.zeros(46, int), truth, np.arange(46), ("a", "b", "c"), seed=0, resamples=2000
    )
    assert set(made.recall) == {"a", "b"}  # there is no c
    assert made.recall["b"].comparison == ((1.0, 1.0, 1.0), "better")
    assert made.recall["a"].comparison == ((0.0, 0.0, 0.0), "undecided")


@pytest.mark.parametrize(("groups", "verdict"), [(1, "undecided"), (5, "undecided"), (6, "better")])
def test_of_few_groups_nothing_is_proved_however_many_images_they_hold(
    groups: int, verdict: str
) -> None:
    """Five of five in favour come by luck once in sixteen times."""
    truth = np.zeros(60, int)
    made = compare_scores(
        truth, np.ones(60, int), truth, np.arange(60) % groups, ("a", "b"), seed=0, resamples=50
    )
    bounds = (1.0, 1.0, 1.0) if groups == 6 else (1.0, -1.0, 1.0)
    for score in (made.accuracy, made.recall["a"]):
        assert score.comparison == (bounds, verdict)
    slow = compare(lambda rows: 0.0, lambda rows: 1.0, np.arange(60) % groups, seed=0, resamples=50)
    assert slow.verdict == verdict


def test_among_all_a_verdict_goes_by_the_corrected_chance() -> None:
    """Chances of .01, .03 and .5: among three .03, .06 and .5."""

    def row(chance: float) -> ScoreOfTwo:
        return ScoreOfTwo(0.1, 0.2, Comparison(Interval(0.1, 0.05, 0.15), "better"), chance)

    made = among_all({"a": row(0.01), "b": row(0.03), "c": row(0.5)})
    assert [one.chance for one in made.values()] == pytest.approx([0.03, 0.06, 0.5])
    verdicts = [one.comparison.verdict for one in made.values()]
    assert verdicts == ["better", "undecided", "undecided"]
    assert made["b"].comparison.difference == Interval(0.1, 0.05, 0.15)


def test_two_thousand_draws_of_500_images_are_quick() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 6, 500)
    begun = time.process_time()
    predicted = generator.integers(0, 6, 500)
    interval_scores(predicted, truth, np.arange(500), 6, seed=0)
    assert time.process_time() - begun < 3


def test_every_image_is_read_once_for_all_models(
    model_dir: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kd_core.api.predictions

    (data_dir / "polyps" / "07.png").write_bytes(b"no image")
    read: list[str] = []
    original = read_rgb
    monkeypatch.setattr(
        kd_core.api.predictions, "read_rgb", lambda path: read.append(str(path)) or original(path)
    )
    predictor, samples, threads = (
        Predictor.load(model_dir),
        read_samples(data_dir),
        cv2.getNumThreads(),
    )
    made = predict_samples([predictor, predictor], samples, LOWER_GI)
    assert read == [sample.path for sample in samples]
    assert made.broken == [str(data_dir / "polyps" / "07.png")]
    assert [sample.path for sample in made.samples] == [
        path for path in read if path not in made.broken
    ]
    assert made.truth.tolist() == [LOWER_GI.index("cecum")] * 20 + [LOWER_GI.index("polyps")] * 19
    assert (made.probabilities[0] == made.probabilities[1]).all()
    last = predictor.predict([original(Path(made.samples[-1].path))])[0].probabilities
    assert made.probabilities[0][-1].tolist() == pytest.approx(last.tolist(), abs=1e-6)
    assert cv2.getNumThreads() == threads


def test_the_time_is_the_median_a_image_without_reading(
    model_dir: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that only predict moves: 8 ms the first pair, 2 ms each of the others; reading
    takes an hour.
    """
    import kd_core.api.predictions

    now = [0.0]
    costs = iter([0.008] + [0.002] * 19)
    predict, read = Predictor.predict, read_rgb

    def slow_read(path: Path) -> NDArray[Any]:
        now[0] += 3600
        return read(path)

    def counted(self: Predictor, images: list[NDArray[Any]]) -> object:
        now[0] += next(costs)
        return predict(self, images)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(kd_core.api.predictions, "read_rgb", slow_read)
    monkeypatch.setattr(Predictor, "predict", counted)
    made = predict_samples([Predictor.load(model_dir)], read_samples(data_dir), LOWER_GI)
    assert made.milliseconds == [pytest.approx(statistics.median([4.0] + [1.0] * 19), abs=1e-6)]


def test_the_command_says_all_of_it(model_dir: Path, data_dir: Path, capsys: Output) -> None:
    words = ["evaluate", "--model", str(model_dir), "--data", str(data_dir)]
    assert main([*words, "--json"]) == 0
    made = json.loads(
        capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON")
    )
    assert (made["model"], made["notice"], made["groups"]) == (
        read_card(model_dir).version,
        RESEARCH_USE,
        40,
    )
    for name in ("accuracy", "macro_f1", "mcc"):
        assert made["intervals"][name]["value"] == pytest.approx(made[name])
        assert made["intervals"][name]["low"] <= made[name] <= made["intervals"][name]["high"]
    assert sum(row["images"] for row in made["reliability"]) == 40
    assert {name for name, area in made["auroc"].items() if area is not None} == {"cecum", "polyps"}
    assert 0.01 < made["latency_ms"] < 1000
    assert "plots" not in made
    assert main(words) == 0
    said = capsys.readouterr().out
    interval, bounds = made["intervals"]["mcc"], made["per_class_intervals"]["cecum"]["recall"]
    assert f"mcc {interval['low']:.3f} to {interval['high']:.3f}" in said
    assert f"macro_auroc {made['macro_auroc']:.4f}" in said
    assert " ms per image (median, one thread" in said
    assert (
        "macro means are over the 2 of 6 classes that the images show, without bbps-0-1, bbps-2-3,"
        f" impacted-stool, ulcerative-colitis; macro_f1 over all: {made['macro_f1_over_all']:.4f}"
    ) in said
    abstention = made["abstention"]
    assert f"coverage {abstention['coverage']:.4f}, precision {abstention['precision']:.4f}" in said
    assert abstention["n"] == 40
    assert made["macro_f1_over_all"] == pytest.approx(made["macro_f1"] * 2 / 6)
    row = next(line for line in said.splitlines() if line.startswith("cecum "))
    assert f"{bounds['value']:.3f} [{bounds['low']:.3f} {bounds['high']:.3f}]" in row
    assert f"{made['auroc']['cecum']:.3f}" in row
    absent = next(line for line in said.splitlines() if line.startswith("bbps-0-1 "))
    assert absent.split()[-2:] == ["-", "0"]


def test_a_teacher_is_scored_as_a_student_is(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    import json

    from kd_core.__main__ import main
    from tests.kd_core.training.test_distil import teacher_folder

    teacher = teacher_folder(tmp_path / "teacher", ("cecum", "polyps"))
    assert main(["evaluate", "--model", str(teacher), "--data", str(data_dir), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["n"] == 40
    assert made["classes"] == ["cecum", "polyps"]
    assert sum(map(sum, made["confusion"])) == 40
