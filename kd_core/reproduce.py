"""The paper's table on any data set: teachers, the student alone, and each scheme, over seeds. Goes on where it was stopped.

Every row of every seed is a run of its own in OUT/seed-N/ROW; its logits and scores are kept in result.json and logits.npz, and a
row whose result carries the fingerprint of today's settings and data is not run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.checkpoint import write_atomically
from kd_core.contract.config import SCHEMES, LossWeights, TrainConfig
from kd_core.contract.errors import DataError
from kd_core.contract.events import PartStarted, RunEvent
from kd_core.datasets.labelled import DataSet
from kd_core.models.student import Student
from kd_core.resume import fingerprint_of
from kd_core.run import NamedTeacher, Place, Run, TeacherRun
from kd_core.teacher_folder import load_teacher
from kd_core.train import logits_of

RESULT, LOGITS = "result.json", "logits.npz"


@dataclass(frozen=True)
class Row:
    """A line of the table: a teacher to fine-tune (``backbone``), or a student with its settings."""

    name: str
    config: TrainConfig
    backbone: str = ""
    taught: bool = False


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of a row gave."""

    fingerprint: str
    version: str
    scores: dict[str, Any]
    parameters: dict[str, int]
    minutes: float
    training: dict[str, Any] = {}


def paper_rows(backbones: Sequence[str], teacher: TrainConfig, student: TrainConfig) -> list[Row]:
    """Each teacher; the student alone; response; feature; relation with the mean of features; relation with attention."""

    def taught(name: str, scheme: str, **changes: Any) -> Row:
        return Row(name, msgspec.structs.replace(student, losses=SCHEMES[scheme], **changes), taught=True)

    return [
        *(Row(f"teacher {name}", teacher, backbone=name) for name in backbones),
        Row("student alone", msgspec.structs.replace(student, losses=SCHEMES["alone"])),
        taught("response", "response"),
        taught("feature", "feature"),
        taught("relation, mean", "relation", fusion="mean"),
        taught("relation, attention", "relation", fusion="attention"),
    ]


def search_rows(backbones: Sequence[str], teacher: TrainConfig, student: TrainConfig, variants: dict[str, dict[str, Any]]) -> list[Row]:
    """Each teacher, then a student for each variant: a name and the settings it changes (``losses`` a dict of weights)."""
    rows = [Row(f"teacher {name}", teacher, backbone=name) for name in backbones]
    for name, changes in variants.items():
        losses = msgspec.convert(changes.get("losses", {}), LossWeights)
        rows.append(Row(name, msgspec.structs.replace(student, **{**changes, "losses": losses}), taught=losses != LossWeights()))
    return rows


class Reproduction:
    """All rows over all seeds. ``events`` works; ``results`` holds what is done, by row and seed."""

    def __init__(self, rows: Sequence[Row], seeds: Sequence[int], data: DataSet, place: Place) -> None:
        self.rows, self.seeds, self.data = rows, seeds, data
        self.results: dict[str, dict[int, Result]] = {row.name: {} for row in rows}
        self._place = place
        self._data_digest = fingerprint_of(data.train.squares, data.train.labels, data.val.labels, data.test.labels)

    def events(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[RunEvent]:
        """Run what is not done yet, teachers first. A stop leaves the row at hand to be gone on with."""
        for seed in self.seeds:
            for row in self.rows:
                if should_stop():
                    return
                config = msgspec.structs.replace(row.config, seed=seed)
                fingerprint = self._fingerprint(row, config)
                done = self._read(row, seed)
                if done is None or done.fingerprint != fingerprint:
                    yield PartStarted(f"{row.name}, seed {seed}")
                    done = yield from self._run(row, config, fingerprint, should_stop)
                if done is None:
                    return
                self.results[row.name][seed] = done

    def folder(self, row: Row, seed: int) -> Path:
        """Where a row's run of one seed lies."""
        return self._place.out / f"seed-{seed}" / row.name.replace(", ", "-").replace(" ", "-")

    def logits(self, name: str, seed: int) -> NDArray[np.float32]:
        """(N, C) on the test part."""
        row = next(row for row in self.rows if row.name == name)
        with np.load(self.folder(row, seed) / LOGITS) as file:
            made: NDArray[np.float32] = file["test"]
        return made

    def _run(self, row: Row, config: TrainConfig, fingerprint: str, should_stop: Callable[[], bool]) -> Any:
        out = self.folder(row, config.seed)
        out.mkdir(parents=True, exist_ok=True)
        place = Place(out, self._place.cache, self._place.cache_limit, self._place.device)
        begun = time.monotonic()
        if row.backbone:
            run: Run = TeacherRun(config, self.data, place, row.backbone, "imagenet")
        else:
            teachers = self._teachers(config.seed) if row.taught else []
            run = Run(config, self.data, place, teachers, name=row.name, scheme=row.name)
        yield from run.events(should_stop)
        if run.card is None or should_stop():
            return None
        learner = load_teacher(out, self.data.classes)[0] if row.backbone else _student(out, len(self.data.classes))
        test = logits_of(learner, self.data.test.squares) if len(self.data.test.labels) else np.zeros((0, 0), np.float32)
        np.savez(out / LOGITS, test=test)
        counts = run.card.training["parameters"]
        result = Result(
            fingerprint=fingerprint,
            version=run.card.version,
            scores=run.card.scores,
            parameters=counts,
            minutes=(time.monotonic() - begun) / 60,
            training=run.card.training,
        )
        try:
            write_atomically(out / RESULT, msgspec.json.encode(result))
        except OSError as error:
            raise DataError(f"{out} cannot be written: {error.strerror}.", "Free some space and start the same command again.") from error
        return result

    def _teachers(self, seed: int) -> list[NamedTeacher]:
        return [NamedTeacher(*load_teacher(self.folder(row, seed), self.data.classes)) for row in self.rows if row.backbone]

    def _read(self, row: Row, seed: int) -> Result | None:
        try:
            return msgspec.json.decode((self.folder(row, seed) / RESULT).read_bytes(), type=Result)
        except (OSError, msgspec.DecodeError):
            return None

    def _fingerprint(self, row: Row, config: TrainConfig) -> str:
        taught_by = [self.results[other.name][config.seed].version for other in self.rows if other.backbone] if row.taught else []
        return fingerprint_of(config, row.backbone, self._data_digest, *taught_by)


def _student(folder: Path, class_count: int) -> Student:
    from kd_core.checkpoint import load_weights
    from kd_core.contract.model_card import WEIGHTS_NAME

    return load_weights(folder / WEIGHTS_NAME, class_count)
