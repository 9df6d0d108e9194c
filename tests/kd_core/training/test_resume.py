"""A run that was stopped, killed or ran out of disk resumes from its last epoch and ends with
the same weights, bit by bit.
"""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from kd_core.models.reused_head import TeacherHead
from kd_core.models.student import Student
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.events import EpochEnded, RunEvent
from kd_core.schema.student_shapes import RESIDUAL
from kd_core.schemes.scheme import Scheme
from kd_core.training.resume import (
    Progress,
    Resumable,
    fingerprint_of,
    optimiser_tensors,
    read_state,
    restore_optimiser,
    save_state,
)
from kd_core.training.trainer import Trainer
from tests.kd_core.fake_views import FakeViews
from tests.kd_core.tiny import coloured, events_of
from tests.places import REPOSITORY

Weights = dict[str, Tensor]
CONFIG = TrainConfig(
    epochs=3,
    batch_size=4,
    learning_rate=1e-2,
    warm_up_epochs=1,
    ema=0.8,
    views=2,
    precision="fp32",
    seed=5,
)
TAUGHT = LossWeights(cross_entropy=0.5, kl=0.5, hint=0.1, anchor=1.0, guide=1.0, fused_kl=0.5)
RUNS = {
    "adamw": CONFIG,
    "sgd": msgspec.structs.replace(CONFIG, optimiser="sgd"),
    "sgd without momentum": msgspec.structs.replace(CONFIG, optimiser="sgd", momentum=0.0),
    "growing images": msgspec.structs.replace(CONFIG, sizes="64:0.34,96:0.33,224"),
    "a fusion and adapters, adamw": msgspec.structs.replace(CONFIG, losses=TAUGHT),
    "a fusion by places": msgspec.structs.replace(
        CONFIG, losses=TAUGHT, fusion="places", weighting="attention", teacher_dropout=0.5
    ),
    "a fusion of two depths": msgspec.structs.replace(
        CONFIG, losses=TAUGHT, fusion="places", depths=2
    ),
    "heads reused": msgspec.structs.replace(CONFIG, losses=TAUGHT, head="reused"),
    "a fusion and adapters, sgd": msgspec.structs.replace(CONFIG, losses=TAUGHT, optimiser="sgd"),
}


def training(
    config: TrainConfig,
    path: Path | None,
    seed: int | None = None,
    run: str = "this run",
    shape: str = RESIDUAL,
) -> Trainer:
    """``seed`` other than the config's: the weights must then come from the state alone."""
    widths = (8, 12) if config.losses.hint else ()
    torch.manual_seed(config.seed if seed is None else seed)
    resumable = Resumable(path, run) if path else None
    heads = [TeacherHead(torch.ones(2, width), torch.zeros(2)) for width in widths]
    earlier = (5, 7) if config.depths == 2 else ()
    handed = [sum(pair) for pair in zip(widths, earlier, strict=True)] if earlier else widths
    return Trainer(
        Scheme(Student(2, shape), config, widths, (), earlier, heads),
        ("blue", "red"),
        FakeViews(10, handed),
        coloured(6, seed=1),
        resumable=resumable,
    )


def everything(made: Trainer) -> Weights:
    parts = {
        "best": made.best,
        "average": made.ema.model.state_dict(),
        "last": made.scheme.state_dict(),
    }
    return {
        f"{part} {name}": tensor.clone()
        for part, named in parts.items()
        for name, tensor in named.items()
    }


def same(left: Weights, right: Weights) -> bool:
    return left.keys() == right.keys() and all(
        torch.equal(left[name], right[name]) for name in left
    )


def epochs_of(made: Trainer, should_stop: Callable[[], bool] = lambda: False) -> list[EpochEnded]:
    """What each epoch said, but for how long it took."""
    return [
        msgspec.structs.replace(event, seconds=0.0)
        for event in events_of(made, should_stop)
        if isinstance(event, EpochEnded)
    ]


def after(batches: int) -> Callable[[], bool]:
    asked = iter(range(10_000))
    return lambda: next(asked) >= batches


@pytest.mark.parametrize("name", RUNS)
def test_a_run_stopped_after_any_epoch_ends_like_one_that_was_not(
    name: str, tmp_path: Path
) -> None:
    """Of three batches an epoch: stopped right after the first, and one batch after the second."""
    whole = training(RUNS[name], None)
    events = epochs_of(whole)
    for stop in (3, 7):
        path = tmp_path / f"{stop}.safetensors"
        assert epochs_of(training(RUNS[name], path), after(stop)) == events[: stop // 3]
        again = training(RUNS[name], path, seed=99)
        assert epochs_of(again) == events[stop // 3 :]
        assert same(everything(again), everything(whole))
        assert (again.best_scores, again.best_epoch) == (whole.best_scores, whole.best_epoch)


def test_a_best_epoch_before_the_stop_is_still_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranks = iter([0.9, 0.5, 0.6])
    monkeypatch.setattr(
        "kd_core.training.validation.macro_f1",
        lambda _: next(ranks),
    )
    first = training(CONFIG, tmp_path / "state")
    epochs_of(first, after(6))
    again = training(CONFIG, tmp_path / "state", seed=99)
    assert [event.epoch for event in epochs_of(again)] == [3]
    assert (again.best_epoch, again.best_scores["macro_f1"]) == (1, 0.9)
    assert same(again.best, first.best)


def test_a_run_that_had_ended_only_brings_its_weights_back(tmp_path: Path) -> None:
    whole = training(CONFIG, tmp_path / "state")
    epochs_of(whole)
    again = training(CONFIG, tmp_path / "state", seed=99)
    assert epochs_of(again) == []
    assert not again.stopped
    assert same(everything(again), everything(whole))


def killed_run(folder: Path) -> None:
    """What the child does: 24 crops in four epochs of six batches.

    Says each batch, and writes its weights in the end.
    """
    config = msgspec.structs.replace(CONFIG, epochs=4)
    torch.manual_seed(config.seed)
    state = Resumable(folder / "state", "killed")
    made = Trainer(
        Scheme(Student(2), config),
        ("blue", "red"),
        FakeViews(24),
        coloured(6, seed=1),
        resumable=state,
    )

    def said() -> bool:
        print("batch", flush=True)
        return False

    events_of(made, said)
    safetensors.torch.save_file(
        {name: tensor.contiguous() for name, tensor in everything(made).items()}, folder / "weights"
    )


def lives() -> None:
    """Started once, because importing torch takes longer than the run: forks a process that
    works in each folder it is told.
    """
    torch.set_num_threads(1)
    for line in sys.stdin:
        life = os.fork()
        if life == 0:
            killed_run(Path(line.strip()))
            os._exit(0)
        print(life, flush=True)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(life, 0)[1]), flush=True)


@contextmanager
def ancestor() -> Iterator[subprocess.Popen[str]]:
    code = "from tests.kd_core.training.test_resume import lives; lives()"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, **pipes
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def live(
    process: subprocess.Popen[str], folder: Path, kill_after: int = 0, moment: float = 0.0
) -> tuple[int, int]:
    """Batches begun and exit status of one life; killed ``moment`` seconds after it said its
    ``kill_after``-th batch.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    print(folder, file=process.stdin, flush=True)
    life, batches = int(process.stdout.readline()), 0
    while (line := process.stdout.readline()) == "batch\n":
        batches += 1
        if batches == kill_after:
            time.sleep(moment)
            os.kill(life, signal.SIGKILL)
    return batches, int(line.removeprefix("ended "))


@pytest.mark.slow
def test_a_process_killed_at_random_moments_ends_with_the_weights_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """Each of three lives lasts one to eight batches and a moment: too short to end the run,
    long enough for an epoch now and then.
    """
    generator = random.Random(8)
    killed, quiet = tmp_path / "killed", tmp_path / "quiet"
    killed.mkdir()
    quiet.mkdir()
    with ancestor() as process:
        for _ in range(3):
            assert (
                live(process, killed, generator.randint(1, 8), generator.uniform(0, 0.1))[1]
                == -signal.SIGKILL
            )
        assert (killed / "state").is_file()
        (batches, status), undisturbed = live(process, killed), live(process, quiet)
    assert status == 0
    assert undisturbed == (24, 0)
    assert batches < 24  # some epochs were not done again
    assert same(*(safetensors.torch.load_file(folder / "weights") for folder in (killed, quiet)))


def example(epoch: int = 1) -> tuple[dict[str, Weights], Progress]:
    progress = Progress(
        run="this run", epoch=epoch, steps=7 * epoch, best_epoch=1, best_scores={"macro_f1": 0.25}
    )
    return {
        "scheme": {"a.b": torch.full((2, 3), float(epoch))},
        "optimiser": {"0.step": torch.tensor(3.0)},
    }, progress


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["os.fsync", "os.replace"])
def test_on_a_full_disk_the_state_before_stays_and_the_sentence_says_what_to_do(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "state"
    save_state(path, *example(1))
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(call, full_disk)
        with pytest.raises(
            DataError,
            match=(
                r"cannot be written to .*: No space left on device\. Free some space and start the"
                r" same"
            ),
        ):
            save_state(path, *example(2))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["state"]
    found = read_state(path, "this run")
    assert found is not None
    assert found[1] == example(1)[1]


def test_a_run_that_ran_out_of_disk_resumes_when_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training(CONFIG, None)
    events = epochs_of(whole)
    made = training(CONFIG, tmp_path / "state")
    with monkeypatch.context() as patch:

        def fill_the_disk(event: RunEvent) -> None:
            if isinstance(event, EpochEnded):
                assert event.epoch == 1
                patch.setattr("os.replace", full_disk)

        with pytest.raises(DataError, match="No space left"):
            made.train(fill_the_disk)
    again = training(CONFIG, tmp_path / "state", seed=99)
    assert epochs_of(again) == events[1:]
    assert same(everything(again), everything(whole))


def test_what_is_written_is_what_is_read_and_a_half_written_file_beside_it_is_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state"
    assert read_state(path, "this run") is None
    (tmp_path / "state.0a1b.tmp").write_bytes(
        b"half"
    )  # as a kill in the middle of writing leaves it
    assert read_state(path, "this run") is None
    save_state(path, *example())
    found = read_state(path, "this run")
    assert found is not None
    assert found[1] == example()[1]
    assert {part: set(named) for part, named in found[0].items()} == {
        "scheme": {"a.b"},
        "optimiser": {"0.step"},
    }
    assert found[0]["scheme"]["a.b"].tolist() == [[1.0] * 3] * 2
    assert float(found[0]["optimiser"]["0.step"]) == 3


def test_the_state_of_another_run_is_not_resumed(tmp_path: Path) -> None:
    epochs_of(training(CONFIG, tmp_path / "state", run="another run"))
    assert read_state(tmp_path / "state", "this run") is None
    fresh = training(CONFIG, tmp_path / "state")
    assert [event.epoch for event in epochs_of(fresh)] == [1, 2, 3]
    assert read_state(tmp_path / "state", "this run") is not None


def test_settings_data_and_teachers_all_count_in_the_fingerprint() -> None:
    labels = np.array([0, 1, 1], np.int64)
    parts = (CONFIG, labels, "student", "teacher a")
    assert fingerprint_of(*parts) == fingerprint_of(
        msgspec.structs.replace(CONFIG), labels.copy(), "student", "teacher a"
    )
    rest = ("student", "teacher a")
    others: tuple[tuple[Any, ...], ...] = (
        (msgspec.structs.replace(CONFIG, seed=6), labels, *rest),
        (CONFIG, labels[::-1], *rest),
        (CONFIG, labels, "student", "b"),
        (CONFIG, labels, "student"),
        (CONFIG, labels, "studentteacher a"),
    )
    assert len({fingerprint_of(*parts), *(fingerprint_of(*other) for other in others)}) == 6


def test_a_damaged_state_is_refused_and_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "state"
    save_state(path, *example())
    whole = path.read_bytes()
    tensors = {"scheme/a": torch.zeros(1)}
    damaged = [b"", b"not safetensors at all", whole[:-4], whole[:40]]
    for metadata in (None, {"other": "x"}, {"progress": "{"}, {"progress": '{"run": "this run"}'}):
        damaged.append(safetensors.torch.save(tensors, metadata))
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(
            ModelError, match=r"is damaged\. Delete the file; the run then starts again\."
        ):
            read_state(path, "this run")


def test_a_state_of_this_run_with_other_tensors_is_refused_too(tmp_path: Path) -> None:
    """As one written by a version of the program in which the student had another shape."""
    save_state(tmp_path / "state", *example())
    with pytest.raises(
        ModelError,
        match=r"was written by another version.*Delete .*state; the run then starts again",
    ):
        training(CONFIG, tmp_path / "state").train()


@pytest.mark.parametrize("kind", ["adamw", "sgd", "sgd without momentum"])
def test_an_optimiser_comes_back_from_the_file_and_takes_the_same_steps(
    kind: str, tmp_path: Path
) -> None:
    def made() -> tuple[nn.Linear, torch.optim.Optimizer]:
        torch.manual_seed(1)
        model = nn.Linear(3, 2)
        if kind == "adamw":
            return model, torch.optim.AdamW(model.parameters(), 0.1)
        return model, torch.optim.SGD(
            model.parameters(), 0.1, momentum=0.9 if kind == "sgd" else 0.0
        )

    def step(model: nn.Linear, optimiser: torch.optim.Optimizer, number: int) -> None:
        optimiser.zero_grad()
        model(torch.full((1, 3), float(number))).square().sum().backward()
        optimiser.step()

    (model, optimiser), (other, fresh) = made(), made()
    for number in (1, 2):
        step(model, optimiser, number)
    names = {
        "adamw": ["exp_avg", "exp_avg_sq", "step"],
        "sgd": ["momentum_buffer"],
        "sgd without momentum": [],
    }[kind]
    tensors = optimiser_tensors(optimiser)
    assert sorted(tensors) == [f"{parameter}.{name}" for parameter in (0, 1) for name in names]
    save_state(
        tmp_path / "state", {"model": model.state_dict(), "optimiser": tensors}, example()[1]
    )
    found = read_state(tmp_path / "state", "this run")
    assert found is not None
    other.load_state_dict(found[0]["model"])
    restore_optimiser(fresh, found[0].get("optimiser", {}))
    for number in (3, 4):
        step(model, optimiser, number)
        step(other, fresh, number)
    assert same(dict(model.state_dict()), dict(other.state_dict()))
