"""The teacher cache: it gives the teachers' logits, computes them once, and heals whatever happens
to its files.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kd_core.data import teacher_cache, views
from kd_core.data.views import MadeViews
from kd_core.models.teacher import FrozenTeacher
from tests.kd_core.cached import ANSWER_BYTES, VIEWS, Counting, Image, cached, files, filled, same
from tests.kd_core.tiny import coloured, tiny_teacher

PLACES, NUMBERS = np.array([2, 0, 0, 1]), np.array([1, 0, 1, 0])


@pytest.fixture(autouse=True)
def _in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bfloat16 an output depends on what else is in the batch, by more than half precision:
    that is not the cache's doing.
    """
    monkeypatch.setattr(views, "has_bf16", lambda device: False)


@pytest.fixture
def crops() -> Image:
    return coloured(3).crops


def test_a_batch_is_what_the_teachers_give_live(tmp_path: Path, crops: Image) -> None:
    basis = torch.randn(5, 8, generator=torch.Generator().manual_seed(1))
    teachers = [Counting(0), FrozenTeacher(tiny_teacher(3, 8, 1), basis)]
    source = filled(tmp_path, crops, teachers)
    images, outputs = source.batch(PLACES, NUMBERS)
    live_images, live_outputs = MadeViews(crops, source.labels, VIEWS, teachers).batch(
        PLACES, NUMBERS
    )
    assert images.dtype == torch.uint8
    assert torch.equal(images, live_images)
    assert [made.features.shape for made in outputs] == [(4, 8, 7, 7), (4, 5, 7, 7)]
    for made, live in zip(outputs, live_outputs, strict=True):
        for stored, exact in zip(made, live, strict=True):
            assert stored.dtype == torch.float32
            # A half has eleven bits
            torch.testing.assert_close(stored, exact, rtol=2**-10, atol=1e-6)
            assert float(exact.std()) > 0.01


def test_runs_of_another_seed_see_other_views_and_keep_them_apart(
    tmp_path: Path, crops: Image
) -> None:
    labels = np.arange(len(crops))
    made = [
        teacher_cache.CachedViews(tmp_path, crops, labels, VIEWS, seed=seed) for seed in (0, 0, 1)
    ]
    images = [source.batch(PLACES, NUMBERS)[0] for source in made]
    assert torch.equal(images[0], images[1])
    assert not torch.equal(images[0], images[2])
    live = MadeViews(crops, labels, VIEWS, seed=1).batch(PLACES, NUMBERS)[0]
    assert torch.equal(images[2], live)
    used = set(PLACES.tolist())
    assert len(files(tmp_path)) == 2 * len(used)


def test_a_teacher_run_in_parts_serves_every_view(
    tmp_path: Path, crops: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher_cache, "TOGETHER", 2)
    teacher = Counting()
    source = filled(tmp_path, crops, [teacher], count=5)
    everything = np.repeat(np.arange(3), 5), np.tile(np.arange(5), 3)
    _, (made,) = source.batch(*everything)
    _, (live,) = MadeViews(crops, source.labels, 5, [teacher]).batch(*everything)
    torch.testing.assert_close(made.features, live.features, rtol=2**-10, atol=1e-6)
    assert teacher.seen == 2 * 3 * 5


def test_a_second_run_asks_no_teacher(tmp_path: Path, crops: Image) -> None:
    first, second = Counting(), Counting()
    before = filled(tmp_path, crops, [first]).batch(PLACES, NUMBERS)
    assert first.seen == 3 * VIEWS
    source = filled(tmp_path, crops, [second])
    assert same(source.batch(PLACES, NUMBERS), before)
    assert second.seen == 0


def test_without_filling_a_batch_makes_what_it_needs(tmp_path: Path, crops: Image) -> None:
    teacher = Counting()
    unfilled = cached(tmp_path / "a", crops, [teacher]).batch(PLACES[:1], NUMBERS[:1])
    assert teacher.seen == VIEWS
    assert same(unfilled, filled(tmp_path / "b", crops, [teacher]).batch(PLACES[:1], NUMBERS[:1]))


def test_another_teacher_asks_only_itself_and_shares_the_views(
    tmp_path: Path, crops: Image
) -> None:
    filled(tmp_path, crops, [Counting(0)])
    before = {path: path.read_bytes() for path in files(tmp_path)}
    assert len(before) == 3 * 2
    old, new = Counting(0), Counting(1)
    new.teacher.name = old.teacher.name  # it is the weights that count
    filled(tmp_path, crops, [old, new])
    assert (old.seen, new.seen) == (0, 3 * VIEWS)
    assert len(files(tmp_path)) == 3 * 3
    assert all(path.read_bytes() == content for path, content in before.items())


def test_another_image_is_another_file_and_the_same_image_twice_is_one(
    tmp_path: Path, crops: Image
) -> None:
    teacher = Counting()
    filled(tmp_path, crops, [teacher])
    changed = crops.copy()
    changed[0, 100, 100, 0] ^= 1
    filled(tmp_path, changed, [teacher])
    assert len(files(tmp_path)) == 4 * 2
    source = filled(tmp_path, crops[[0, 1, 0, 0]], [teacher])
    assert teacher.seen == 4 * VIEWS
    assert len(files(tmp_path)) == 4 * 2
    images, _ = source.batch(np.array([0, 3]), np.array([1, 1]))
    assert torch.equal(images[0], images[1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), len(content) // 5):
        content[place] ^= 0x10
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "flipped": _flip,
    "zeros, as after a power cut": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "of another run": lambda path: path.write_bytes(path.read_bytes()[::-1]),
}


@pytest.mark.parametrize("refill", [False, True], ids=["read at once", "filled again first"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_files_are_made_again(
    tmp_path: Path, crops: Image, damage: Callable[[Path], object], refill: bool
) -> None:
    source = filled(tmp_path, crops, [Counting()])
    before = source.batch(PLACES, NUMBERS)
    for path in files(tmp_path):
        damage(path)
    if refill:
        source = filled(tmp_path, crops, [Counting()])
    assert same(source.batch(PLACES, NUMBERS), before)
    assert len(files(tmp_path)) == 3 * 2


@pytest.mark.parametrize(
    "place", [3, 4, 4 + 3 * 7 * 7, ANSWER_BYTES - 1, ANSWER_BYTES, 2 * ANSWER_BYTES - 1]
)
def test_one_flipped_bit_anywhere_asks_the_teacher_again(
    tmp_path: Path, crops: Image, place: int
) -> None:
    teacher = Counting()
    source = filled(tmp_path, crops[:1], [teacher])
    both = np.array([0, 0]), np.array([0, 1])
    before = source.batch(*both)
    (path,) = [path for path in files(tmp_path) if path.stat().st_size == VIEWS * ANSWER_BYTES]
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert same(source.batch(*both), before)
    assert teacher.seen == 2 * VIEWS
    assert same(source.batch(*both), before)
    assert teacher.seen == 2 * VIEWS


def test_the_folder_may_vanish_between_two_batches(tmp_path: Path, crops: Image) -> None:
    source = filled(tmp_path / "cache", crops, [Counting()])
    before = source.batch(PLACES, NUMBERS)
    shutil.rmtree(files(tmp_path / "cache")[0].parent)
    assert same(source.batch(PLACES, NUMBERS), before)
    shutil.rmtree(tmp_path / "cache")
    assert same(source.batch(PLACES, NUMBERS), before)


def test_a_file_that_another_run_throws_away_while_it_is_counted_raises_nothing(
    tmp_path: Path, crops: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = filled(tmp_path, crops, [Counting()])
    before = source.batch(PLACES, NUMBERS)
    touch = os.utime

    def too_late(path: Path, times: tuple[float, float]) -> None:
        path.unlink(missing_ok=True)
        touch(path, times)

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", too_late)
        assert list(source.fill())[-1] == (3, 3)
    assert not files(tmp_path)
    assert same(source.batch(PLACES, NUMBERS), before)


class _Endless(nn.Module):
    """A trunk whose first three channels no half can hold."""

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) -> (N, 8, 7, 7)."""
        maps = torch.full((len(images), 8, 7, 7), 0.5)
        maps[:, 0], maps[:, 1], maps[:, 2] = torch.inf, -torch.inf, 1e30
        return maps


def test_infinities_become_the_largest_half(tmp_path: Path, crops: Image) -> None:
    teacher = Counting()
    teacher.teacher.trunk = _Endless()
    teacher.get_parameter("teacher.head.weight").data = torch.eye(3, 8)
    # The head itself gets no infinity: 0 times that is no number
    teacher.teacher.dropout = nn.Hardtanh(-1e38, 1e38)
    _, (made,) = filled(tmp_path, crops, [teacher]).batch(PLACES, NUMBERS)
    assert made.logits[0].tolist() == [65504.0, -65504.0, 65504.0]
    assert made.features[0, :4, 0, 0].tolist() == [65504.0, -65504.0, 65504.0, 0.5]


def test_filling_stops_when_it_is_told_to_and_resumes_later(
    tmp_path: Path, crops: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher_cache, "TOGETHER", VIEWS)  # one image at a time
    first, second = Counting(), Counting()
    seen: list[tuple[int, int]] = []
    for progress in cached(tmp_path, crops, [first]).fill(lambda: len(seen) == 2):
        seen.append(progress)
    assert seen == [(1, 3), (2, 3)]
    assert first.seen == 2 * VIEWS
    filled(tmp_path, crops, [second])
    assert second.seen == VIEWS


def test_the_teacher_stays_in_eval_and_gets_no_gradient(tmp_path: Path, crops: Image) -> None:
    teacher = Counting()
    nn.ModuleList([teacher]).train()
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    _, (made,) = filled(tmp_path, crops, [teacher]).batch(PLACES, NUMBERS)
    _, (live,) = MadeViews(crops, np.arange(3), VIEWS, [teacher]).batch(PLACES, NUMBERS)
    assert teacher.modes == {False}
    for output in (made, live):
        assert not output.logits.requires_grad
        assert not output.features.requires_grad
    assert all(
        parameter.grad is None and not parameter.requires_grad for parameter in teacher.parameters()
    )
    assert all(torch.equal(tensor, before[name]) for name, tensor in teacher.state_dict().items())


def test_the_folder_is_marked_for_backups_to_leave_out(tmp_path: Path, crops: Image) -> None:
    cached(tmp_path / "deep" / "cache", crops)
    tag = (tmp_path / "deep" / "cache" / "CACHEDIR.TAG").read_text()
    # Https://bford.info/cachedir/
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_no_link_is_written_through(tmp_path: Path, crops: Image) -> None:
    """In a folder that others may write: where files lie, and at the names of earlier versions."""
    filled(tmp_path / "first", crops)
    names = [path.relative_to(tmp_path / "first") for path in files(tmp_path / "first")]
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"a file of somebody")
    for name in (*names, Path("CACHEDIR.TAG")):
        planted = tmp_path / "second" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        if name.name != "CACHEDIR.TAG":
            planted.symlink_to(theirs)
        planted.with_name(f"{name.name}.{os.getpid()}.part").symlink_to(theirs)
    (tmp_path / "second" / "CACHEDIR.TAG").symlink_to(tmp_path / "not there")
    filled(tmp_path / "second", crops)
    assert theirs.read_bytes() == b"a file of somebody"
    assert not (tmp_path / "not there").exists()
