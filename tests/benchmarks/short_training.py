"""Short trainings of students for trials: small images, validation alone, resumed after a kill.

What a trial asks is whether one thing differs, so everything else is the same in all of its runs:
images, views and their covers, seed, settings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import torch
from torch import nn

from kd_core.data.labelled import DataSet, load_data_set
from kd_core.data.mask_bank import bank_of
from kd_core.data.view_policy import ViewPolicy, policy_for
from kd_core.data.views import ViewSource
from kd_core.schema.config import TrainConfig
from kd_core.schema.events import EpochEnded, RunEvent
from kd_core.schema.json_text import read_json
from kd_core.schema.run_files import STATE_NAME
from kd_core.schemes.scheme import Scheme
from kd_core.training.resume import Resumable, run_fingerprint
from kd_core.training.trainer import Trainer
from kd_core.training.validation import LabelledCrops, logits_of
from tests.places import SHIPPED_MODELS


class TrialRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one training came to on validation; ``predicted``: class of each image, in order.

    ``minutes``: of the processor, views and teachers' logits not counted.
    """

    accuracy: float
    macro_f1: float
    epochs: int
    best_epoch: int
    minutes: float
    predicted: list[int]


def validation_data(source: Path, side: int) -> DataSet:
    """``source`` by the shipped split, as crops of ``side``; its test part is never scored here."""
    return load_data_set(
        source, split_file=SHIPPED_MODELS / "split.json", ignore_unknown=True, input_size=side
    )


def covering(data: DataSet) -> ViewPolicy:
    """The usual views, covered by masks of the whole training part."""
    return policy_for(data.train.crops.shape[1], bank_of(data.train.crops))


def train_short(
    make: Callable[[], nn.Module],
    config: TrainConfig,
    data: DataSet,
    views: ViewSource,
    folder: Path,
    *,
    policy: ViewPolicy,
    name: str,
    teacher_widths: Sequence[int] = (),
) -> TrialRun:
    """Train what ``make`` builds, or read what it came to in a run before.

    ``name`` tells runs of one folder and other learners or teachers apart.
    """
    done = folder / "result.json"
    if done.exists():
        return read_json(done, TrialRun)
    folder.mkdir(parents=True, exist_ok=True)
    train, val = data.train, LabelledCrops(data.val.crops, data.val.labels)
    torch.manual_seed(config.seed)
    scheme = Scheme(make(), config, teacher_widths)
    arrays = (train.crops, train.labels, val.crops, val.labels)
    state = Resumable(folder / STATE_NAME, run_fingerprint(config, policy, arrays, (name,)))
    trainer = Trainer(scheme, data.classes, views, val, resumable=state, strong_views=True)
    spent = _Spent(folder / "seconds.txt")
    trainer.train(spent.hear)
    scheme.learner.load_state_dict(trainer.best)
    made = TrialRun(
        accuracy=trainer.best_scores["accuracy"],
        macro_f1=trainer.best_scores["macro_f1"],
        epochs=config.epochs,
        best_epoch=trainer.best_epoch,
        minutes=round(spent.seconds / 60, 2),
        predicted=logits_of(scheme.learner, val.crops).argmax(axis=1).tolist(),
    )
    done.write_bytes(msgspec.json.encode(made))
    state.path.unlink(missing_ok=True)
    return made


class _Spent:
    """Seconds of the processor, over runs that were stopped too."""

    def __init__(self, path: Path) -> None:
        self._path, self._begun = path, time.process_time()
        self._before = float(path.read_text()) if path.exists() else 0.0

    @property
    def seconds(self) -> float:
        return self._before + time.process_time() - self._begun

    def hear(self, event: RunEvent) -> None:
        if isinstance(event, EpochEnded):
            self._path.write_text(f"{self.seconds:.1f}")
