"""Unlabelled frames are learnt as the teachers say where these and the neighbours in time agree, of
procedures that are learnt from alone, and never where a class is new to a teacher.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from kd_core.__main__ import main
from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.replay import ToldLatents, quantised, read_replay, write_replay
from kd_core.data.augment import Normalise
from kd_core.data.image_files import load_crops
from kd_core.data.view_policy import policy_for
from kd_core.data.views import MadeViews
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import stem_of
from kd_core.models.teacher import FrozenTeacher
from kd_core.retraining import unlabelled as asking
from kd_core.retraining.teachers import load_teachers
from kd_core.retraining.unlabelled import VIEWS, Moment, read_moments, unlabelled_frames
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import read_card
from kd_core.schema.unlabelled import MOST_MOMENTS
from kd_core.training.batches import Batches
from kd_core.training.process_group import SingleProcess
from tests.kd_core.retrained import KNOWN, Retrained, reader_labels, retrained
from tests.kd_core.retraining.test_retrain_sides import choice, words
from tests.kd_core.training.test_distil import teacher_folder
from tests.present import present

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Retrained:
    """With a replay set of images as large as frames are."""
    made = retrained(tmp_path_factory.mktemp("unlabelled"))
    student, _ = load_student(made.base)
    with torch.no_grad():
        latents, scale = quantised(stem_of(student, torch.randn(8, 3, 224, 224)))
    stored = read_replay(made.replay, student)
    write_replay(replace(stored, latents=latents, scale=scale), made.replay)
    return made


def table(folder: Path, moments: dict[str, int], frames: int = 3) -> Path:
    """``moments`` of each procedure, ``frames`` of each moment nearly alike."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["file,group,moment"]
    for group, count in moments.items():
        for moment in range(count):
            random = np.random.default_rng([ord(group), moment])
            image = cv2.resize(random.integers(60, 250, (7, 9, 3), np.uint8), (160, 128))
            for frame in range(frames):
                name = f"{group}-{moment:03d}-{frame}.png"
                cv2.imwrite(str(folder / name), np.roll(image, frame, axis=1))
                lines.append(f"{name},{group},{moment}")
    made = folder / "unlabelled.csv"
    made.write_text("\n".join(lines) + "\n")
    return made


def test_a_table_is_read_by_moment_and_only_of_procedures_that_are_learnt_from(
    tmp_path: Path,
) -> None:
    made = table(tmp_path, {"p": 2, "q": 3, "r": 1})
    found = read_moments(made, ("p", "r"))
    assert [(moment.group, moment.middle, len(moment.frames)) for moment in found] == [
        ("p", 1, 3),
        ("p", 1, 3),
        ("r", 1, 3),
    ]
    assert found[1].frames == tuple(str(tmp_path / f"p-001-{frame}.png") for frame in range(3))


def test_no_more_frames_than_were_promised_and_spread_over_all(tmp_path: Path) -> None:
    rows = [f"{number}.png,p,{number}" for number in range(3 * MOST_MOMENTS)]
    made = tmp_path / "unlabelled.csv"
    made.write_text("\n".join(["file,group,moment", *rows]))
    found = read_moments(made, ("p",))
    assert len(found) == MOST_MOMENTS
    assert found[0].frames[0].endswith("/0.png")
    assert found[-1].frames[0].endswith(f"/{3 * MOST_MOMENTS - 1}.png")


def test_a_table_without_its_columns_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "unlabelled.csv").write_text("file,label\na.png,polyps\n")
    with pytest.raises(DataError, match="lacks the columns file and group and moment"):
        read_moments(tmp_path / "unlabelled.csv", ("p",))


class Scripted:
    """Calls every frame the class that a list says, in the order of the questions."""

    def __init__(self, said: list[list[int]]) -> None:
        self._said = iter(said)

    def __call__(self, teacher: FrozenTeacher, crops: torch.Tensor) -> object:
        classes = next(self._said)
        assert len(classes) == len(crops)
        logits = torch.full((len(crops), 2), -1.0)
        logits[torch.arange(len(crops)), torch.tensor(classes)] = 3.0
        return type("View", (), {"logits": logits})()


def _learnt(
    run: Retrained, moments: list[Moment], said: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> int:
    teachers = [teacher.teacher for teacher in load_teachers([teacher_folder_of(run)], KNOWN)] * 2
    monkeypatch.setattr(asking, "QuickTeacherViews", lambda: Scripted(said))
    student, _ = load_student(run.base)
    found = unlabelled_frames(moments, student, teachers, policy_for(224), lambda: False)
    return 0 if found is None else len(found.told.logits) // VIEWS


def teacher_folder_of(run: Retrained) -> Path:
    folder = run.base.parent / "teacher"
    return folder if folder.exists() else teacher_folder(folder, KNOWN)


@pytest.mark.parametrize(
    ("first", "second", "learnt"),
    [
        ([1, 1, 1], [1, 1, 1], 1),
        ([1, 1, 1], [1, 0, 1], 0),  # teachers differ on the frame
        ([1, 1, 0], [1, 1, 0], 0),  # they agree, but not on the next frame
        ([0, 1, 1], [0, 1, 1], 0),  # nor on the one before
    ],
)
def test_a_frame_is_learnt_where_teachers_and_neighbours_agree(
    run: Retrained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: list[int],
    second: list[int],
    learnt: int,
) -> None:
    moments = read_moments(table(tmp_path, {"p": 1}), ("p",))
    said = [first, second, *[[1] * VIEWS] * (2 * learnt)]
    assert _learnt(run, moments, said, monkeypatch) == learnt


def test_a_frame_without_a_neighbour_or_with_an_unreadable_one_is_not_believed(
    run: Retrained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read_moments(table(tmp_path / "a", {"p": 1}, frames=1), ("p",))
    torn = read_moments(table(tmp_path / "b", {"p": 1}), ("p",))
    Path(torn[0].frames[2]).write_bytes(b"no image")
    assert _learnt(run, [*alone, *torn], [], monkeypatch) == 0


def test_what_is_learnt_is_the_middle_frame_in_three_views_and_the_mean_of_the_teachers(
    run: Retrained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = read_moments(table(tmp_path, {"p": 1}), ("p",))
    said = [[0, 0, 0], [0, 0, 0], [0] * VIEWS, [1] * VIEWS]
    monkeypatch.setattr(asking, "QuickTeacherViews", lambda: Scripted(said))
    student, _ = load_student(run.base)
    teachers = [load_teachers([teacher_folder_of(run)], KNOWN)[0].teacher] * 2
    found = present(unlabelled_frames(moments, student, teachers, policy_for(224), lambda: False))
    assert str(found) == "1 of 1 frames, those that the teachers agreed on"
    torch.testing.assert_close(found.told.logits, torch.ones(VIEWS, 2))  # of 3, -1 and -1, 3
    crops, _, _ = load_crops([Sample(moments[0].frames[1], "", "p")])
    with torch.no_grad():
        whole = stem_of(student, Normalise().crops(torch.from_numpy(crops)))
    near = found.told.latent(torch.tensor([0]))
    assert float((near - whole).abs().max()) <= float(found.told.scale.max())


def test_batches_hold_rows_of_them_without_labels_beside_what_is_replayed(run: Retrained) -> None:
    student, _ = load_student(run.base)
    stored = read_replay(run.replay, student)
    told = ToldLatents(stored.latents[:2], stored.scale, torch.tensor([[9.0, 0.0], [0.0, 9.0]]))
    crops = np.zeros((4, 224, 224, 3), np.uint8)
    config = TrainConfig(losses=LossWeights(replay=1.0), views=1)
    batches = Batches(
        MadeViews(crops, np.arange(4) % 2, 1),
        config,
        2,
        None,
        replace(stored, told=told),
        "cpu",
        SingleProcess(),
    )
    made = present(batches.inputs(torch.arange(4), torch.Generator().manual_seed(0)).replayed)
    assert len(made.labels) == 6
    assert (made.labels[:4] != NO_LABEL).all()
    assert (made.labels[4:] == NO_LABEL).all()
    for latents, logits in zip(made.latents[4:], made.logits[4:], strict=True):
        place = int(logits.argmax())
        assert torch.equal(latents, told.latent(torch.tensor([place]))[0])


def test_a_retraining_learns_from_them_and_its_card_says_from_how_many(
    run: Retrained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """p is learnt from, q is held out: of its frames none is asked about."""
    made = table(tmp_path / "frames", {"p": 2, "q": 4})
    arguments = words(run, tmp_path, "--sides", choice(tmp_path, "q", "p"), "--unlabelled", made)
    assert main(arguments) == 0
    assert "asking the teachers about unlabelled frames" in capsys.readouterr().err
    card = read_card(tmp_path / "run" / "candidate")
    assert card.data.unlabelled in (
        "",
        *(f"{n} of 2 frames, those that the teachers agreed on" for n in (1, 2)),
    )


def test_where_a_teacher_does_not_know_a_class_nothing_unlabelled_is_learnt(
    run: Retrained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(tmp_path / "frames", {"p": 2})
    arguments = words(run, tmp_path, "--sides", choice(tmp_path, "", "pq"), "--unlabelled", made)
    reader_labels(tmp_path / "labels", "new-thing")
    assert main(arguments) == 0
    told = capsys.readouterr().err
    assert "Unlabelled frames are not learnt from: a teacher does not know" in told
    assert "asking the teachers about unlabelled frames" not in told
    assert read_card(tmp_path / "run" / "candidate").data.unlabelled == ""
