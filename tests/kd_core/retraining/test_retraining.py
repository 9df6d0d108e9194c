"""Retraining's parts: who is held out and stays so, heads that grow, and warnings."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kd_core.artifacts.seen_contents import shortened
from kd_core.data.image_files import content_of
from kd_core.models.student import Student
from kd_core.retraining.extended import UNTAUGHT, extend_teacher, extended_student
from kd_core.retraining.reader_data import IN_A_ROW, data_set, read_labels, teachable, without_seen
from kd_core.schema.errors import DataError
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import NONE_OF_THESE, choose_held_out
from tests.kd_core.tiny import tiny_teacher

CLASSES = ("cecum", "polyps")


def shown(*pairs: tuple[str, str]) -> list[Sample]:
    return [Sample(f"/{number}", label, group) for number, (label, group) in enumerate(pairs)]


def test_one_procedure_alone_is_learnt_from() -> None:
    assert choose_held_out(shown(("a", "p")), HeldOut()) == HeldOut(learnt=("p",))


def test_of_two_procedures_one_is_held_out_if_the_other_shows_its_classes() -> None:
    both = choose_held_out(shown(("a", "p"), ("a", "q")), HeldOut())
    assert len(both.held_out) == len(both.learnt) == 1
    apart = choose_held_out(shown(("a", "p"), ("b", "q")), HeldOut())
    assert apart.held_out == ()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 9).map(str)), min_size=1, max_size=40
    ),
    st.integers(0, 40),
)
def test_sides_are_for_ever_and_no_class_is_learnt_nowhere(
    pairs: list[tuple[str, str]], cut: int
) -> None:
    before = choose_held_out(shown(*pairs[:cut]), HeldOut()) if pairs[:cut] else HeldOut()
    after = choose_held_out(shown(*pairs), before)
    assert set(before.held_out) <= set(after.held_out)
    assert set(before.learnt) <= set(after.learnt)
    groups = {group for _, group in pairs}
    assert set(after.held_out) | set(after.learnt) == groups
    assert not set(after.held_out) & set(after.learnt)
    if not before.held_out and not before.learnt:
        for label in {label for label, _ in pairs}:
            assert {group for name, group in pairs if name == label} - set(after.held_out)
    assert choose_held_out(shown(*pairs), after) == after


def test_the_choice_is_kept_in_a_file_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "held-out.json"
    assert read_held_out(path) == HeldOut()
    write_held_out(path, HeldOut(("p",), ("q", "r")))
    assert read_held_out(path) == HeldOut(("p",), ("q", "r"))
    path.write_text("{")
    with pytest.raises(DataError, match="does not say which procedures"):
        read_held_out(path)


def test_a_new_class_leaves_the_old_ones_as_they_are_and_is_named_at_once() -> None:
    """Frames of the new class have one channel that no old frame has; the row is imprinted by
    hand beside it.
    """
    torch.manual_seed(0)
    student = Student(3).eval()
    images = torch.randn(2, 3, 64, 64)
    width = student.head.in_features
    known, own = torch.rand(20, width), torch.rand(6, width)
    known[:, 7], own[:, 7] = 0.0, 9.0
    grown = extended_student(student, [own], known).eval()
    with torch.no_grad():
        assert torch.allclose(grown(images).logits[:, :3], student(images).logits, atol=1e-6)
        centre = student.head.weight.mean(0)
        away = own.mean(0) - known.mean(0)
        length = (student.head.weight - centre).norm(dim=1).mean()
        assert torch.allclose(grown.head.weight[3], centre + length * away / away.norm(), atol=1e-6)
        logits = grown.head(own.mean(0))
        assert float(logits[3]) == pytest.approx(float(logits[:3].max()), abs=1e-5)
        before, after = student.head(known).softmax(1), grown.head(known).softmax(1)
        assert float(after[:, 3].max()) < 0.25
        assert torch.equal(before.argmax(1), after.argmax(1))
    with pytest.raises(ValueError, match="without a frame"):
        extended_student(student, [own[:0]], known)


def test_a_teacher_gives_a_class_it_was_never_taught_no_chance() -> None:
    teacher = tiny_teacher(2, 16).eval()
    images = torch.randn(3, 3, 64, 64)
    with torch.no_grad():
        before = teacher(images).logits
        extend_teacher(teacher, [2, 0], 4)
        after = teacher(images).logits
    assert torch.allclose(after[:, [2, 0]], before, atol=1e-6)
    assert (after[:, [1, 3]] == UNTAUGHT).all()


def image(path: Path, level: int) -> None:
    cv2.imwrite(str(path), np.full((64, 64, 3), level, np.uint8))


def labels_in(folder: Path, rows: list[tuple[str, str, int]]) -> Path:
    """A manifest of (label, group, grey level)."""
    folder.mkdir(exist_ok=True)
    lines = ["file,label,group"]
    for number, (label, group, level) in enumerate(rows):
        image(folder / f"{number:03d}.png", level)
        lines.append(f"{number:03d}.png,{label},{group}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_labels_become_train_and_held_out_parts_in_the_models_words(tmp_path: Path) -> None:
    rows = [("normal-cecum", "p", level) for level in range(60, 80)] + [
        ("polyps", "q", level) for level in range(80, 90)
    ]
    rows += [("lipoma", "p", level) for level in range(100, 106)] + [("rare", "q", 110)]
    samples, classes, too_few, _ = read_labels(labels_in(tmp_path / "l", rows), CLASSES)
    assert classes == ("cecum", "polyps", "lipoma")
    assert too_few == {"rare": 1}
    made = data_set(samples, classes, HeldOut(("q",), ("p",)), "reader", too_few, ["first"])
    assert np.bincount(made.train.labels, minlength=3).tolist() == [20, 0, 6]
    assert np.bincount(made.test.labels, minlength=3).tolist() == [0, 10, 0]
    assert len(made.val.labels) == 0
    assert made.warnings[:2] == (
        "first",
        "rare has only 1 frame to learn from, too few for a new class: left out.",
    )
    assert set(made.test.groups) == {"procedure q"}
    assert "lipoma has only 6 frames to learn from." in made.warnings
    assert made.test_procedures == ("q",) * 10
    assert [Path(path).name for path in made.test_paths] == [
        f"{number:03d}.png" for number in range(20, 30)
    ]
    # Twenty-six frames of p in a row: runs of eight neighbours.
    assert sorted(set(made.train.groups)) == [f"p/{number}" for number in range(-(-26 // IN_A_ROW))]


def test_labels_that_contradict_each_other_and_one_procedure_alone_are_warned_of(
    tmp_path: Path,
) -> None:
    rows = [("cecum", "p", 60), ("polyps", "p", 60), ("polyps", "p", 70)]
    samples, classes, _, _ = read_labels(labels_in(tmp_path / "l", rows), CLASSES)
    told = data_set(samples, classes, HeldOut((), ("p",)), "reader").warnings
    assert "1 frame has labels that contradict each other." in told
    assert (
        "No procedure is held out: the new model cannot be compared on frames that it has not"
        " learnt from." in told
    )


def test_a_new_class_that_held_out_procedures_alone_show_is_not_taught(tmp_path: Path) -> None:
    rows = [("cecum", "p", level) for level in range(60, 70)] + [
        ("lipoma", "q", level) for level in range(100, 110)
    ]
    labels = read_labels(labels_in(tmp_path / "l", rows), CLASSES)
    made = teachable(labels, CLASSES, HeldOut(("q",), ("p",)))
    assert made.classes == CLASSES
    assert made.too_few == {"lipoma": 0}


def test_frames_of_none_of_the_classes_are_no_class_and_those_a_teacher_has_seen_are_no_evidence(
    tmp_path: Path,
) -> None:
    rows = [
        ("cecum", "p", 60),
        ("cecum", "q", 61),
        ("cecum", "q", 62),
        (NONE_OF_THESE, "p", 63),
        (NONE_OF_THESE, "q", 64),
    ]
    labels = read_labels(labels_in(tmp_path / "l", rows), CLASSES)
    assert labels.classes == CLASSES
    data = data_set(labels.samples, labels.classes, HeldOut(("q",), ("p",)), "reader")
    assert (len(data.train.labels), len(data.test.labels)) == (1, 2)
    assert (len(data.none_of_these.learnt), len(data.none_of_these.held_out)) == (1, 1)
    assert data.notes.none_of_these == "1 frames learnt from, 1 held out"
    seen = shortened(content_of(data.test.crops[0]))
    made = without_seen(data, {seen, shortened(content_of(data.none_of_these.held_out[0]))})
    assert (made.seen, len(made.test.labels), len(made.none_of_these.held_out)) == (
        ("001.png",),
        1,
        0,
    )
    assert [Path(path).name for path in made.test_paths] == ["002.png"]
    assert (
        "Left out of the comparison, because a teacher was trained on them: 001.png."
        in made.warnings
    )
    assert without_seen(data, set()) is data
