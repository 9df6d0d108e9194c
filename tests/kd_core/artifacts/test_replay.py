"""The replay set: what is stored comes back, belongs to one stem, and changes the logits
hardly at all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from kd_core.artifacts.replay import Replay, quantised, read_replay, stem_digest, write_replay
from kd_core.models.student import Student, stem_of, tail_of
from kd_core.schema.errors import DataError, ModelError

CLASSES = ("a", "b", "c")


def student(seed: int = 0) -> Student:
    torch.manual_seed(seed)
    made = Student(len(CLASSES)).train()
    made(torch.randn(4, 3, 64, 64))
    return made.eval()


def replay_of(made: Student, count: int = 5) -> Replay:
    with torch.no_grad():
        latents, scale = quantised(stem_of(made, torch.randn(count, 3, 64, 64)))
    held_out = torch.arange(count) % 2 == 1
    labels = torch.arange(count) % len(CLASSES)
    return Replay(
        latents,
        scale,
        labels,
        torch.randn(count, len(CLASSES)),
        held_out,
        CLASSES,
        stem_digest(made),
        "somewhere, CC BY 4.0",
    )


def test_eight_bits_by_hand() -> None:
    """The largest number of a channel becomes 255; a step of the first is 1/255 of 2, of the
    second of 510.
    """
    latents = torch.tensor([[[[0.0, 2.0]], [[2.0, 510.0]]]])
    stored, scale = quantised(latents)
    assert stored[0].tolist() == [[[0, 255]], [[1, 255]]]
    assert scale.tolist() == pytest.approx([2 / 255, 2.0])


def test_a_channel_of_zeros_stays_zero() -> None:
    stored, scale = quantised(torch.zeros(2, 3, 2, 2))
    assert not stored.any()
    assert bool(torch.isfinite(scale).all())


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    made = student()
    stored = replay_of(made)
    write_replay(stored, tmp_path / "replay.safetensors")
    found = read_replay(tmp_path / "replay.safetensors", made)
    for name in ("latents", "scale", "labels", "held_out"):
        assert torch.equal(getattr(found, name), getattr(stored, name)), name
    assert torch.allclose(found.logits, stored.logits, atol=2e-3)
    assert (found.classes, found.source) == (CLASSES, "somewhere, CC BY 4.0")


def test_logits_from_stored_latents_are_those_of_the_images() -> None:
    made, images = student(), torch.randn(6, 3, 64, 64)
    with torch.no_grad():
        latents, scale = quantised(stem_of(made, images))
        stored = replace(replay_of(made, 6), latents=latents, scale=scale)
        exact, near = made(images).logits, tail_of(made, stored.latent(torch.arange(6))).logits
    assert float((exact - near).abs().max()) < 0.02 * float(exact.std())


def test_it_belongs_to_the_stem_that_made_it_whatever_happens_behind(tmp_path: Path) -> None:
    made = student()
    write_replay(replay_of(made), tmp_path / "r.safetensors")
    with torch.no_grad():
        for parameter in (*made.tail.parameters(), *made.head.parameters()):
            parameter.add_(1.0)
    read_replay(tmp_path / "r.safetensors", made)
    with pytest.raises(DataError, match="another stem"):
        read_replay(tmp_path / "r.safetensors", student(1))


def test_bad_files_are_refused_in_words(tmp_path: Path) -> None:
    made = student()
    with pytest.raises(ModelError, match="no replay set"):
        read_replay(tmp_path / "none.safetensors", made)
    (tmp_path / "r.pt").write_bytes(b"x")
    with pytest.raises(ModelError, match="pickle"):
        read_replay(tmp_path / "r.pt", made)
    path = tmp_path / "r.safetensors"
    write_replay(replay_of(made), path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ModelError, match="damaged"):
        read_replay(path, made)


def test_parts_that_do_not_belong_together_are_no_replay_set() -> None:
    stored = replay_of(student())
    fewer: tuple[dict[str, Any], ...] = (
        {"labels": stored.labels[:-1]},
        {"scale": stored.scale[:-1]},
        {"logits": stored.logits[:, :2]},
    )
    for wrong in (*fewer, {"labels": stored.labels + 3}):
        with pytest.raises(ValueError, match="replay set"):
            replace(stored, **wrong)
