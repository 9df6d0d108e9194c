"""Old knowledge is practised as the student itself has it, where it has it right."""

from __future__ import annotations

from pathlib import Path

import torch

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.replay import Replay, quantised, read_replay, stem_digest
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import Student, stem_of, tail_of
from kd_core.retraining.kept_knowledge import with_own_logits
from kd_core.retraining.recipe import Base, RetrainingRecipe, Sides
from kd_core.schema.config import TrainConfig
from kd_core.schema.held_out import HeldOut
from kd_core.training.batches import mixed_latents
from kd_core.training.validation import replayed_logits
from tests.kd_core.retrained import retrained
from tests.present import present


def example(count: int = 12, classes: int = 3) -> tuple[Student, Replay, torch.Tensor]:
    """A student that knows a class more than its replay set, and its logits of it."""
    torch.manual_seed(0)
    student = Student(classes + 1).eval()
    with torch.no_grad():
        student.head.weight.mul_(20.0)
        student.head.bias.copy_(torch.tensor([0.0, 0.0, 0.0, -50.0]))
        latents, scale = quantised(stem_of(student, torch.randn(count, 3, 64, 64)))
    replay = Replay(
        latents,
        scale,
        torch.zeros(count, dtype=torch.int64),
        torch.randn(count, classes),
        torch.arange(count) < 4,
        ("a", "b", "c"),
        stem_digest(student),
        "random",
    )
    with torch.no_grad():
        said = tail_of(student, replay.latent(torch.arange(count))).logits
    labels = said.argmax(1)
    labels[::2] = (labels[::2] + 1) % classes  # every second is wrong
    return student, Replay(**{**vars(replay), "labels": labels}), said


def test_own_logits_stand_where_they_are_right_and_the_teachers_elsewhere() -> None:
    student, replay, said = example()
    kept = with_own_logits(replay, student)
    torch.testing.assert_close(kept.logits[1::2], said[1::2, :3])
    assert torch.equal(kept.logits[::2], replay.logits[::2])
    assert kept.logits.shape == replay.logits.shape
    assert torch.equal(kept.labels, replay.labels)
    assert torch.equal(kept.held_out, replay.held_out)


def test_what_lies_between_two_images_is_practised_as_the_student_has_it() -> None:
    student, replay, _ = example()
    ask = present(with_own_logits(replay, student).ask)
    latents = replay.latent(torch.arange(6))
    made = mixed_latents(latents, ask, torch.Generator().manual_seed(3))
    assert made.latents.shape == latents.shape
    assert (made.labels == NO_LABEL).all()
    low, high = latents.min(0).values, latents.max(0).values
    assert ((made.latents >= low - 1e-6) & (made.latents <= high + 1e-6)).all()
    assert not torch.allclose(made.latents, latents)
    with torch.no_grad():
        wanted = tail_of(student, made.latents).logits[:, :3]
    torch.testing.assert_close(made.logits, wanted)
    again = mixed_latents(latents, ask, torch.Generator().manual_seed(3))
    assert torch.equal(again.latents, made.latents)  # a run that resumes draws the same


def test_the_student_stays_as_it_was_and_its_logits_are_those_that_are_judged() -> None:
    student, replay, _ = example()
    before = {name: tensor.clone() for name, tensor in student.state_dict().items()}
    kept = with_own_logits(replay, student)
    assert all(torch.equal(tensor, before[name]) for name, tensor in student.state_dict().items())
    judged = torch.from_numpy(replayed_logits(student, replay))[1::2, :3]
    torch.testing.assert_close(kept.logits[replay.held_out][1::2], judged)
    kept.logits.requires_grad_()  # they can be trained with: no tensor of an inference


def test_a_retraining_practises_them(tmp_path: Path) -> None:
    made = retrained(tmp_path)
    student, card = load_student(made.base)
    stored = read_replay(made.replay, student)
    sides = Sides(tmp_path / "held-out.json", HeldOut((), ()))
    base = Base(student, card)
    recipe = RetrainingRecipe(
        TrainConfig(), made.data, tmp_path / "new", [], base, stored, sides, "student"
    )
    assert not torch.equal(recipe.replay.logits, stored.logits)
    assert torch.equal(recipe.replay.logits, with_own_logits(stored, student).logits)
